import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SecretBox } from "../../../src/domain/accounts/secret-box.ts";
import type { Progress } from "../../../src/db/context.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { postJournal } from "../../../src/domain/ledger/sql.ts";
import { changeMemberStatus } from "../../../src/domain/members/status.ts";
import { interruptedError } from "../../../src/shared/errors.ts";
import type { Verdict } from "../../../src/shared/verdict.ts";
import { widthOf } from "../../../src/ui/table.ts";
import { verify } from "../../../src/verification/verify.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import {
  applyReview,
  groupsOf,
  lookAt,
  reviewQueue,
  type ReviewFilter,
  type ReviewSubject,
} from "../../../src/domain/withdrawals/review.ts";
import { addOne, newKey } from "../accounts/ground.ts";
import { ground, noon } from "../../support/money/ground.ts";
import { addMember, addMerchant, balanceOf, earn, grant, sell } from "../../support/money/people.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { registered } from "../../support/operators.ts";
import { accrueOnTerminal, keys, type TerminalSession } from "../../support/pty.ts";

const here = await ground();
let members = 0;
const memberWith = async (yuan: number): Promise<string> => {
  const memberNo = `M${(members += 1)}`;
  await addMember(here.db, memberNo);
  if (yuan > 0) await earn(here.db, memberNo, BigInt(yuan) * 100n);
  return memberNo;
};
const requestOf = async (memberNo: string, points: bigint, by = "alice") =>
  (await requestWithdrawal(here.as(by), { memberNo, points })).withdrawalNo;
/** A member of a story, and requests of so many points each, by alice. */
const storyOf = async (...points: readonly bigint[]) => {
  const memberNo = await memberWith(1_000_000);
  const numbers: string[] = [];
  for (const one of points) numbers.push(await requestOf(memberNo, one));
  return { memberNo, numbers };
};
const stateOf = async (withdrawalNo: string) => {
  const [row] = await here.db
    .sql`SELECT status, decided_by, reason, first_approved_by FROM withdrawals WHERE withdrawal_no = ${withdrawalNo}`;
  return row as unknown as {
    status: string;
    decidedBy: string | null;
    reason: string | null;
    firstApprovedBy: string | null;
  };
};
const statusesOf = async (numbers: readonly string[]) =>
  Promise.all(numbers.map(async (one) => (await stateOf(one)).status));
const review = (
  memberNo: string,
  {
    operator = "bob",
    args = [],
    env = {},
  }: { operator?: string; args?: readonly string[]; env?: Record<string, string> } = {},
) =>
  accrueOnTerminal(["withdrawal", "review", "--member", memberNo, ...args], {
    database: here,
    env: { ACCRUE_OPERATOR: operator, ...env },
  });
/** Waits for the screen and the question of a withdrawal, and answers. */
const answer = async (session: TerminalSession, withdrawalNo: string, typed: string) => {
  await session.expect(`Withdrawal ${withdrawalNo}`);
  await session.expect(`? ${withdrawalNo}`);
  await session.expect("quit (");
  session.send(typed + keys.enter);
};
const write = async (session: TerminalSession, typed = "w") => {
  await session.expect("write, back, discard (");
  session.send(typed + keys.enter);
};
const queueOf = async (filter: ReviewFilter, operator = "bob") => {
  const numbers: string[] = [];
  for await (const one of reviewQueue(here.as(operator), filter)) numbers.push(one);
  return numbers;
};
const approvals = (numbers: readonly string[]) =>
  new Map<string, Verdict>(numbers.map((one) => [one, { decision: "approve" }]));
const drainFund = (amountFen: bigint) =>
  inTransaction(here.db, (tx) =>
    postJournal(tx, { kind: "adjust", businessDate: "2026-03-05", operator: "carol", postedAt: new Date() }, [
      { account: "points_fund", amount: amountFen },
      { account: "platform_share", amount: -amountFen },
    ]),
  );

