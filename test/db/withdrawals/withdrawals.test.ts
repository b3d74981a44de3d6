import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AccrueError } from "../../../src/shared/errors.ts";
import { dry } from "../../../src/db/context.ts";
import { connect, inTransaction, type Database } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import { applyDecisionPlan, decideWithdrawals, planDecision } from "../../../src/domain/withdrawals/decide.ts";
import { listWithdrawals } from "../../../src/domain/withdrawals/list.ts";
import { readPoints, withdrawalAmounts, withdrawalNoOf } from "../../../src/domain/withdrawals/model.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { showWithdrawal } from "../../../src/domain/withdrawals/show.ts";
import { verify } from "../../../src/verification/verify.ts";
import { isSameOperator } from "../../../src/shared/operator-names.ts";
import { accountTotals } from "../../../src/domain/ledger/totals-sql.ts";
import { setPolicy } from "../../support/approved.ts";
import { registered } from "../../support/operators.ts";
import { contextOf, ground } from "../../support/money/ground.ts";
import { addMember, balanceOf, earn } from "../../support/money/people.ts";

const here = await ground();
/** Another operator's own connections to the same database. */
const another = (): Database => connect(targetFromUrl(here.url)!);
let counter = 0;
/** A member with points of an order of so many yuan: 1000 yuan are 210 points. */
async function memberWith(yuan: number, facts: Parameters<typeof addMember>[2] = {}): Promise<string> {
  const memberNo = `M${(counter += 1).toString().padStart(8, "0")}`;
  await addMember(here.db, memberNo, facts);
  if (yuan > 0) await earn(here.db, memberNo, BigInt(yuan) * 100n);
  return memberNo;
}

async function refusalOf(work: Promise<unknown>): Promise<AccrueError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AccrueError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

const request = (memberNo: string, points: bigint, operator = "alice", at?: string) =>
  requestWithdrawal(here.as(operator, at), { memberNo, points });

/** Everything a refused command must leave as it was. */
const everything = () => here.db.sql`
  SELECT (SELECT count(*) FROM withdrawals) AS withdrawals, (SELECT count(*) FROM withdrawal_keys) AS keys, (SELECT count(*) FROM points_entries) AS entries,
         (SELECT count(*) FROM journal_lines) AS lines, (SELECT count(*) FROM operator_actions WHERE action <> 'withdrawal.refuse') AS actions,
         (SELECT sum(available_points)::text || '/' || sum(held_points)::text FROM balances) AS balances,
         (SELECT string_agg(withdrawal_no || status, ',' ORDER BY withdrawal_no) FROM withdrawals) AS statuses`;

describe("the withdrawal rule", () => {
  const policy = { pointValueFen: 100n, feeBps: 500 };

  test("pays 95.00 for 100 points, keeps a fee of 5.00, and takes all 100 points", async () => {
    expect(withdrawalAmounts(100n, policy)).toEqual({ grossFen: 10_000n, feeFen: 500n, netFen: 9_500n });
    const memberNo = await memberWith(1000);
    await request(memberNo, 100n);
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 110n, heldPoints: 100n });
  });

  test("is exact: the fee is the half-up rounding of the rational fee, and net and fee add up to gross", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        fc.bigInt({ min: 1n, max: 1_000_000n }),
        fc.integer({ min: 0, max: 9_999 }),
        (points, pointValueFen, feeBps) => {
          const { grossFen, feeFen, netFen } = withdrawalAmounts(points, { pointValueFen, feeBps });
          // |fee − gross·bps/10000| ≤ 1/2, and a half goes up: −1/2 < fee − exact ≤ 1/2, both sides times 20000.
          const twiceOff = 2n * (10_000n * feeFen - grossFen * BigInt(feeBps));
          return (
            grossFen === points * pointValueFen &&
            netFen + feeFen === grossFen &&
            -10_000n < twiceOff &&
            twiceOff <= 10_000n
          );
        },
      ),
    );
  });

  test("numbers withdrawals with eight digits, and with more when those are used up", () => {
    expect([withdrawalNoOf(7n), withdrawalNoOf(123_456_789n)]).toEqual(["W00000007", "W123456789"]);
  });

  test("takes whole numbers of points only", () => {
    expect(readPoints("0100")).toBe(100n);
    for (const text of ["", "0", "-5", "1.5", "1e3", "１００", "1234567890123"]) {
      expect(() => readPoints(text)).toThrow(`"${text}" is no number of points`);
    }
  });

  test("knows an operator whatever the case or width of the name", () => {
    expect([
      isSameOperator("Alice", "aLICE "),
      isSameOperator("Ａlice", "alice"),
      isSameOperator("Änne", "änne"),
      isSameOperator("alice", "bob"),
    ]).toEqual([true, true, true, false]);
  });
});

