import { afterEach, describe, expect, test } from "vitest";
import { inTransaction, type Transaction } from "../../../src/db/database.ts";
import { runGrant, type GrantReport } from "../../../src/domain/grants/run.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { changeMemberStatus } from "../../../src/domain/members/status.ts";
import { verifyIdentity } from "../../../src/domain/members/verify-identity.ts";
import { verify } from "../../../src/verification/verify.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { adjustPoints } from "../../support/approved.ts";
import { setRate } from "../../support/rates.ts";
import { peopleIn, settle, take } from "../orders/scene.ts";
import { policyOn, putPolicy } from "../../../src/domain/policies/sql.ts";
import { record, tamper } from "../../support/money/people.ts";

const database = await testDatabase();
await peopleIn(database);

/** Every test has a member of its own; all share the database, and what one leaves in the feed the next run settles. */
let stories = 0;
let member = "";
async function newMember(
  status: "active" | "frozen" | "closed" = "active",
  on: TestDatabase = database,
): Promise<string> {
  stories += 1;
  member = `G${stories}`;
  await registerMember(on.context(), { name: "名", memberNo: member });
  if (status !== "active")
    await changeMemberStatus(on.context(), member, status === "frozen" ? "freeze" : "close", undefined);
  return member;
}

interface Bought {
  readonly no?: string;
  readonly amount: string;
  readonly refunded?: string;
  readonly status?: string;
  readonly paidAt?: string;
  readonly merchant?: string;
}

const buy = (
  { no = "1", amount, refunded = "", status = "paid", paidAt = "2026-02-01 10:00:00", merchant = "S1" }: Bought,
  on: TestDatabase = database,
) =>
  take(on, [
    `${member}-${no},${member},${merchant},${amount},${status},${status === "pending" ? "" : paidAt},${refunded},,`,
  ]);

const runFor = (businessDate: string, on: TestDatabase = database) => runGrant(on.context(), { businessDate });

const balance = async (on: TestDatabase = database) =>
  (
    await on.db.sql<{ availablePoints: bigint }[]>`
  SELECT available_points FROM balances JOIN members USING (member_id) WHERE member_no = ${member}`
  )[0]!.availablePoints;

const entries = async (on: TestDatabase = database) =>
  (
    await on.db.sql<{ story: string }[]>`
  SELECT kind || ' ' || available_points || ' of ' || net_fen || ' at ' || contribution_bps || 'x' || points_bps || ' on ' || business_date AS story
  FROM points_entries JOIN members USING (member_id) WHERE member_no = ${member} ORDER BY ref_id, entry_no`
  ).map(({ story }) => story);

const figures = (report: GrantReport) => ({ ...report, runId: undefined, dryRun: undefined });