describe("a review at a terminal", () => {
  test("goes through what waits, oldest first, to and fro, and writes all of it at the end", async () => {
    const {
      memberNo,
      numbers: [first, second, third, fourth],
    } = await storyOf(10n, 20n, 30n, 40n);
    const session = review(memberNo);
    await answer(session, first!, "a");
    await answer(session, second!, "r");
    await session.expect("Why");
    session.send(keys.enter); // not after all
    await answer(session, second!, "r");
    await session.expect("Why");
    session.send(`名字不符${keys.enter}`);
    await answer(session, third!, "s");
    await answer(session, fourth!, "b");
    await answer(session, third!, "a");
    await answer(session, fourth!, "b");
    await answer(session, third!, "k");
    expect(session.screen).toContain("decided    approve; nothing is written yet");
    await answer(session, fourth!, "q");
    await session.expect("Decided, and not written yet: 3 withdrawals");
    await session.expect("approve  2 withdrawals, 40 points, 40.00 yuan gross, 38.00 net");
    await session.expect("reject   1 withdrawal, 20 points");
    await session.expect("skipped  1");
    expect(await statusesOf([first!, second!, third!, fourth!])).toEqual([
      "requested",
      "requested",
      "requested",
      "requested",
    ]);
    await write(session);
    await session.expect("rejected: 1 withdrawal, 20 points, 20.00 yuan gross, 19.00 net (名字不符)");
    await session.expect("approved: 2 withdrawals, 40 points");
    expect(await session.exit()).toBe(0);
    expect(await statusesOf([first!, second!, third!, fourth!])).toEqual([
      "approved",
      "rejected",
      "approved",
      "requested",
    ]);
    expect(await stateOf(second!)).toMatchObject({ decidedBy: "bob", reason: "名字不符" });
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 210_000n - 80n, heldPoints: 80n });
  });

  test("shows what a reviewer has to know", async () => {
    const box = new SecretBox(newKey());
    const [memberNo, other] = [await memberWith(0), await memberWith(0)];
    const shop = await addMerchant(here.db, "SHOP");
    for (const amountFen of [100_000n, 200_000n])
      await sell(here.db, memberNo, { amountFen, refundedFen: 30_000n, merchantId: shop });
    await grant(here.db);
    await addOne(here.as("alice", "2026-03-01T12:00:00+08:00"), box, {
      memberNo,
      number: "13800138000",
      isDefault: true,
    });
    await addOne(here.as("alice", "2026-03-01T12:00:00+08:00"), box, {
      memberNo: other,
      number: "13800138000",
      isDefault: true,
    });
    await decideWithdrawals(here.as("carol"), { name: "approve", withdrawalNos: [await requestOf(memberNo, 11n)] });
    const withdrawalNo = await requestOf(memberNo, 100n);
    const session = review(memberNo);
    await answer(session, withdrawalNo, "q");
    await session.expect("nothing was changed");
    expect(await session.exit()).toBe(0);
    const screen = session.screen
      .replaceAll(/(?<=alice, ).*/g, "…")
      .replaceAll(/W\d{8}/g, "W…")
      .replaceAll(/\bM\d+/g, "M…");
    expect(screen.trimStart()).toMatchInlineSnapshot(`
      "Withdrawal W…: 100 points, 100.00 yuan gross, 95.00 net
        requested  2026-03-05 12:00:00 by alice, …
        risk       the member is new
                   the payout account was added or made the default shortly before
                   all points come from one merchant
        member     M… 张*, active, since 2026-03-01
        balance    393 points available, 111 held
        account    alipay 138****8000
                   changed 2026-03-01, the same as of 1 other member
        bought     2 orders at 1 merchant, 3000.00 yuan, 20% refunded
                   504 points of 2 orders at SHOP merchant SHOP
        withdrew   1 other time, 0 paid
                   2026-03-05  W…  11 points, approved
      ✔ W… quit
      nothing was changed"
    `);
  });

  test("keeps to 80 columns and 24 lines, whatever the names, and however much speaks against it", async () => {
    const memberNo = `长${"号".repeat(40)}`;
    await addMember(here.db, memberNo, { name: "欧阳修远" });
    const shops = await Promise.all(["甲", "乙", "丙", "丁"].map((one) => addMerchant(here.db, one.repeat(50))));
    for (const merchantId of shops)
      await sell(here.db, memberNo, { amountFen: 1_000_000n, refundedFen: 900_000n, merchantId });
    await grant(here.db);
    const numbers = [];
    const operator = "审核员".repeat(20);
    await registered(here.db, [operator]);
    for (const points of [10n, 10n, 10n, 100n]) numbers.push(await requestOf(memberNo, points, operator));
    const session = review(memberNo);
    for (const withdrawalNo of numbers)
      await answer(session, withdrawalNo, withdrawalNo === numbers.at(-1) ? "q" : "s");
    expect(await session.exit()).toBe(0);
    const lines = session.screen.split("\n");
    expect(lines.filter((line) => widthOf(line) > 80)).toEqual([]);
    const starts = lines.flatMap((line, at) => (line.startsWith("Withdrawal W") ? [at] : []));
    expect(starts).toHaveLength(4);
    expect(Math.max(...starts.slice(1).map((at, index) => at - starts[index]!))).toBeLessThanOrEqual(24);
  });

  test("one's own request is shown as such, and cannot be approved", async () => {
    const memberNo = await memberWith(10_000);
    const withdrawalNo = await requestOf(memberNo, 10n, "bob");
    const session = review(memberNo);
    await session.expect("approve    no: it was requested by bob, who cannot approve it too");
    await session.expect("reject, skip, quit (");
    session.send(`a${keys.enter}`);
    await session.expect("isn't an available option");
    session.send(`${keys.backspace}q${keys.enter}`);
    await session.expect("nothing was changed");
    expect(await session.exit()).toBe(0);
    expect(await statusesOf([withdrawalNo])).toEqual(["requested"]);
  });

  test("a large one goes from the first approver to the second, and never back to the first", async () => {
    const {
      memberNo,
      numbers: [withdrawalNo],
    } = await storyOf(10_001n);
    const first = review(memberNo);
    await answer(first, withdrawalNo!, "a");
    expect(first.screen).toContain("approvals  0 of 2");
    await write(first);
    await first.expect("1 of them needs another approver");
    expect(await first.exit()).toBe(0);
    const again = review(memberNo, { operator: "bob" });
    await again.expect("nothing waits for your decision");
    expect(await again.exit()).toBe(0);
    const second = review(memberNo, { operator: "carol" });
    await second.expect("approvals  1 of 2, by bob");
    second.send(`a${keys.enter}`);
    await write(second);
    await second.expect("approved: 1 withdrawal");
    expect(await second.exit()).toBe(0);
    expect(await stateOf(withdrawalNo!)).toMatchObject({
      status: "approved",
      firstApprovedBy: "bob",
      decidedBy: "carol",
    });
  });

  test("what somebody else decided meanwhile is told and left as it is; the rest is written", async () => {
    const {
      memberNo,
      numbers: [first, second, third],
    } = await storyOf(10n, 20n, 30n);
    const session = review(memberNo);
    await session.expect(`? ${first}`);
    await decideWithdrawals(here.as("dora"), { name: "cancel", withdrawalNos: [second!] });
    session.send(`r${keys.enter}`);
    await session.expect("Why");
    session.send(`no${keys.enter}`);
    await session.expect(
      `withdrawal ${second} is cancelled already, by dora at 2026-03-05 12:00:00: nothing is left to do about it`,
    );
    await answer(session, third!, "a");
    await session.expect("not written yet: 2 withdrawals");
    await decideWithdrawals(here.as("dora"), { name: "approve", withdrawalNos: [first!] });
    await write(session);
    await session.expect("approved: 1 withdrawal, 30 points");
    await session.expect(`left as it is: withdrawal ${first} is approved already, by dora at 2026-03-05 12:00:00`);
    expect(await session.exit()).toBe(0);
    expect(await stateOf(first!)).toMatchObject({ status: "approved", decidedBy: "dora", reason: null });
    expect(await statusesOf([third!])).toEqual(["approved"]);
  });

  test.each(["at the first question", "at the question why", "at the summary"])(
    "Ctrl-C %s leaves nothing written",
    async (where) => {
      const { memberNo, numbers } = await storyOf(10n);
      const session = review(memberNo);
      if (where === "at the summary") {
        await answer(session, numbers[0]!, "a");
        await session.expect("write, back, discard (");
      } else if (where === "at the question why") {
        await answer(session, numbers[0]!, "r");
        await session.expect("Why");
      } else await session.expect("quit (");
      session.send(keys.ctrlC);
      expect(await session.exit()).toBe(130);
      expect(await statusesOf(numbers)).toEqual(["requested"]);
    },
  );

  test("from the summary one can go back, or discard it all; a reason is offered again", async () => {
    const { memberNo, numbers } = await storyOf(10n, 20n);
    const session = review(memberNo);
    await answer(session, numbers[0]!, "r");
    await session.expect("Why");
    session.send(`same reason${keys.enter}`);
    await answer(session, numbers[1]!, "s");
    await write(session, "b");
    await answer(session, numbers[1]!, "r");
    await session.expect("Why (same reason)");
    session.send(keys.enter);
    await session.expect("reject  2 withdrawals");
    await write(session, "d");
    await session.expect("nothing was changed");
    expect(await session.exit()).toBe(0);
    expect(await statusesOf(numbers)).toEqual(["requested", "requested"]);
  });

  test("--dry-run goes the same way and keeps nothing; stdout has the document alone", async () => {
    const { memberNo, numbers } = await storyOf(10n);
    const session = review(memberNo, { args: ["--dry-run", "--json"] });
    await answer(session, numbers[0]!, "a");
    await write(session);
    await session.expect(`"withdrawal_no":"${numbers[0]}"`);
    expect(await session.exit()).toBe(0);
    expect(await statusesOf(numbers)).toEqual(["requested"]);
  });

  test("an empty queue says so", async () => {
    const session = review(await memberWith(0));
    await session.expect("nothing waits for your decision");
    expect(await session.exit()).toBe(0);
  });

  test("NO_COLOR is honoured; a dumb terminal, --no-input and a pipe are told what to use instead", async () => {
    const { memberNo, numbers } = await storyOf(10n);
    const plain = review(memberNo, { env: { NO_COLOR: "1" } });
    await answer(plain, numbers[0]!, "q");
    expect(await plain.exit()).toBe(0);
    expect(plain.raw).not.toMatch(/\u001b\[[0-9;]*m/u);
    for (const options of [{ env: { TERM: "dumb" } }, { args: ["--no-input"] }]) {
      const session = review(memberNo, options);
      await session.expect("withdrawal approve");
      expect(await session.exit()).toBe(2);
    }
    const piped = await accrueInProcess(["withdrawal", "review", "--json"], { database: here });
    expect(piped.exitCode).toBe(2);
    expect(JSON.parse(piped.stderr)).toMatchObject({
      error: { code: "review_needs_terminal", hint: expect.stringContaining("accrue withdrawal list") },
    });
  });
});