describe("requesting a withdrawal", () => {
  test("freezes its amounts, holds the points, posts the hold and records who asked", async () => {
    const memberNo = await memberWith(1000);
    const made = await request(memberNo, 100n);
    expect(made).toMatchObject({
      memberNo,
      points: 100n,
      grossFen: 10_000n,
      feeFen: 500n,
      netFen: 9_500n,
      availablePoints: 110n,
      businessDate: "2026-03-05",
      requestedBy: "alice",
    });
    const story = await showWithdrawal(here.as("bob"), made.withdrawalNo);
    expect(story.withdrawal).toMatchObject({
      status: "requested",
      memberNo,
      points: 100n,
      feeBps: 500,
      decidedBy: null,
    });
    expect(story.entries).toMatchObject([
      { entryNo: 1, kind: "hold", availablePoints: -100n, heldPoints: 100n, businessDate: "2026-03-05" },
    ]);
    expect(story.journal).toMatchObject([
      {
        kind: "hold",
        operator: "alice",
        lines: [
          { account: "points_available", unit: "points", amount: 100n },
          { account: "points_held", unit: "points", amount: -100n },
        ],
      },
    ]);
    expect(story.actions).toMatchObject([
      {
        operator: "alice",
        action: "withdrawal.request",
        details: { member_no: memberNo, points: 100, gross: "100.00" },
      },
    ]);
  });

  test("belongs to the business date of the platform's zone, not of the machine", async () => {
    const memberNo = await memberWith(1000);
    const made = await request(memberNo, 10n, "alice", "2026-03-05T23:30:00Z");
    expect(made.businessDate).toBe("2026-03-06");
  });

  test("as a dry run gives the same figures and keeps nothing", async () => {
    const memberNo = await memberWith(1000);
    const before = await everything();
    const made = await requestWithdrawal(dry(here.as("alice")), { memberNo, points: 100n });
    expect(made).toMatchObject({ points: 100n, netFen: 9_500n, availablePoints: 110n });
    expect(await everything()).toEqual(before);
  });

  test.each([
    ["an unknown member", async () => "M-nobody", 10n, "member_unknown", "there is no member M-nobody"],
    [
      "a frozen member",
      () => memberWith(1000, { status: "frozen" }),
      10n,
      "member_frozen",
      "is frozen: a frozen member cannot withdraw",
    ],
    [
      "a closed member",
      () => memberWith(1000, { status: "closed" }),
      10n,
      "member_closed",
      "is closed: a closed member cannot withdraw",
    ],
    [
      "an unverified identity",
      () => memberWith(1000, { isVerified: false }),
      10n,
      "identity_unverified",
      "is not verified",
    ],
    [
      "too few points for one withdrawal",
      () => memberWith(1000),
      9n,
      "withdrawal_below_minimum",
      "9 points are below the minimum of 10 for one withdrawal",
    ],
    [
      "too many points for one withdrawal",
      () => memberWith(1000),
      50_001n,
      "withdrawal_over_request_limit",
      "50001 points are over the limit of 50000 for one withdrawal",
    ],
    [
      "more points than there are",
      () => memberWith(1000),
      211n,
      "withdrawal_insufficient_points",
      "has 210 points available, 211 are asked for",
    ],
    [
      "points of a member without any",
      () => memberWith(0),
      10n,
      "withdrawal_insufficient_points",
      "has 0 points available, 10 are asked for",
    ],
  ])("is refused for %s, and nothing is changed", async (_what, member, points, code, message) => {
    const memberNo = await member();
    const before = await everything();
    const error = await refusalOf(request(memberNo, points));
    expect(error).toMatchObject({ kind: "refused", code });
    expect(error.message).toContain(message);
    expect(error.hint).toBeTruthy();
    expect(await everything()).toEqual(before);
  });

  test("is refused while a clawback has taken the balance below zero", async () => {
    const memberNo = await memberWith(0);
    await inTransaction(
      here.db,
      (tx) => tx`
      UPDATE balances SET available_points = -5, clawed_back_points = 5 WHERE member_id = (SELECT member_id FROM member_numbers WHERE member_no = ${memberNo})`,
    );
    expect((await refusalOf(request(memberNo, 10n))).message).toBe(
      `member ${memberNo} has -5 points available, 10 are asked for`,
    );
    await inTransaction(
      here.db,
      (tx) => tx`
      UPDATE balances SET available_points = 0, clawed_back_points = 0 WHERE member_id = (SELECT member_id FROM member_numbers WHERE member_no = ${memberNo})`,
    );
  });

  test("is refused over the day's limit, counts only what did not end without payment, and the next day is a new one", async () => {
    const memberNo = await memberWith(1_000_000); // 210,000 points
    const first = await request(memberNo, 50_000n);
    await request(memberNo, 49_000n);
    const error = await refusalOf(request(memberNo, 1_001n));
    expect(error).toMatchObject({ code: "withdrawal_over_daily_limit", hint: "1000 points are left for 2026-03-05" });
    expect(error.message).toBe(
      `member ${memberNo} requested 99000 points on 2026-03-05; 1001 more are over the limit of 100000 for one day`,
    );
    await request(memberNo, 1_001n, "alice", "2026-03-06T00:00:00+08:00");
    await request(memberNo, 1_000n);
    expect((await refusalOf(request(memberNo, 10n))).hint).toBe("request again on the next day");
    await decideWithdrawals(here.as("bob"), { name: "reject", withdrawalNos: [first.withdrawalNo], reason: "test" });
    await request(memberNo, 50_000n);
  });

  test("takes the policy that is in force on its business date", async () => {
    await setPolicy(here.as("bob"), {
      effectiveFrom: "2030-01-01",
      terms: { pointValueFen: 200n, feeBps: 1000, minWithdrawalPoints: 20n, twoApproversAboveFen: null },
    });
    const memberNo = await memberWith(1000);
    expect((await refusalOf(request(memberNo, 10n, "alice", "2030-01-01T00:00:00+08:00"))).code).toBe(
      "withdrawal_below_minimum",
    );
    expect(await request(memberNo, 20n, "alice", "2030-01-01T00:00:00+08:00")).toMatchObject({
      grossFen: 4_000n,
      feeFen: 400n,
      netFen: 3_600n,
    });
    expect(await request(memberNo, 10n, "alice", "2029-12-31T23:59:59+08:00")).toMatchObject({
      grossFen: 1_000n,
      feeFen: 50n,
    });
  });
});