afterEach(async () => {
  await settle(database);
  expect((await verify(database.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
});

describe("what a run grants", () => {
  test.each([
    ["100.00", 21n],
    ["150.00", 32n],
    ["2.38", 0n],
    ["2.39", 1n],
    ["0", 0n],
    ["100000000", 21_000_000n],
  ])("%s yuan: %s points", async (amount, points) => {
    await newMember();
    await buy({ amount });
    await runFor("2026-02-01");
    expect(await balance()).toBe(points);
  });

  test("a pending order earns nothing until it is paid, a closed one nothing", async () => {
    await newMember();
    await buy({ amount: "100", status: "pending" });
    await buy({ no: "2", amount: "100", status: "closed" });
    expect(await settle(database)).toMatchObject({ runId: undefined, orders: 0n });
    await buy({ amount: "100" });
    await settle(database);
    expect([await balance(), await entries()]).toEqual([21n, ["grant 21 of 10000 at 3000x7000 on 2026-03-02"]]);
  });

  test("partial refunds, before and after the first grant, net to the same as one", async () => {
    await newMember();
    await buy({ no: "1", amount: "150.00" });
    await buy({ no: "2", amount: "150.00", refunded: "1.00" });
    await buy({ no: "3", amount: "150.00", refunded: "99.99" });
    await settle(database);
    for (const refunded of ["3.33", "50", "99.99"]) {
      for (const no of ["1", "2"]) await buy({ no, amount: "150.00", refunded });
      await settle(database);
    }
    const sums = await database.db.sql`
      SELECT o.order_no, sum(e.available_points)::integer AS points, sum(e.contribution_fen)::integer AS contribution
      FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
      WHERE starts_with(o.order_no, ${`${member}-`}) GROUP BY 1 ORDER BY 1`;
    expect([...sums]).toEqual(
      ["1", "2", "3"].map((no) => ({ orderNo: `${member}-${no}`, points: 11, contribution: 1500 })),
    );
  });

  test.each([
    ["closed", { status: "closed", refunded: "100" }],
    ["refunded in full", { refunded: "100" }],
  ])("%s: everything is clawed back", async (_name, end) => {
    await newMember();
    await buy({ amount: "100" });
    await settle(database);
    await buy({ amount: "100", ...end });
    expect(await settle(database)).toMatchObject({
      pointsGranted: 0n,
      pointsClawedBack: 21n,
      contributionFen: -3_000n,
    });
    expect(await balance()).toBe(0n);
  });

  test("a clawback may take a balance below zero, and later grants fill it up first", async () => {
    await newMember();
    await buy({ amount: "100" });
    await settle(database);
    await verifyIdentity(database.context(), member);
    await requestWithdrawal(database.context(), { memberNo: member, points: 21n });
    await buy({ amount: "100", refunded: "100" });
    await settle(database);
    expect(await balance()).toBe(-21n);
    await buy({ no: "2", amount: "200" });
    await settle(database);
    expect(await balance()).toBe(21n);
  });
});

describe("which orders a run takes", () => {
  test("those up to and including its date; late ones of earlier dates with the next run", async () => {
    await newMember();
    await buy({ no: "1", amount: "100", paidAt: "2026-02-05 23:59:59" });
    await buy({ no: "2", amount: "100", paidAt: "2026-02-06 00:00:00" });
    expect(await runFor("2026-02-05")).toMatchObject({ orders: 1n });
    await buy({ no: "3", amount: "100", paidAt: "2026-02-01" });
    expect(await runFor("2026-02-05")).toMatchObject({ orders: 1n });
    expect(await runFor("2026-02-05")).toMatchObject({ runId: undefined, orders: 0n });
    expect(await runFor("2026-02-06")).toMatchObject({ orders: 1n });
    expect(await balance()).toBe(63n);
  });

  test("29 February is a day like others", async () => {
    await newMember();
    await buy({ amount: "100", paidAt: "2024-02-29 23:59:59" });
    expect(await runFor("2024-02-28")).toMatchObject({ orders: 0n });
    expect(await runFor("2024-02-29")).toMatchObject({ orders: 1n, businessDate: "2024-02-29" });
  });

  test("a second run has nothing to do, changes nothing, and names the run that did it", async () => {
    await newMember();
    await buy({ amount: "100" });
    const { runId } = await settle(database);
    const before = await dumpDatabase(database.db);
    expect(await settle(database)).toMatchObject({
      runId: undefined,
      orders: 0n,
      earlier: { runId, status: "complete" },
    });
    expect(await dumpDatabase(database.db)).toBe(before);
  });

  test("a dry run has the same figures, and keeps nothing: not even the run", async () => {
    await newMember();
    await buy({ amount: "150" });
    const before = await dumpDatabase(database.db);
    const runsBefore = (await database.db.sql`SELECT FROM grant_runs`).count;
    const rehearsal = await runGrant(database.context({ ending: "rollback" }), { businessDate: "2026-03-02" });
    expect(rehearsal).toMatchObject({ dryRun: true, runId: undefined, pointsGranted: 32n, orders: 1n });
    expect(await dumpDatabase(database.db)).toBe(before);
    expect((await database.db.sql`SELECT FROM grant_runs`).count).toBe(runsBefore);
    expect(figures(await settle(database))).toEqual(figures(rehearsal));
    expect(await runGrant(database.context({ ending: "rollback" }), { businessDate: "2026-03-02" })).toMatchObject({
      orders: 0n,
      runId: undefined,
      dryRun: true,
    });
  });
});

describe("whose orders", () => {
  test("a frozen member earns", async () => {
    await newMember("frozen");
    await buy({ amount: "100" });
    await settle(database);
    expect(await balance()).toBe(21n);
  });

  test("a closed member does not; what the orders would have earned is reported", async () => {
    await newMember("closed");
    await buy({ no: "1", amount: "100" });
    await buy({ no: "2", amount: "150" });
    await buy({ no: "3", amount: "0.01" });
    expect(await settle(database)).toMatchObject({
      orders: 0n,
      skippedOrders: 2n,
      skippedPoints: 53n,
      pointsGranted: 0n,
      contributionFen: 0n,
    });
    expect([await balance(), await entries()]).toEqual([0n, []]);
    const skips = await database.db
      .sql`SELECT points::integer, reason FROM grant_skips JOIN members USING (member_id) WHERE member_no = ${member} ORDER BY 1`;
    expect([...skips]).toEqual([0, 21, 32].map((points) => ({ points, reason: "member_closed" })));
    expect(await settle(database)).toMatchObject({ runId: undefined });
    await buy({ no: "1", amount: "100", refunded: "50" });
    expect(await settle(database)).toMatchObject({ orders: 0n, skippedOrders: 0n, skippedPoints: 0n }); // reported once, not at each refund
  });

  test("what a member earned before being closed is still clawed back when it is refunded", async () => {
    await newMember();
    await buy({ amount: "100" });
    await settle(database);
    await adjustPoints(database.context(), {
      memberNo: member,
      points: -21n,
      reasonClass: "forfeit",
      reference: `left ${member}`,
    });
    await changeMemberStatus(database.context(), member, "close", undefined);
    await buy({ amount: "100", refunded: "50" });
    await settle(database);
    expect(await balance()).toBe(-10n);
  });
});

describe("at which rates", () => {
  const rate = async (from: string, bps: number | null) => setRate(database.context(), "S2", bps, from);

  test("those in force on the day of payment, whenever the run is; and an order keeps those of its first grant", async () => {
    await newMember();
    await rate("2026-01-10", 2000);
    await rate("2026-01-20", 5000);
    await rate("2026-01-25", null);
    await buy({ no: "1", merchant: "S2", amount: "100", paidAt: "2026-01-09 23:59:59" });
    await buy({ no: "2", merchant: "S2", amount: "100", paidAt: "2026-01-10 00:00:00" });
    await buy({ no: "3", merchant: "S2", amount: "100", paidAt: "2026-01-20 00:00:00" });
    await buy({ no: "4", merchant: "S2", amount: "100", paidAt: "2026-01-25 00:00:00" });
    await settle(database);
    expect(await entries()).toEqual([
      "grant 21 of 10000 at 3000x7000 on 2026-03-02",
      "grant 14 of 10000 at 2000x7000 on 2026-03-02",
      "grant 35 of 10000 at 5000x7000 on 2026-03-02",
      "grant 21 of 10000 at 3000x7000 on 2026-03-02",
    ]);
    await rate("2026-01-10", 10_000);
    expect(await settle(database)).toMatchObject({ runId: undefined });
    await buy({ no: "2", merchant: "S2", amount: "100", paidAt: "2026-01-10 00:00:00", refunded: "50" });
    await settle(database);
    expect((await entries())[2]).toBe("clawback -7 of 5000 at 2000x7000 on 2026-03-02");
  });

  test("a new policy holds from its date on, and a grant delay keeps younger orders out until their return window has passed", async () => {
    const on = await cloneOf(database);
    await tamper(
      on,
      (tx) => tx`
      INSERT INTO policies SELECT '2026-02-10', 1000, 5000, 7, point_value_fen, fee_bps, min_withdrawal_points, max_withdrawal_points, max_daily_points, 'setup', '2026-01-01'
      FROM policies`,
    );
    await newMember("active", on);
    await buy({ no: "1", amount: "100", paidAt: "2026-02-09 23:59:59" }, on);
    await buy({ no: "2", amount: "100", paidAt: "2026-02-10 00:00:00" }, on);
    expect(await runFor("2026-02-09", on)).toMatchObject({ orders: 1n });
    expect(await runFor("2026-02-16", on)).toMatchObject({ orders: 0n });
    expect(await runFor("2026-02-17", on)).toMatchObject({ orders: 1n });
    expect(await entries(on)).toEqual([
      "grant 21 of 10000 at 3000x7000 on 2026-02-09",
      "grant 5 of 10000 at 1000x5000 on 2026-02-17",
    ]);
    await tamper(
      on,
      (tx) => tx`
      INSERT INTO policies SELECT '2026-02-09', 9000, 9000, 0, point_value_fen, fee_bps, min_withdrawal_points, max_withdrawal_points, max_daily_points, 'setup', '2026-01-01'
      FROM policies WHERE effective_from = '2026-02-10'`,
    );
    await buy({ no: "1", amount: "100", paidAt: "2026-02-09 23:59:59", refunded: "50" }, on);
    await runFor("2026-02-17", on);
    expect((await entries(on))[1]).toBe("clawback -10 of 5000 at 3000x7000 on 2026-02-17");
    await on.drop();
  });

  test("and an order keeps them even if they gave nothing: a rate that is set later, however far back, grants it nothing at its refund", async () => {
    await newMember();
    await rate("2026-01-25", 0);
    await buy({ no: "1", merchant: "S2", amount: "1000", paidAt: "2026-01-25 10:00:00" });
    await buy({ no: "2", merchant: "S1", amount: "0.01" });
    expect(await settle(database)).toMatchObject({ orders: 2n, pointsGranted: 0n, contributionFen: 0n });
    expect(await entries()).toEqual([
      "contribution 0 of 100000 at 0x7000 on 2026-03-02",
      "contribution 0 of 1 at 3000x7000 on 2026-03-02",
    ]);
    await rate("2026-01-25", 3000);
    await buy({ no: "1", merchant: "S2", amount: "1000", paidAt: "2026-01-25 10:00:00", refunded: "1" });
    expect(await settle(database)).toMatchObject({ orders: 0n, pointsGranted: 0n, contributionFen: 0n });
    expect(await balance()).toBe(0n);
  });

  test("so does an order that was passed over because its member was closed: what it would have earned does not grow later", async () => {
    await newMember("closed");
    await rate("2026-01-26", 0);
    await buy({ merchant: "S2", amount: "1000", paidAt: "2026-01-26 10:00:00" });
    expect(await settle(database)).toMatchObject({ skippedOrders: 0n, skippedPoints: 0n });
    await rate("2026-01-26", 3000);
    await buy({ merchant: "S2", amount: "1000", paidAt: "2026-01-26 10:00:00", refunded: "1" });
    expect(await settle(database)).toMatchObject({ skippedOrders: 0n, skippedPoints: 0n });
  });

  test("an order of which nothing is left at its first run leaves no entry: it stays at nothing", async () => {
    await newMember();
    await buy({ amount: "100" });
    await buy({ amount: "100", refunded: "100" });
    expect(await settle(database)).toMatchObject({ orders: 0n, pointsGranted: 0n });
    expect(await entries()).toEqual([]);
  });

  test("an order too small for a point still books what its merchant contributes", async () => {
    await newMember();
    await buy({ amount: "0.03" });
    expect(await settle(database)).toMatchObject({ orders: 1n, pointsGranted: 0n, contributionFen: 1n });
    expect(await entries()).toEqual(["contribution 0 of 3 at 3000x7000 on 2026-03-02"]);
    await buy({ amount: "0.03", refunded: "0.03" });
    await settle(database);
    expect((await entries()).at(-1)).toBe("contribution 0 of 0 at 3000x7000 on 2026-03-02");
  });
});

describe("a grant delay", () => {
  const setDelay = (on: TestDatabase, from: string, days: number) =>
    tamper(on, async (tx) => {
      const terms = await policyOn(tx, from);
      const set = { effectiveFrom: from, grantDelayDays: days, setBy: "setup", setAt: new Date("2026-01-01") };
      await putPolicy(tx as Transaction, { ...terms, ...set }, null);
    }).then(() => inTransaction(on.db, (tx) => record(tx, "policy.set", "policy", from)));

  test("never holds back a clawback of what was granted, before or after it was set", async () => {
    const on = await cloneOf(database);
    await newMember("active", on);
    await buy({ no: "1", amount: "100", paidAt: "2026-02-19" }, on);
    await runFor("2026-02-19", on);
    await setDelay(on, "2026-02-20", 30);
    await buy({ no: "1", amount: "100", paidAt: "2026-02-19", refunded: "50" }, on);
    expect(await runFor("2026-02-20", on)).toMatchObject({ orders: 1n, pointsClawedBack: 10n });
    // Granted by hand for a later date than today's order could be, were it not for a delay that is gone.
    await buy({ no: "2", amount: "100", paidAt: "2026-02-20" }, on);
    await setDelay(on, "2026-02-20", 0);
    expect(await runFor("2026-02-20", on)).toMatchObject({ orders: 1n, pointsGranted: 21n });
    await setDelay(on, "2026-02-20", 30);
    await buy({ no: "2", amount: "100", paidAt: "2026-02-20", refunded: "100" }, on);
    expect(await runGrant(on.context({ ending: "rollback" }), { businessDate: "2026-02-20" })).toMatchObject({
      orders: 1n,
      pointsClawedBack: 21n,
    });
    expect(await runFor("2026-02-20", on)).toMatchObject({ orders: 1n, pointsClawedBack: 21n });
    expect(await balance(on)).toBe(11n);
    await on.drop();
  });

  test("is the one that was in force on the day of payment, whatever holds on the day of the run", async () => {
    const on = await cloneOf(database);
    await newMember("active", on);
    await setDelay(on, "2026-02-10", 7);
    await setDelay(on, "2026-02-12", 0);
    await setDelay(on, "2026-02-14", 30);
    for (const [no, day] of [
      ["9", "09"],
      ["10", "10"],
      ["11", "11"],
      ["12", "12"],
      ["14", "14"],
    ] as const)
      await buy({ no, amount: "100", paidAt: `2026-02-${day}` }, on);
    const granted = async (date: string) => {
      const { orders } = await runFor(date, on);
      return orders;
    };
    expect(await granted("2026-02-12")).toBe(2n); // of the 9th and the 12th
    await buy({ no: "10", amount: "100", paidAt: "2026-02-10", refunded: "50" }, on);
    expect(await granted("2026-02-16")).toBe(0n); // a refund does not hasten the grant of what is left
    expect(await granted("2026-02-17")).toBe(1n);
    expect((await entries(on)).filter((entry) => entry.endsWith("02-17"))).toEqual([
      "grant 11 of 5000 at 3000x7000 on 2026-02-17",
    ]);
    expect(await granted("2026-03-02")).toBe(1n); // of the 11th; that of the 14th is due on 16 March
    expect((await verify(on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
    await on.drop();
  });
});

describe("which day it is", () => {
  const attempt = (zone: string, businessDate: string) =>
    runGrant(database.context({ zone, ending: "rollback" }), { businessDate }).then(
      () => "done",
      (error: { code: string }) => error.code,
    );

  test("is told by the platform's zone, not by the machine's", async () => {
    // The clock stands at 04:00 UTC on 2 March 2026.
    expect(await attempt("Asia/Shanghai", "2026-03-02")).toBe("done");
    expect(await attempt("Asia/Shanghai", "2026-03-03")).toBe("business_date_in_future");
    expect(await attempt("America/Los_Angeles", "2026-03-01")).toBe("done");
    expect(await attempt("America/Los_Angeles", "2026-03-02")).toBe("business_date_in_future");
    expect(await attempt("Pacific/Kiritimati", "2026-03-02")).toBe("done");
    expect(await attempt("Asia/Shanghai", "2026-02-29")).toBe("invalid_business_date");
    expect(await attempt("Asia/Shanghai", "0001-01-01")).toBe("done");
  });
});
