import { describe, expect, test } from "vitest";
import { matchByHand, unmatch } from "../../../src/domain/reconciliation/match.ts";
import { fundPosition } from "../../../src/domain/ledger/fund-sql.ts";
import { reconcile } from "../../../src/domain/reconciliation/run.ts";
import { setRule } from "../../../src/domain/reconciliation/set-rule.ts";
import { verify } from "../../../src/verification/verify.ts";
import { cloneOf, type TestDatabase } from "../../support/database.ts";
import { contextOf, ground } from "../../support/money/ground.ts";
import { transcript } from "../../support/transcript.ts";
import { recordCollection } from "../../../src/domain/collections/record.ts";
import { confirmCollections } from "../../../src/domain/collections/decide.ts";
import { addMerchant } from "../../support/money/people.ts";
import { account, fileOf, movesFrom, takeStatement, type Move } from "../statements/scene.ts";
import { answerPaid, moneyOf, sendPayouts } from "./scene.ts";

/** Three payouts of 9.50 yuan in one batch, two of them paid, on an account that begins with 1000.00. */
const here = await ground();
await account(here.as("amy"), "alipay-main", "alipay");
await account(here.as("amy"), "icbc-8812");
await addMerchant(here.db, "S1");
const [first, second, third] = await sendPayouts(here, here.as("cashier"), 3);
await answerPaid(here.as("cashier"), [first!, second!]);

type Line = Omit<Move, "balance" | "at"> & { readonly at?: string };
let numbers = 0;
const on = {
  amy: (db: TestDatabase, at?: string) => contextOf(db.db, "amy", at),
  statement: async (db: TestDatabase, lines: readonly Line[], moneyAccount = "alipay-main") => {
    const moves = movesFrom(
      100_000n,
      lines.map(({ at = "2026-03-05 10:00:00", ...line }) => ({ ...line, at, no: line.no ?? `N${(numbers += 1)}` })),
    );
    await takeStatement(contextOf(db.db, "amy"), moneyAccount, fileOf(moves));
  },
};

