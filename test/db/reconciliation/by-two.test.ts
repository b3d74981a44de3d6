import { expect, test } from "vitest";
import { subjects } from "../../../src/cli/subjects.ts";
import { inTransaction, type Transaction } from "../../../src/db/database.ts";
import { approve } from "../../../src/domain/approvals/decide.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import type { Subject } from "../../../src/domain/approvals/subject.ts";
import { fundPosition } from "../../../src/domain/ledger/fund-sql.ts";
import { answerSubject } from "../../../src/domain/payouts/answer-subject.ts";
import { forcedMatchDocument, forcedMatchSubject } from "../../../src/domain/reconciliation/force-subject.ts";
import { matchByHand, unmatch } from "../../../src/domain/reconciliation/match.ts";
import { showLine } from "../../../src/domain/reconciliation/read.ts";
import { reconcile } from "../../../src/domain/reconciliation/run.ts";
import { reconVoidSubject } from "../../../src/domain/reconciliation/void-subject.ts";
import { confirmCollections } from "../../../src/domain/collections/decide.ts";
import { recordCollection } from "../../../src/domain/collections/record.ts";
import { lineNoOf } from "../../../src/domain/statements/model.ts";
import type { JsonObject } from "../../../src/shared/json.ts";
import { verify } from "../../../src/verification/verify.ts";
import { approved } from "../../support/approved.ts";
import { cloneOf, type TestDatabase } from "../../support/database.ts";
import { contextOf, ground } from "../../support/money/ground.ts";
import { addMerchant } from "../../support/money/people.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { transcript } from "../../support/transcript.ts";
import { account, fileOf, movesFrom, takeStatement } from "../statements/scene.ts";
import { answerPaid, moneyOf, sendPayouts } from "./scene.ts";

/**
 * Three payouts of 9.50 yuan, two of them paid; a collection of 50.00 that came in on icbc-8812; and a statement of
 * alipay-main that shows 9.30 leaving, 50.00 coming, and 7.00 of nobody's.
 */
const here = await ground();
await account(here.as("amy"), "alipay-main", "alipay");
await account(here.as("amy"), "icbc-8812");
await addMerchant(here.db, "S1");
const [first, second, third] = await sendPayouts(here, here.as("cashier"), 3);
await answerPaid(here.as("cashier"), [first!, second!]);
const slip = { merchantCode: "S1", receivedOn: "2026-03-05", proof: "slip", moneyAccount: "icbc-8812" };
for (const reference of ["T1", "T2"]) await recordCollection(here.as("amy"), { ...slip, amountFen: 5_000n, reference });
await confirmCollections(here.as("bob"), ["C00000001", "C00000002"]);
const moves = [-930n, 5_000n, 700n].map((fen, index) => ({ at: "2026-03-05 10:00:00", fen, no: `N${index}` }));
await takeStatement(here.as("amy"), "alipay-main", fileOf(movesFrom(0n, moves)));
const before = { bank: 14_770n, suspense: -4_770n, payouts_payable: -1_900n };