describe("the queue of a review", () => {
  test("comes in pages and in order, each withdrawal once, and leaves out what this operator approved", async () => {
    const memberNo = await memberWith(10_000_000);
    const numbers: string[] = [];
    for (let no = 0; no < 103; no += 1) numbers.push(await requestOf(memberNo, 10n));
    const large = await requestOf(memberNo, 10_001n);
    await applyReview(here.as("bob"), approvals([large]));
    expect(await queueOf({ memberNo })).toEqual(numbers);
    expect(await queueOf({ memberNo }, "carol")).toEqual([...numbers, large]);
    expect(await queueOf({ memberNo, minGrossFen: 1_000_100n }, "carol")).toEqual([large]);
    const looked: number[] = [];
    const context = { ...here.as("carol"), onProgress: ({ done }: Progress) => void looked.push(done) };
    expect((await reviewQueue(context, { memberNo, risk: "many_refunds" }).next()).done).toBe(true);
    // The page behind one without any that is wanted is larger: here it has all the rest.
    expect(looked).toEqual([50]);
    expect(await applyReview(here.as("bob"), approvals(numbers.slice(-50)))).toMatchObject({
      overtaken: [],
      failure: undefined,
    });
    expect(await queueOf({ memberNo, risk: "unusual_amount" }, "carol")).toEqual([large]);
  });

  test("takes those that nothing, something or one thing speaks against", async () => {
    const risky = await storyOf(10n);
    const fine = await memberWith(10_000);
    await sell(here.db, fine, { amountFen: 100_000n });
    await here.db.sql.begin(
      "read write",
      (tx) => tx`UPDATE members SET registered_at = '2025-01-01' WHERE member_no = ${fine}`,
    );
    const withdrawalNo = await requestOf(fine, 10n);
    expect(await queueOf({ memberNo: risky.memberNo, risk: "any" })).toEqual(risky.numbers);
    expect(await queueOf({ memberNo: risky.memberNo, risk: "single_merchant" })).toEqual(risky.numbers);
    expect(await queueOf({ memberNo: risky.memberNo, risk: "many_refunds" })).toEqual([]);
    expect(await queueOf({ memberNo: fine, risk: "none" })).toEqual([withdrawalNo]);
    expect(await queueOf({ memberNo: fine, risk: "any" })).toEqual([]);
  });

  test("a withdrawal of a member who was frozen meanwhile can be looked at, not approved", async () => {
    const { memberNo, numbers } = await storyOf(10n);
    await changeMemberStatus(here.as("carol"), memberNo, "freeze", undefined);
    const subject = (await lookAt(here.as("bob"), numbers[0]!)) as ReviewSubject;
    expect(subject.refusal).toMatchObject({ code: "member_frozen" });
    const { decided, overtaken } = await applyReview(here.as("bob"), approvals(numbers));
    expect([decided, overtaken]).toEqual([
      [],
      [{ withdrawalNo: numbers[0], code: "member_frozen", reason: `belongs to member ${memberNo}, who is frozen` }],
    ]);
    expect(await lookAt(here.as("bob"), "W99999999")).toMatchObject({ code: "withdrawal_unknown" });
  });
});