async function onClone(work: (db: TestDatabase) => Promise<void>): Promise<void> {
  const db = await cloneOf(here);
  try {
    await work(db);
    expect((await verify(contextOf(db.db, "auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    await db.drop();
  }
}

const differsOf = async (db: TestDatabase) =>
  (await db.db.sql<{ differs: string[] | null }[]>`SELECT differs FROM open_lines ORDER BY line_id`).map(
    ({ differs }) => differs,
  );
const rulesOf = async (db: TestDatabase) =>
  (
    await db.db.sql<
      { rule: string; thingNo: string | null }[]
    >`SELECT rule, thing_no FROM line_matches ORDER BY match_id`
  ).map(({ rule, thingNo }) => [rule, thingNo]);

test("what was paid is owed until a statement shows it leaving; matching moves it out of suspense", () =>
  onClone(async (db) => {
    expect(await moneyOf(db)).toEqual({ payouts_payable: -1_900n });
    await on.statement(db, [
      { fen: -950n, remark: `提现 ${first!.detailNo}` },
      { fen: 5_000n, remark: "谁的钱" },
    ]);
    expect(await moneyOf(db)).toEqual({ bank: 104_050n, suspense: -104_050n, payouts_payable: -1_900n });
    expect(await reconcile(on.amy(db))).toMatchObject({
      reconNo: "R00000001",
      openLines: 2,
      totals: [{ moneyAccount: "alipay-main", thing: "payout", matches: 1n, amountFen: -950n }],
    });
    expect(await moneyOf(db)).toEqual({ bank: 104_050n, suspense: -105_000n, payouts_payable: -950n });
    expect(await reconcile(on.amy(db))).toMatchObject({ reconNo: undefined, openLines: 1, totals: [] });
    // Seen leaving or not, both payouts were paid to members.
    expect(await fundPosition(db.db.sql, { pointValueFen: 100n, pointsBps: 7000 })).toMatchObject({
      payoutsFen: 1_900n,
    });
  }));

describe("the rules, in their order", () => {
  test("one line for a batch, several numbers in one line, the channel's own number, and its fees", () =>
    onClone(async (db) => {
      await db.db.sql.begin("read write", (tx) => tx`UPDATE expected_payouts SET channel_ref = NULL`);
      await on.statement(db, [{ fen: -1_900n, remark: first!.batchNo }]);
      await reconcile(on.amy(db));
      expect(await rulesOf(db)).toEqual([
        ["batch_no", first!.detailNo],
        ["batch_no", second!.detailNo],
      ]);
    }));

  test("a line that names two payouts is both of them", () =>
    onClone(async (db) => {
      await on.statement(db, [{ fen: -1_900n, remark: `${first!.detailNo}/${second!.detailNo}` }]);
      await reconcile(on.amy(db));
      expect(await rulesOf(db)).toEqual([
        ["payout_no", first!.detailNo],
        ["payout_no", second!.detailNo],
      ]);
    }));

  test("a collection by its reference, amount and account; not by its amount and date alone", () =>
    onClone(async (db) => {
      const collect = async (reference: string) => {
        const { collection } = await recordCollection(contextOf(db.db, "amy"), {
          merchantCode: "S1",
          amountFen: 5_000n,
          receivedOn: "2026-03-05",
          reference,
          proof: "slip",
          moneyAccount: "icbc-8812",
        });
        await confirmCollections(contextOf(db.db, "bob"), [collection.collectionNo]);
      };
      await collect("T1");
      await collect("T2");
      await on.statement(
        db,
        [
          { fen: 5_000n, no: "T1" },
          { fen: 5_000n, remark: "C00000002" },
          { fen: 5_000n, remark: "货款" },
        ],
        "icbc-8812",
      );
      await reconcile(on.amy(db));
      expect(await rulesOf(db)).toEqual([
        ["collection", "C00000001"],
        ["collection", "C00000002"],
      ]);
      expect(await moneyOf(db)).toEqual({ bank: 115_000n, suspense: -105_000n, payouts_payable: -1_900n });
    }));

  test("a rule that is off from a date on leaves that date's lines open, and those before it not", () =>
    onClone(async (db) => {
      await setRule(on.amy(db), { rule: "payout_no", isOn: false, from: "2026-03-06" });
      await on.statement(db, [
        { fen: -950n, remark: first!.detailNo },
        { fen: -950n, remark: second!.detailNo, at: "2026-03-06 10:00:00" },
      ]);
      await reconcile(on.amy(db, "2026-03-06T12:00:00+08:00"));
      expect(await rulesOf(db)).toEqual([["payout_no", first!.detailNo]]);
    }));
});

describe("what differs is named, and nothing is matched", () => {
  test.each([
    ["amount", { fen: -900n }, "alipay-main", 0],
    ["direction", { fen: 950n }, "alipay-main", 0],
    ["account", { fen: -950n }, "icbc-8812", 0],
    ["date", { fen: -950n, at: "2026-03-04 10:00:00" }, "alipay-main", 0],
    ["state", { fen: -950n }, "alipay-main", 2],
  ] as const)("%s", (differs, line, moneyAccount, which) =>
    onClone(async (db) => {
      await on.statement(db, [{ ...line, remark: [first, second, third][which]!.detailNo }], moneyAccount);
      expect(await reconcile(on.amy(db))).toMatchObject({ reconNo: undefined, differ: 1 });
      expect(await differsOf(db)).toEqual([[differs]]);
      expect(await reconcile(on.amy(db))).toMatchObject({ differ: 0 });
    }),
  );

  test("a payout that two lines name is neither's", () =>
    onClone(async (db) => {
      await on.statement(db, [
        { fen: -950n, remark: first!.detailNo },
        { fen: -950n, remark: first!.detailNo },
      ]);
      expect(await reconcile(on.amy(db))).toMatchObject({ reconNo: undefined });
      expect(await differsOf(db)).toEqual([["repeated"], ["repeated"]]);
    }));

  test("a payout whose answer comes late is matched then", () =>
    onClone(async (db) => {
      await on.statement(db, [{ fen: -950n, remark: third!.detailNo }]);
      await reconcile(on.amy(db));
      await answerPaid(contextOf(db.db, "cashier"), [third!]);
      expect(await reconcile(on.amy(db))).toMatchObject({ totals: [{ thing: "payout", matches: 1n }] });
    }));
});

test("the commands: a run, what is open, a match by hand, its undoing, and the rules", () =>
  onClone(async (db) => {
    await on.statement(db, [
      { no: "A1", fen: -950n, remark: first!.detailNo },
      { no: "A2", fen: -1_000n, remark: "转账" },
      { no: "A3", fen: -50n, counterparty: "支付宝" },
      { no: "A4", fen: 7_000n, remark: "货款" },
    ]);
    expect(
      await transcript(
        [
          "accrue recon rules",
          "accrue recon run --dry-run",
          "accrue recon run",
          "accrue recon run --json",
          "accrue recon list",
          "accrue recon list --totals",
          "accrue recon list --all --after L00000003 --fields no",
          "accrue recon list --state expected --json",
          `accrue recon match L00000002 ${second!.detailNo} --reason 'the remark was cut' --dry-run`,
          `accrue recon match L00000002 ${second!.detailNo} --reason 'the remark was cut'`,
          "accrue recon list --state partially_matched",
          "accrue recon match L00000002 fee --reason 'taken with it'",
          "accrue recon show L00000002",
          `accrue recon show ${second!.detailNo} --json`,
          "accrue recon unmatch L00000002 --reason 'it was another one'",
          "accrue recon show L00000002 --json",
          "accrue recon set-rule channel_fee --word 收费 --place 2",
          "accrue recon set-rule batch_no --switch off --from 2026-04-01 --dry-run --json",
          "accrue recon list --totals --json",
        ],
        { database: db, now: new Date("2026-03-05T04:00:00Z") },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue recon rules
      place  rule           on   from        until  what it takes
          1  payout_no      yes  0001-01-01         payouts whose numbers stand in the line and that come to its amount
          2  channel_ref    yes  0001-01-01         payouts that the channel knows by the line's number and that come to its amount
          3  batch_no       yes  0001-01-01         all payouts of a batch whose number stands in the line, if they come to its amount
          4  collection     yes  0001-01-01         a collection of the line's amount and account, by its number or reference
          5  channel_fee    yes  0001-01-01         money out that the channel calls its fee: 收费, 服务费, 手续费, 扣除交易手续费, fee
          6  bill_no        yes  0001-01-01         merchants' money for bills whose numbers stand in the line, if it comes to what is open of them
          7  payer_account  yes  0001-01-01         money from an account that is known of a merchant, if it comes to what is open of its bills

      $ accrue recon run --dry-run
      dry run, nothing kept
      account      matched with  matches  amount
      alipay-main  payout              1   -9.50

      $ accrue recon run
      reconciliation R00000001
      account      matched with  matches  amount
      alipay-main  payout              1   -9.50

      $ accrue recon run --json
      {"recon_no":null,"open_lines":3,"matched":[],"collections_made":0,"collections":[],"differ":0,"dry_run":false}

      $ accrue recon list
      no         state       account      date        age    amount    open  differs  says
      D00000002  expected                 2026-03-05  today   -9.50   -9.50           P00000001
      L00000002  unexpected  alipay-main  2026-03-05  today  -10.00  -10.00           转账
      L00000003  unexpected  alipay-main  2026-03-05  today   -0.50   -0.50           支付宝
      L00000004  unexpected  alipay-main  2026-03-05  today   70.00   70.00           货款

      $ accrue recon list --totals
      state       direction  age    count   open
      expected    out        today      1   9.50
      unexpected  in         today      1  70.00
      unexpected  out        today      2  10.50

      $ accrue recon list --all --after L00000003 --fields no
      no
      L00000004

      $ accrue recon list --state expected --json
      {"no":"D00000002","what":"payout","state":"expected","money_account":null,"business_date":"2026-03-05","age":"today","amount":"-9.50","open":"-9.50","differs":[],"says":"P00000001"}

      $ accrue recon match L00000002 D00000002 --reason 'the remark was cut' --dry-run
      dry run: matched line L00000002 with D00000002; -0.50 yuan of it are still open

      $ accrue recon match L00000002 D00000002 --reason 'the remark was cut'
      matched line L00000002 with D00000002; -0.50 yuan of it are still open

      $ accrue recon list --state partially_matched
      no         state              account      date        age    amount   open  differs  says
      L00000002  partially_matched  alipay-main  2026-03-05  today  -10.00  -0.50           转账

      $ accrue recon match L00000002 fee --reason 'taken with it'
      matched line L00000002 with fee

      $ accrue recon show L00000002
      line L00000002 of alipay-main
        state      matched
        time       <time>
        amount     -10.00 yuan
        remark     转账
        statement  import 9
      by         line       matched with  amount  how                          operator  at                   taken back
      R00000002  L00000002  D00000002      -9.50  by hand: the remark was cut  tester    <time>
      R00000003  L00000002  fee            -0.50  by hand: taken with it       tester    <time>

      $ accrue recon show D00000002 --json
      {"no":"D00000002","what":"payout","amount":"-9.50","expected":false,"matches":[{"recon_no":"R00000002","line":"L00000002","thing":"payout","no":"D00000002","amount":"-9.50","how":"manual","rule":null,"reason":"the remark was cut","operator":"tester","at":"<time>","undone_by":null,"undone_operator":null,"undone_at":null,"undo_reason":null}]}

      $ accrue recon unmatch L00000002 --reason 'it was another one'
      line L00000002 is open again: -10.00 yuan

      $ accrue recon show L00000002 --json
      {"line":"L00000002","money_account":"alipay-main","channel_no":"A2","occurred_at":"<time>","amount":"-10.00","balance":"980.50","kind":null,"counterparty":null,"counterparty_name":null,"reference":null,"channel_ref":null,"remark":"转账","state":"unexpected","open":"-10.00","differs":[],"matches":[{"recon_no":"R00000002","line":"L00000002","thing":"payout","no":"D00000002","amount":"-9.50","how":"manual","rule":null,"reason":"the remark was cut","operator":"tester","at":"<time>","undone_by":"R00000004","undone_operator":"tester","undone_at":"<time>","undo_reason":"it was another one"},{"recon_no":"R00000003","line":"L00000002","thing":"fee","no":null,"amount":"-0.50","how":"manual","rule":null,"reason":"taken with it","operator":"tester","at":"<time>","undone_by":"R00000004","undone_operator":"tester","undone_at":"<time>","undo_reason":"it was another one"}]}

      $ accrue recon set-rule channel_fee --word 收费 --place 2
      channel_fee is rule 2 from 2026-03-05 on: 收费

      $ accrue recon set-rule batch_no --switch off --from 2026-04-01 --dry-run --json
      {"rule":"batch_no","from":"2026-04-01","place":3,"on":false,"words":[],"dry_run":true}

      $ accrue recon list --totals --json
      {"state":"expected","direction":"out","age":"today","count":1,"open":"9.50"}
      {"state":"unexpected","direction":"in","age":"today","count":1,"open":"70.00"}
      {"state":"unexpected","direction":"out","age":"today","count":2,"open":"10.50"}
      "
    `);
  }));

test("what cannot be matched by hand is refused, each in its own words, and leaves nothing behind", () =>
  onClone(async (db) => {
    await on.statement(db, [{ fen: -950n, remark: first!.detailNo }, { fen: -500n }, { fen: 2_000n }]);
    await reconcile(on.amy(db));
    const before = await moneyOf(db);
    const refused = (work: Promise<unknown>) =>
      work.then(
        () => "done",
        (error: { code: string }) => error.code,
      );
    const match = (line: bigint, ...things: readonly string[]) => refused(matchByHand(on.amy(db), line, things, "why"));
    const { collection } = await recordCollection(on.amy(db), {
      merchantCode: "S1",
      amountFen: 2_000n,
      receivedOn: "2026-03-05",
      reference: "T9",
      proof: "slip",
      moneyAccount: "icbc-8812",
    });
    expect(await match(3n, collection.collectionNo)).toBe("thing_not_expected");
    await confirmCollections(contextOf(db.db, "bob"), [collection.collectionNo]);
    expect(await match(3n, collection.collectionNo)).toBe("match_account");
    expect(await match(99n, "fee")).toBe("line_unknown");
    expect(await match(1n, second!.detailNo)).toBe("line_matched");
    expect(await match(2n, "D99999999")).toBe("thing_unknown");
    expect(await match(2n, first!.detailNo)).toBe("thing_not_expected");
    expect(await match(2n, third!.detailNo)).toBe("thing_not_expected");
    expect(await match(2n, second!.detailNo)).toBe("match_too_large");
    expect(await match(3n, second!.detailNo)).toBe("match_direction");
    expect(await match(3n, "fee")).toBe("match_direction");
    expect(await match(2n, "fee", "fee")).toBe("thing_twice");
    expect(await refused(matchByHand(on.amy(db), 2n, ["fee"], " "))).toBe("invalid_reason");
    expect(await refused(unmatch(on.amy(db), 2n, "why"))).toBe("line_not_matched");
    expect(await refused(unmatch(on.amy(db), 99n, "why"))).toBe("line_unknown");
    expect(await refused(setRule(on.amy(db), { rule: "guess" }))).toBe("rule_unknown");
    expect(await refused(setRule(on.amy(db), { rule: "batch_no", words: ["x"] }))).toBe("rule_has_no_words");
    expect(await refused(setRule(on.amy(db), { rule: "batch_no", place: 101 }))).toBe("invalid_place");
    expect(await refused(setRule(on.amy(db), { rule: "batch_no", isOn: false, from: "2026-03-04" }))).toBe(
      "rule_in_past",
    );
    expect(await moneyOf(db)).toEqual({ ...before, bank: before["bank"]! + 2_000n });
  }));

test("the database itself refuses a line matched beyond its amount, a thing matched twice, and a match that is changed", () =>
  onClone(async (db) => {
    await on.statement(db, [{ fen: -950n, remark: first!.detailNo }, { fen: -950n }]);
    await reconcile(on.amy(db));
    const write = (text: string) =>
      db.db.sql
        .begin("read write", (tx) => tx.unsafe(text))
        .then(
          () => "written",
          (error: Error) => error.message,
        );
    const match = (line: number, thingNo: string, fen: number) =>
      write(
        `INSERT INTO line_matches VALUES (nextval('id_seq'), ${line}, 'payout', '${thingNo}', ${fen}, NULL, 'R00000001')`,
      );
    expect(await match(1, second!.detailNo, -950)).toBe("line 1 of -950 fen cannot be matched with -1900");
    expect(await match(2, first!.detailNo, -950)).toContain("line_matches_thing");
    expect(await write("UPDATE line_matches SET amount_fen = -1")).toContain(
      "a match is taken back, and never changed",
    );
    expect(await write("DELETE FROM line_matches")).toContain("line_matches");
    expect(await write("UPDATE reconciliations SET operator = 'nobody'")).toContain("reconciliations");
  }));