async function onClone(work: (on: TestDatabase) => Promise<void>): Promise<void> {
  const on = await cloneOf(here);
  try {
    expect(await moneyOf(on)).toEqual(before);
    await work(on);
    expect((await verify(contextOf(on.db, "auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    await on.drop();
  }
}

const force = (on: TestDatabase, lineId: bigint, ...things: string[]) =>
  approved(contextOf(on.db, "bob"), forcedMatchSubject, forcedMatchDocument(lineId, things));
const makeVoid = (on: TestDatabase, no: string) => approved(contextOf(on.db, "bob"), reconVoidSubject, { no });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    ({ code }: { code: string }) => code,
  );
const lostOf = async (on: TestDatabase) =>
  (
    await on.db.sql<{ lost: bigint }[]>`
      SELECT coalesce(sum(amount), 0)::bigint AS lost FROM journal_lines WHERE account = 'write_offs'`
  )[0]!.lost;
const bankOf = async (on: TestDatabase) =>
  Object.fromEntries(
    (
      await on.db.sql<{ moneyAccount: string; amount: bigint }[]>`
        SELECT money_account, sum(amount)::bigint AS amount FROM journal_lines WHERE account = 'bank' GROUP BY 1`
    ).map(({ moneyAccount, amount }) => [moneyAccount, Number(amount)]),
  );

test("a line of less than a payout is matched by two operators, and the difference is a gain until it is taken back", () =>
  onClone(async (on) => {
    const { result, basis } = await force(on, 1n, first!.detailNo);
    expect(basis).toMatchObject({ differs: ["amount"], difference_fen: "20" });
    expect(result).toEqual({ recon_no: "R00000001", written_off: "-0.20" });
    expect(await moneyOf(on)).toEqual({ bank: 14_770n, suspense: -5_700n, payouts_payable: -950n });
    expect(await lostOf(on)).toBe(-20n);
    const { matches } = await showLine(contextOf(on.db, "amy"), 1n);
    expect(matches.map(({ thing, thingNo, amountFen, proposalNo }) => [thing, thingNo, amountFen, proposalNo])).toEqual(
      [
        ["payout", first!.detailNo, -950n, "A00000001"],
        ["write_off", null, 20n, "A00000001"],
      ],
    );
    await unmatch(contextOf(on.db, "amy"), 1n, "another one");
    expect(await moneyOf(on)).toEqual(before);
    expect(await lostOf(on)).toBe(0n);
  }));

test("a collection that a statement of another account shows is matched by two operators, and banked there", () =>
  onClone(async (on) => {
    expect(await bankOf(on)).toEqual({ "alipay-main": 4_770, "icbc-8812": 10_000 });
    const { basis } = await force(on, 2n, "C00000001");
    expect(basis).toMatchObject({ differs: ["account"], difference_fen: "0" });
    expect(await bankOf(on)).toEqual({ "alipay-main": 4_770, "icbc-8812": 5_000 });
    await unmatch(contextOf(on.db, "amy"), 2n, "another one");
    expect(await bankOf(on)).toEqual({ "alipay-main": 4_770, "icbc-8812": 10_000 });
  }));

test("what one operator can match, or nobody, is not forced", () =>
  onClone(async (on) => {
    expect(await codeOf(force(on, 1n, third!.detailNo))).toBe("thing_not_expected");
    expect(await codeOf(force(on, 2n, first!.detailNo))).toBe("match_direction");
    expect(await codeOf(force(on, 99n, first!.detailNo))).toBe("line_unknown");
    await recordCollection(contextOf(on.db, "amy"), {
      ...slip,
      amountFen: 700n,
      reference: "T3",
      moneyAccount: "alipay-main",
    });
    await confirmCollections(contextOf(on.db, "bob"), ["C00000003"]);
    expect(await codeOf(force(on, 3n, "C00000003"))).toBe("match_not_refused");
    await reconcile(contextOf(on.db, "amy"));
  }));

test("a line of nobody's is void, and so is a payout that no statement will show; what was written off says so", () =>
  onClone(async (on) => {
    expect((await makeVoid(on, lineNoOf(3n))).basis).toEqual({ what: "line", amount_fen: "700" });
    await makeVoid(on, second!.detailNo);
    expect(await moneyOf(on)).toEqual({ bank: 14_770n, suspense: -4_070n, payouts_payable: -950n });
    expect(await lostOf(on)).toBe(-1_650n);
    expect(await codeOf(makeVoid(on, second!.detailNo))).toBe("thing_not_expected");
    expect(await codeOf(makeVoid(on, lineNoOf(3n)))).toBe("line_matched");
    // Both were paid to members, whatever statements show.
    const terms = { pointValueFen: 100n, pointsBps: 7000 };
    expect((await fundPosition(on.db.sql, terms)).payoutsFen).toBe(1_900n);
    await unmatch(contextOf(on.db, "amy"), 3n, "somebody wrote");
    expect(await lostOf(on)).toBe(-950n);
  }));

test("a collection that never came is taken back: the merchant owes it again", () =>
  onClone(async (on) => {
    await makeVoid(on, "C00000002");
    const [reversal] = await on.db.sql`
      SELECT collection_no, amount_fen, recorded_by, decided_by FROM collections WHERE reverses = 'C00000002'`;
    expect(reversal).toEqual({ collectionNo: "C00000003", amountFen: -5_000n, recordedBy: "pat", decidedBy: "bob" });
    expect(await moneyOf(on)).toEqual({ ...before, bank: 9_770n });
    expect(await codeOf(makeVoid(on, "C00000002"))).toBe("thing_not_expected");
    expect(await codeOf(makeVoid(on, "B00000001"))).toBe("thing_unknown");
  }));

test("how a payout ended is recorded by two operators where its channel says nothing", () =>
  onClone(async (on) => {
    const answer = (detailNo: string, status: "paid" | "failed", ref: string | null = null) =>
      approved(contextOf(on.db, "bob"), answerSubject, { detail_no: detailNo, status, channel_ref: ref });
    expect((await answer(third!.detailNo, "paid", "42")).basis).toMatchObject({ state: "sent", net_fen: "950" });
    expect(await moneyOf(on)).toEqual({ ...before, payouts_payable: -2_850n });
    expect(await codeOf(answer(third!.detailNo, "paid", "42"))).toBe("payout_answered");
    expect(await codeOf(answer(third!.detailNo, "failed"))).toBe("conflict_after_success");
    expect(await codeOf(answer("D00000099", "paid"))).toBe("payout_unknown");
    await force(on, 1n, third!.detailNo);
  }));

test("the database lets nobody force, void or take back what two operators did not agree on", () =>
  onClone(async (on) => {
    const refused = (statement: (tx: Transaction) => Promise<unknown>) =>
      inTransaction(on.db, statement).then(
        () => "done",
        ({ message }: { message: string }) => message,
      );
    await approved(contextOf(on.db, "bob"), reconVoidSubject, { no: lineNoOf(3n) });
    const act = (kind: string) =>
      refused(
        (tx) => tx`
        INSERT INTO reconciliations (recon_no, kind, operator, host, at, business_date, reason, proposal_no)
        SELECT 'R00000009', ${kind}, 'bob', 'test', now(), '2026-03-05', 'why', proposal_no FROM proposals`,
      );
    expect(await act("forced")).toMatch(/was applied as R00000009, and nobody approved it/u);
    expect(await act("match")).toMatch(/reconciliations_proposal_no/u);
    expect(
      await refused(
        (tx) => tx`
        INSERT INTO line_matches (match_id, line_id, thing, amount_fen, recon_no)
        VALUES (1, 1, 'write_off', -930, 'R00000009')`,
      ),
    ).toMatch(/cannot be matched with/u);
    expect(
      await refused(
        (tx) => tx`
        INSERT INTO voided_payouts (detail_no, net_fen, recon_no) VALUES (${first!.detailNo}, 950, 'R00000009')`,
      ),
    ).toMatch(/is void by no act/u);
    expect(
      await refused(
        (tx) => tx`
        INSERT INTO collections (collection_no, merchant_id, money_account, amount_fen, received_on, reference, proof,
          is_opening, reverses, state, recorded_by, recorded_at, decided_by, decided_at, business_date)
        SELECT 'C00000009', merchant_id, money_account, -amount_fen, received_on, reference, 'R00000001', false,
          collection_no, 'confirmed', 'amy', now(), 'eve', now(), business_date
        FROM collections WHERE collection_no = 'C00000001'`,
      ),
    ).toMatch(/which was not matched with it/u);
  }));

test("of two at once one is carried out: matches, matches taken back, forced, void, and ends of payouts", () =>
  onClone(async (on) => {
    const [amy, bob] = [contextOf(on.db, "amy"), contextOf(on.db, "bob")];
    const proposed = async <Document extends JsonObject>(subject: Subject<Document>, document: Document) =>
      (await propose(amy, subject, document, { reason: "as seen" })).proposal.proposalNo;
    const approving = (proposalNo: string) => approve(bob, subjects, proposalNo);
    const atOnce = async (...works: readonly Promise<unknown>[]) => (await Promise.all(works.map(codeOf))).toSorted();

    const forced = [
      await proposed(forcedMatchSubject, forcedMatchDocument(1n, [first!.detailNo])),
      await proposed(forcedMatchSubject, forcedMatchDocument(1n, [second!.detailNo])),
    ];
    expect(await atOnce(...forced.map(approving))).toEqual(["done", "line_matched"]);
    expect(await atOnce(unmatch(amy, 1n, "no"), unmatch(bob, 1n, "no"))).toEqual(["done", "line_not_matched"]);
    const either = [
      await proposed(forcedMatchSubject, forcedMatchDocument(1n, [first!.detailNo])),
      await proposed(reconVoidSubject, { no: first!.detailNo }),
    ];
    expect(await atOnce(...either.map(approving))).toEqual(["done", "thing_not_expected"]);
    const ends = [
      await proposed(answerSubject, { detail_no: third!.detailNo, status: "paid", channel_ref: null }),
      await proposed(answerSubject, { detail_no: third!.detailNo, status: "failed", channel_ref: null }),
    ];
    expect((await atOnce(...ends.map(approving))).filter((code) => code === "done")).toHaveLength(1);
    const slipOf = { ...slip, amountFen: 700n, reference: "T3", moneyAccount: "alipay-main" };
    await recordCollection(amy, slipOf);
    await confirmCollections(bob, ["C00000003"]);
    const match = () => matchByHand(amy, 3n, ["C00000003"], "theirs");
    expect(await atOnce(match(), match())).toEqual(["done", "line_matched"]);
  }));

test("the commands: what differs is proposed and approved, and what cannot be meant is told so", () =>
  onClone(async (on) => {
    const inProcess = { database: on, now: new Date("2026-03-05T12:00:00+08:00"), env: { ACCRUE_OPERATOR: "amy" } };
    const force = `accrue recon match L00000001 ${first!.detailNo} --force --reason 'the bank kept it'`;
    const unclear = [
      "accrue recon match L00000003 fee --force --reason why",
      `accrue recon match L00000003 ${second!.detailNo} --reason why --expires-in 3`,
    ];
    expect(
      await transcript(
        [
          `accrue recon match L00000001 ${first!.detailNo} --reason 'the bank kept it'`,
          `${force} --dry-run`,
          force,
          "accrue approval approve A00000001 --yes --operator bob",
          "accrue recon show L00000001",
          ...unclear,
        ],
        inProcess,
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue recon match L00000001 D00000001 --reason 'the bank kept it'
      ! error: of line L00000001 -9.30 yuan are open, less than the -9.50 it is matched with
      ! hint: nothing is matched beyond its amount: look at the numbers again
      [exit 4]

      $ accrue recon match L00000001 D00000001 --force --reason 'the bank kept it' --dry-run
      dry run: A00000001 proposed: match line L00000001 with D00000001 although they differ
        line       -9.30 yuan open, on alipay-main
        D00000001  -9.50 yuan
        differs    amount
        money      the platform gains the difference of 0.20 yuan (write_offs)
      it waits until <time> for another operator: accrue approval approve A00000001

      $ accrue recon match L00000001 D00000001 --force --reason 'the bank kept it'
      A00000001 proposed: match line L00000001 with D00000001 although they differ
        line       -9.30 yuan open, on alipay-main
        D00000001  -9.50 yuan
        differs    amount
        money      the platform gains the difference of 0.20 yuan (write_offs)
      it waits until <time> for another operator: accrue approval approve A00000001

      $ accrue approval approve A00000001 --yes --operator bob
      A00000001 approved: match line L00000001 with D00000001 although they differ
        recon no     R00000001
        written off  -0.20

      $ accrue recon show L00000001
      line L00000001 of alipay-main
        state      matched
        time       <time>
        amount     -9.30 yuan
        statement  import 9
      by         line       matched with  amount  how                          operator  at                   taken back
      R00000001  L00000001  D00000001      -9.50  A00000001: the bank kept it  bob       <time>
      R00000001  L00000001  write_off       0.20  A00000001: the bank kept it  bob       <time>

      $ accrue recon match L00000003 fee --force --reason why
      ! error: --force writes off by how much the line differs: there is no fee then
      ! hint: leave fee out, or --force
      [exit 2]

      $ accrue recon match L00000003 D00000002 --reason why --expires-in 3
      ! error: --expires-in is for what waits for another operator: a match with --force
      ! hint: leave it out, or give --force
      [exit 2]
      "
    `);
    for (const line of unclear) {
      const { exitCode, stderr } = await accrueInProcess([...line.split(" ").slice(1), "--json"], inProcess);
      expect([exitCode, JSON.parse(stderr)]).toMatchObject([2, { error: { code: "conflicting_options" } }]);
    }
  }));