describe("writing a review", () => {
  test("approvals that the fund does not cover are refused as a whole, and the rejections are written", async () => {
    const {
      numbers: [first, second],
    } = await storyOf(10n, 20n);
    const fundFen = 100_000_000_000n;
    await drainFund(fundFen);
    const verdicts = new Map<string, Verdict>([
      [first!, { decision: "approve" }],
      [second!, { decision: "reject", reason: "no" }],
    ]);
    const { decided, failure } = await applyReview(here.as("bob"), verdicts);
    await drainFund(-fundFen);
    expect(decided.map(({ request: { name }, count }) => [name, count])).toEqual([["reject", 1]]);
    expect(failure).toMatchObject({ code: "fund_insufficient" });
    expect(await statusesOf([first!, second!])).toEqual(["requested", "rejected"]);
  });

  test("told to stop in between, it says what is written by then, and writes no more", async () => {
    const {
      numbers: [first, second],
    } = await storyOf(10n, 20n);
    const stop = new AbortController();
    const clock = () => {
      stop.abort(interruptedError("SIGTERM"));
      return new Date(noon);
    };
    const verdicts = new Map<string, Verdict>([
      [first!, { decision: "approve" }],
      [second!, { decision: "reject", reason: "no" }],
    ]);
    const { decided, failure } = await applyReview({ ...here.as("bob"), clock, signal: stop.signal }, verdicts);
    expect(decided.flatMap(({ withdrawals }) => withdrawals)).toMatchObject([
      { withdrawalNo: second, status: "rejected" },
    ]);
    expect(failure).toMatchObject({ code: "interrupted" });
    expect(await statusesOf([first!, second!])).toEqual(["requested", "rejected"]);
  });

  test("each withdrawal is in one group, with its own verdict; approvals come last", () => {
    const verdict = fc.oneof(
      fc.constant<Verdict>({ decision: "approve" }),
      fc.constantFrom("a", "b").map((reason): Verdict => ({ decision: "reject", reason })),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), verdict), (verdicts) => {
        const groups = groupsOf(new Map(Object.entries(verdicts)));
        const back = groups.flatMap(({ name, reason, withdrawalNos }) =>
          withdrawalNos.map(
            (one) => [one, name === "approve" ? { decision: name } : { decision: name, reason }] as const,
          ),
        );
        expect(Object.fromEntries(back)).toEqual({ ...verdicts });
        expect(back).toHaveLength(Object.keys(verdicts).length);
        expect(groups.slice(0, -1).every(({ name }) => name === "reject")).toBe(true);
      }),
    );
  });

  test("of two reviewers who write about the same withdrawals each is decided once, and each reviewer is told of the other's", async () => {
    const { memberNo, numbers } = await storyOf(...Array.from({ length: 12 }, () => 10n));
    const mixed = (from: number) =>
      new Map<string, Verdict>(
        numbers.map((one, at) => [
          one,
          (at + from) % 3 === 0 ? { decision: "approve" } : { decision: "reject", reason: `no ${at % 2}` },
        ]),
      );
    const outcomes = await Promise.all([
      applyReview(here.as("bob"), mixed(0)),
      applyReview(here.as("carol"), mixed(1)),
    ]);
    const decided = outcomes.map((outcome) =>
      outcome.decided.flatMap(({ withdrawals }) => withdrawals.map(({ withdrawalNo }) => withdrawalNo)),
    );
    expect(decided.flat().toSorted()).toEqual(numbers.toSorted());
    for (const [index, { overtaken }] of outcomes.entries()) {
      expect(overtaken.map(({ withdrawalNo }) => withdrawalNo).toSorted()).toEqual(decided[1 - index]!.toSorted());
      expect(new Set(overtaken.map(({ code }) => code)).size).toBeLessThanOrEqual(1);
    }
    const approved = (await statusesOf(numbers)).filter((status) => status === "approved").length;
    expect((await balanceOf(here.db, memberNo)).heldPoints).toBe(BigInt(approved) * 10n);
    expect((await verify(here.as("auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});