describe("deciding on withdrawals", () => {
  const made = async (points = 100n, by = "alice") => (await request(await memberWith(1000), points, by)).withdrawalNo;

  test("approving moves them on and says by whom; the points stay held", async () => {
    const [first, second] = [await made(), await made(50n)];
    const approved = await decideWithdrawals(here.as("bob"), {
      name: "approve",
      withdrawalNos: [second, first, second],
    });
    expect(approved.map(({ withdrawalNo, status, decidedBy }) => [withdrawalNo, status, decidedBy])).toEqual([
      [first, "approved", "bob"],
      [second, "approved", "bob"],
    ]);
    const story = await showWithdrawal(here.as("bob"), first);
    expect(story.withdrawal).toMatchObject({ approvedBy: "bob", decidedAt: new Date("2026-03-05T04:00:00Z") });
    expect(story.entries.map(({ kind }) => kind)).toEqual(["hold"]);
    expect(story.actions.map(({ action, operator }) => [action, operator])).toEqual([
      ["withdrawal.request", "alice"],
      ["withdrawal.approve", "bob"],
    ]);
    expect(await balanceOf(here.db, story.withdrawal.memberNo)).toEqual({ availablePoints: 110n, heldPoints: 100n });
  });

  test.each(["reject", "cancel"] as const)(
    "a %s gives the points back, from requested and from approved",
    async (name) => {
      const memberNo = await memberWith(1000);
      const [first, second] = [
        (await request(memberNo, 100n)).withdrawalNo,
        (await request(memberNo, 30n)).withdrawalNo,
      ];
      await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [first] });
      const before = await accountTotals(here.db.sql);
      await decideWithdrawals(here.as("carol"), { name, withdrawalNos: [first, second], reason: "wrong account" });
      expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 210n, heldPoints: 0n });
      const story = await showWithdrawal(here.as("bob"), first);
      expect(story.withdrawal).toMatchObject({
        status: name === "reject" ? "rejected" : "cancelled",
        decidedBy: "carol",
        approvedBy: "bob",
        reason: "wrong account",
      });
      expect(story.entries).toMatchObject([
        { entryNo: 1, kind: "hold" },
        { entryNo: 2, kind: "release", availablePoints: 100n, heldPoints: -100n },
      ]);
      expect(story.journal.map(({ kind }) => kind)).toEqual(["hold", "release"]);
      expect(story.actions.at(-1)).toMatchObject({
        action: `withdrawal.${name}`,
        operator: "carol",
        details: { reason: "wrong account", gross: "100.00" },
      });
      const after = await accountTotals(here.db.sql);
      expect(after.points_held - before.points_held).toBe(130n);
      expect(after.points_available - before.points_available).toBe(-130n);
    },
  );

  test("as a dry run gives the same answer and keeps nothing", async () => {
    const withdrawalNo = await made();
    const before = await everything();
    expect(
      await decideWithdrawals(dry(here.as("bob")), { name: "approve", withdrawalNos: [withdrawalNo] }),
    ).toMatchObject([{ status: "approved", decidedBy: "bob" }]);
    expect(
      await decideWithdrawals(dry(here.as("bob")), { name: "reject", withdrawalNos: [withdrawalNo], reason: "x" }),
    ).toMatchObject([{ status: "rejected" }]);
    expect(await everything()).toEqual(before);
  });

  test("the maker is not the checker, but may cancel", async () => {
    const withdrawalNo = await made(100n, "alice");
    const error = await refusalOf(
      decideWithdrawals(here.as("alice"), { name: "approve", withdrawalNos: [withdrawalNo] }),
    );
    expect(error).toMatchObject({
      code: "maker_is_checker",
      message: `withdrawal ${withdrawalNo} was requested by alice, who cannot approve it too`,
    });
    await decideWithdrawals(here.as("alice"), { name: "cancel", withdrawalNos: [withdrawalNo] });
  });

  test("the database itself refuses a maker who is the checker", async () => {
    const withdrawalNo = await made();
    await expect(
      inTransaction(
        here.db,
        (tx) => tx`
      UPDATE withdrawals SET status = 'approved', approved_by = 'ALICE', decided_by = 'ALICE', decided_at = requested_at WHERE withdrawal_no = ${withdrawalNo}`,
      ),
    ).rejects.toThrow("withdrawals_maker_is_not_checker");
  });

  test("one that is decided already is refused, saying by whom and when", async () => {
    const withdrawalNo = await made();
    await decideWithdrawals(here.as("bob", "2026-03-05T15:04:05+08:00"), {
      name: "reject",
      withdrawalNos: [withdrawalNo],
      reason: "no",
    });
    const error = await refusalOf(
      decideWithdrawals(here.as("carol"), { name: "approve", withdrawalNos: [withdrawalNo] }),
    );
    expect(error).toMatchObject({
      code: "withdrawal_already_decided",
      message: `withdrawal ${withdrawalNo} is rejected already, by bob at 2026-03-05 15:04:05`,
    });
  });

  test("one that does not exist is refused", async () => {
    const error = await refusalOf(decideWithdrawals(here.as("bob"), { name: "cancel", withdrawalNos: ["W99999999"] }));
    expect(error).toMatchObject({ code: "withdrawal_unknown", message: "withdrawal W99999999 does not exist" });
    expect((await refusalOf(showWithdrawal(here.as("bob"), "W99999999"))).code).toBe("withdrawal_unknown");
  });

  test("several are decided all or none, and each that stands in the way is named with its reason", async () => {
    const [good, mine] = [await made(), await made(100n, "bob")];
    const before = await everything();
    const error = await refusalOf(
      decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [good, mine, "W99999999"] }),
    );
    expect(error.code).toBe("withdrawals_refused");
    expect(error.message).toBe(
      `2 of 3 withdrawals cannot be decided (approve), so none was:\n  withdrawal ${mine} was requested by bob, who cannot approve it too\n  withdrawal W99999999 does not exist`,
    );
    expect(error.details).toEqual({
      refused: [
        { withdrawal_no: mine, code: "maker_is_checker", reason: "was requested by bob, who cannot approve it too" },
        { withdrawal_no: "W99999999", code: "withdrawal_unknown", reason: "does not exist" },
      ],
    });
    expect(
      await refusalOf(planDecision(here.as("bob"), { name: "approve", withdrawalNos: [good, mine, "W99999999"] })),
    ).toEqual(error);
    expect(await everything()).toEqual(before);
  });

  test("names at most twenty, and counts the rest", async () => {
    const unknown = Array.from({ length: 23 }, (_, index) => `W9999${index + 1000}`);
    const error = await refusalOf(decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: unknown }));
    expect(error.message.split("\n")).toHaveLength(22);
    expect(error.message).toMatch(/\n {2}and 3 more$/);
  });

  test.each([
    ["frozen since", { status: "frozen" }, "member_frozen", "who is frozen"],
    ["closed since", { status: "closed" }, "member_closed", "who is closed"],
    ["no longer verified", { identity_verified_at: null }, "identity_unverified", "whose identity is not verified"],
  ])("a member who was %s is not approved, but can be rejected", async (_what, change, code, message) => {
    const withdrawalNo = await made();
    await inTransaction(
      here.db,
      (tx) => tx`
      UPDATE members SET ${tx(change)} WHERE member_id = (SELECT member_id FROM withdrawal_keys WHERE withdrawal_no = ${withdrawalNo})`,
    );
    const error = await refusalOf(
      decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] }),
    );
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    await decideWithdrawals(here.as("bob"), { name: "reject", withdrawalNos: [withdrawalNo], reason: "member" });
  });

  test("a race lost between the look and the update is told, not overwritten", async () => {
    const withdrawalNo = await made();
    await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] });
    let paying!: () => void;
    const wait = new Promise<void>((resolve) => (paying = resolve));
    const payout = inTransaction(here.db, async (tx) => {
      await tx`UPDATE withdrawals SET status = 'paying', decided_by = 'paymaster' WHERE withdrawal_no = ${withdrawalNo}`;
      await wait;
    });
    const late = refusalOf(
      decideWithdrawals(here.as("carol"), { name: "reject", withdrawalNos: [withdrawalNo], reason: "late" }),
    );
    await waitForLock();
    paying();
    await payout;
    expect((await late).message).toBe(
      `withdrawal ${withdrawalNo} is paying already, by paymaster at 2026-03-05 12:00:00`,
    );
    expect(await here.db.sql`SELECT status FROM withdrawals WHERE withdrawal_no = ${withdrawalNo}`).toEqual([
      { status: "paying" },
    ]);
  });

  test("a plan that somebody overtook is refused, even where the decision would still be possible", async () => {
    const withdrawalNo = await made();
    const plan = await planDecision(here.as("carol"), { name: "reject", withdrawalNos: [withdrawalNo], reason: "no" });
    await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] });
    expect(await refusalOf(applyDecisionPlan(here.as("carol"), plan))).toMatchObject({
      code: "withdrawal_already_decided",
      message: `withdrawal ${withdrawalNo} is approved already, by bob at 2026-03-05 12:00:00`,
    });
    await decideWithdrawals(here.as("carol"), { name: "reject", withdrawalNos: [withdrawalNo], reason: "seen it" });
  });

  async function waitForLock(): Promise<void> {
    for (;;) {
      const waiting = await here.db
        .sql`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      if (waiting.length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
});

describe("many operators at once", () => {
  test("ten deciders over the same withdrawals: each is decided once, and nine are told that they lost", async () => {
    const numbers: string[] = [];
    for (let member = 0; member < 8; member += 1) {
      const memberNo = await memberWith(1000);
      numbers.push((await request(memberNo, 40n)).withdrawalNo, (await request(memberNo, 50n)).withdrawalNo);
    }
    const deciders = Array.from({ length: 10 }, (_, index) => ({ db: another(), operator: `decider${index}`, index }));
    await registered(
      here.db,
      deciders.map(({ operator }) => operator),
    );
    const plans = await Promise.all(
      deciders.map(({ db, operator, index }) =>
        planDecision(contextOf(db, operator), {
          name: (["approve", "reject", "cancel"] as const)[index % 3]!,
          withdrawalNos: index % 2 === 0 ? numbers.toReversed() : numbers,
          reason: "race",
        }),
      ),
    );
    const outcomes = await Promise.all(
      deciders.map(({ db, operator, index }) =>
        applyDecisionPlan(contextOf(db, operator), plans[index]!)
          .then(
            (done) => done[0]!.decidedBy,
            (error: unknown) => (error as AccrueError).code,
          )
          .finally(() => db.close()),
      ),
    );
    const winners = outcomes.filter((outcome) => outcome?.startsWith("decider"));
    expect(winners).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "withdrawal_already_decided")).toHaveLength(9);
    expect(
      await here.db.sql`SELECT DISTINCT decided_by FROM withdrawals WHERE withdrawal_no IN ${here.db.sql(numbers)}`,
    ).toEqual([{ decidedBy: winners[0] }]);
  });

  test("two requests over one balance: one gets the points, the other is refused", async () => {
    const memberNo = await memberWith(1000);
    const [db1, db2] = [another(), another()];
    const outcomes = await Promise.allSettled(
      [db1, db2].map((db) => requestWithdrawal(contextOf(db, "alice"), { memberNo, points: 150n })),
    );
    await Promise.all([db1.close(), db2.close()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(outcomes.find((one) => one.status === "rejected")!.reason).toMatchObject({
      code: "withdrawal_insufficient_points",
    });
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 60n, heldPoints: 150n });
  });

  test("two requests of one number at the same moment are one request", async () => {
    const memberNo = await memberWith(1000);
    const [db1, db2] = [another(), another()];
    const made = await Promise.all(
      [db1, db2].map((db) =>
        requestWithdrawal(contextOf(db, "alice"), { memberNo, points: 100n, requestNo: "RACE-1" }),
      ),
    );
    await Promise.all([db1.close(), db2.close()]);
    expect(made.map(({ isNew }) => isNew).sort()).toEqual([false, true]);
    expect(new Set(made.map(({ withdrawalNo }) => withdrawalNo)).size).toBe(1);
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 110n, heldPoints: 100n });
  });

  test("requests at the same moment cannot pass the day's limit between them", async () => {
    const memberNo = await memberWith(1_000_000);
    const dbs = Array.from({ length: 5 }, () => another());
    const outcomes = await Promise.allSettled(
      dbs.map((db) =>
        requestWithdrawal(contextOf(db, "alice", "2026-04-01T12:00:00+08:00"), { memberNo, points: 40_000n }),
      ),
    );
    await Promise.all(dbs.map((db) => db.close()));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 130_000n, heldPoints: 80_000n });
  });
});

describe("listing withdrawals", () => {
  test("pages by number through all states, and every filter narrows", async () => {
    const memberNo = await memberWith(1000, { name: "李四" });
    const numbers: string[] = [];
    for (const [points, by, at] of [
      [10n, "dora", "2026-05-01"],
      [20n, "eve", "2026-05-02"],
      [30n, "dora", "2026-05-03"],
    ] as const) {
      numbers.push((await request(memberNo, points, by, `${at}T12:00:00+08:00`)).withdrawalNo);
    }
    await decideWithdrawals(here.as("bob"), { name: "reject", withdrawalNos: [numbers[1]!], reason: "no" });
    const listed = async (
      filter: Parameters<typeof listWithdrawals>[1],
      page: Parameters<typeof listWithdrawals>[2] = { limit: 50 },
    ) =>
      (await listWithdrawals(here.as("bob"), { memberNo, ...filter }, page)).rows.map(
        ({ withdrawalNo }) => withdrawalNo,
      );
    expect(await listed({})).toEqual(numbers);
    expect(await listed({ status: "requested" })).toEqual([numbers[0], numbers[2]]);
    expect(await listed({ from: "2026-05-02" })).toEqual([numbers[1], numbers[2]]);
    expect(await listed({ to: "2026-05-02" })).toEqual([numbers[0], numbers[1]]);
    expect(await listed({ minGrossFen: 2_000n, maxGrossFen: 2_000n })).toEqual([numbers[1]]);
    expect(await listed({ requestedBy: "DORA" })).toEqual([numbers[0], numbers[2]]);
    expect(await listed({ memberNo: "M-nobody" })).toEqual([]);
    const first = await listWithdrawals(here.as("bob"), { memberNo }, { limit: 2 });
    expect(first.next).toBe(numbers[1]);
    expect(await listed({}, { limit: 2, after: first.next! })).toEqual([numbers[2]]);
    expect((await listWithdrawals(here.as("bob"), { memberNo }, { limit: 3 })).next).toBeUndefined();
  });
});

describe("payout accounts of requests", () => {
  const accountOf = async (memberNo: string, accountId: bigint, at: string, isDefault: boolean) => {
    await inTransaction(
      here.db,
      (tx) => tx`
      INSERT INTO payout_accounts (member_id, account_id, channel, number_masked, key_id, number_sealed, holder_sealed, number_digest, is_default, default_at, added_by, added_at)
      SELECT member_id, ${accountId}, 'alipay', '***', '0123456789abcdef', decode(repeat('00', 40), 'hex'), decode(repeat('00', 40), 'hex'),
        decode(repeat(${accountId.toString().padStart(2, "0")}, 32), 'hex'), ${isDefault}, ${isDefault ? at : null}, 'x', ${at} FROM members WHERE member_no = ${memberNo}`,
    );
  };
  const accountIdOf = async (withdrawalNo: string) =>
    (await here.db.sql`SELECT account_id FROM withdrawals WHERE withdrawal_no = ${withdrawalNo}`)[0]!["accountId"];

  test("a request takes the member's default account, or the one it names; without any it still is taken", async () => {
    const memberNo = await memberWith(1000);
    expect(await accountIdOf((await request(memberNo, 10n)).withdrawalNo)).toBeNull();
    await accountOf(memberNo, 1n, "2026-01-01", true);
    await accountOf(memberNo, 2n, "2026-01-01", false);
    expect(await accountIdOf((await request(memberNo, 10n)).withdrawalNo)).toBe(1n);
    expect(
      await accountIdOf(
        (await requestWithdrawal(here.as("alice"), { memberNo, points: 10n, accountId: 2n })).withdrawalNo,
      ),
    ).toBe(2n);
    const listed = async (channel: string) =>
      (await listWithdrawals(here.as("bob"), { memberNo, channel }, { limit: 50 })).rows.length;
    expect([await listed("alipay"), await listed("bank")]).toEqual([2, 0]);
    expect(
      await refusalOf(requestWithdrawal(here.as("alice"), { memberNo, points: 10n, accountId: 3n })),
    ).toMatchObject({ code: "account_unknown" });
  });

  test("a request number stands for one request: the same again changes nothing, other content is refused", async () => {
    const [memberNo, other] = [await memberWith(1000), await memberWith(1000)];
    await accountOf(memberNo, 1n, "2026-01-01", true);
    await accountOf(memberNo, 2n, "2026-01-01", false);
    const ask = (facts: { memberNo?: string; points?: bigint; accountId?: bigint } = {}) =>
      requestWithdrawal(here.as("alice"), { memberNo, points: 10n, accountId: 2n, requestNo: "APP-1", ...facts });
    const made = await ask();
    expect(made).toMatchObject({ isNew: true, requestNo: "APP-1", availablePoints: 200n });
    await decideWithdrawals(here.as("bob"), { name: "reject", withdrawalNos: [made.withdrawalNo], reason: "no" });
    expect(await ask()).toMatchObject({
      isNew: false,
      withdrawalNo: made.withdrawalNo,
      status: "rejected",
      availablePoints: 210n,
    });
    expect(await refusalOf(ask({ memberNo: other }))).toMatchObject({
      code: "conflict_member",
      message: `request APP-1 is ${made.withdrawalNo} already: the request is known with another member`,
    });
    expect(await refusalOf(ask({ points: 11n }))).toMatchObject({ code: "conflict_points" });
    expect(await refusalOf(ask({ accountId: 1n }))).toMatchObject({ code: "conflict_account" });
    const { checks } = await verify(here.as("auditor"));
    const ofRequests = new Set(["decisions_recorded", "imports_match_rows", "keys_lead_to_rows"]);
    expect(checks.filter(({ name }) => ofRequests.has(name)).map(({ ok }) => ok)).toEqual([true, true, true]);
  });

  test("a member whose account was just added or made the default waits for the cooling-off of the policy", async () => {
    const memberNo = await memberWith(1000);
    await accountOf(memberNo, 1n, "2026-03-04T12:00:01+08:00", false);
    expect(await refusalOf(request(memberNo, 10n))).toMatchObject({
      code: "withdrawal_cooling_off",
      message: `a payout account of member ${memberNo} was added or made the default: the member can withdraw again from 2026-03-05 12:00:01`,
    });
    expect((await request(memberNo, 10n, "alice", "2026-03-05T12:00:01+08:00")).points).toBe(10n);
  });
});
