import { beforeAll, describe, expect, test } from "vitest";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { showOrder } from "../../../src/domain/orders/show.ts";
import { runGrant } from "../../../src/domain/grants/run.ts";
import { waitsText } from "../../../src/cli/commands/grant/view.ts";
import { setPolicy } from "../../support/approved.ts";
import { importOrders } from "../../support/imports.ts";
import { verify } from "../../../src/verification/verify.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { balanceOf, tamper } from "../../support/money/people.ts";
import { at, day, endOfFebruary, pay, sold } from "../billing/scene.ts";
import { orderFile } from "../orders/scene.ts";

const here = await testDatabase();
beforeAll(async () => {
  await endOfFebruary(here);
  const boss = at(here, "2026-03-01", "boss");
  await setPolicy(boss, { effectiveFrom: "2026-03-01", terms: { grantOn: "collection" } });
});

/** What M1 earned in February, on paid orders: 1400.00 of S1 and 200.00 of S2. */
const ofFebruary = 336n;
const points = async (on: TestDatabase) => (await balanceOf(on.db, "M1")).availablePoints;
const waiting = async (on: TestDatabase) =>
  (
    await on.db.sql<{ orderNo: string }[]>`
  SELECT o.order_no FROM uncollected_orders u JOIN orders o USING (member_id, order_id) ORDER BY 1`
  ).map(({ orderNo }) => orderNo);
const isSound = async (on: TestDatabase, date: string) =>
  (await verify(at(on, date))).checks.filter(({ ok }) => !ok).map(({ name, violations }) => [name, violations]);

describe("an order that earns on collection", () => {
  test("is booked at once, and earns when its merchant has paid for that date", async () => {
    const on = await cloneOf(here);
    await importOrders(at(on, "2026-03-02"), {
      input: { path: orderFile([sold("C1", "S1", "2026-03-01"), sold("C2", "S2", "2026-03-01")]) },
    });
    const run = await runGrant(at(on, "2026-03-02"), { businessDate: "2026-03-01" });
    expect(run).toMatchObject({ orders: 2n, pointsGranted: 0n, contributionFen: 6_000n, waitingOrders: 2n });
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary, ["C1", "C2"]]);
    expect(await showOrder(at(on, "2026-03-02"), "C1", undefined)).toMatchObject({ waitsSince: "2026-03-01" });
    await day(on, "2026-03-01", []);
    expect(await isSound(on, "2026-03-02")).toEqual([]);
    // S1 pays all that it owes, S2 all but a fen.
    await pay(on, "2026-03-02", "S1", 42_000n + 3_000n);
    await pay(on, "2026-03-02", "S2", 6_000n + 2_999n);
    expect(await runGrant(at(on, "2026-03-03"), { businessDate: "2026-03-02" })).toMatchObject({
      orders: 1n,
      pointsGranted: 21n,
      contributionFen: 0n,
      waitingOrders: 0n,
    });
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 21n, ["C2"]]);
    const waits = { collection: 1n, evidence: 0n, delay: 0n };
    expect(await runGrant(at(on, "2026-03-03"), { businessDate: "2026-03-02" })).toMatchObject({
      runId: undefined,
      waits,
    });
    expect(waitsText(waits)).toBe("1 order until the merchants have paid");
    expect(waitsText({ collection: 0n, evidence: 1n, delay: 2n })).toBe(
      "1 order until a channel shows the payment, 2 orders until the grant delay is over",
    );
    await pay(on, "2026-03-03", "S2", 1n);
    await day(on, "2026-03-02", []);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 42n, []]);
    expect(await isSound(on, "2026-03-03")).toEqual([]);
  });

  test("is billed while it waits, and a paid bill clears it", async () => {
    const on = await cloneOf(here);
    await issueBills(at(on, "2026-03-01"), { from: "2026-02-01", to: "2026-02-28" });
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
    await issueBills(at(on, "2026-03-02"), { from: "2026-03-01", to: "2026-03-01" });
    await pay(on, "2026-03-02", "S1", 42_000n); // the oldest bill first
    await day(on, "2026-03-02", []);
    expect(await waiting(on)).toEqual(["C1"]);
    await pay(on, "2026-03-03", "S1", 3_000n);
    await day(on, "2026-03-03", []);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 21n, []]);
    // Nothing is owed and nothing was booked since: what comes then waits all the same until its own date is closed.
    await day(on, "2026-03-04", [sold("D1", "S1", "2026-03-04", "0.01")]);
    expect(await waiting(on)).toEqual([]); // too small for a point
    expect(await isSound(on, "2026-03-05")).toEqual([]);
  });

  test("of which something is refunded while it waits earns the rest, once", async () => {
    const on = await cloneOf(here);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01"), sold("C2", "S1", "2026-03-01")]);
    await day(on, "2026-03-02", [
      sold("C1", "S1", "2026-03-01", "100.00", "50.00"),
      sold("C2", "S1", "2026-03-01", "100.00", "100.00"),
    ]);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary, ["C1", "C2"]]);
    expect(await isSound(on, "2026-03-03")).toEqual([]);
    // Paid, and one more refund in the same night.
    await pay(on, "2026-03-03", "S1", 42_000n + 1_500n);
    await day(on, "2026-03-03", [sold("C1", "S1", "2026-03-01", "100.00", "60.00")]);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 8n, []]);
    await day(on, "2026-03-04", [sold("C1", "S1", "2026-03-01", "100.00", "100.00")]);
    expect(await points(on)).toBe(ofFebruary);
    expect(await isSound(on, "2026-03-05")).toEqual([]);
  });

  test("goes in a dry run as it would, and stays where it is", async () => {
    const on = await cloneOf(here);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
    await pay(on, "2026-03-02", "S1", 45_000n);
    expect(
      await runGrant({ ...at(on, "2026-03-03"), ending: "rollback" }, { businessDate: "2026-03-02" }),
    ).toMatchObject({ pointsGranted: 21n });
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary, ["C1"]]);
  });

  test("keeps waiting when the policy goes back, for later orders earn as they are paid", async () => {
    const on = await cloneOf(here);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
    const boss = at(on, "2026-03-02", "boss");
    await setPolicy(boss, { effectiveFrom: "2026-03-02", terms: { grantOn: "paid_order" } });
    await day(on, "2026-03-02", [sold("D1", "S1", "2026-03-02")]);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 21n, ["C1"]]);
  });

  test("is found when somebody keeps one back that need not wait, or lets one go", async () => {
    const on = await cloneOf(here);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
    const found = async (statement: string) => {
      const copy = await cloneOf(on);
      await tamper(copy, (sql) => sql.unsafe(statement));
      return (await verify(at(copy, "2026-03-02"))).checks.filter(({ ok }) => !ok).map(({ name }) => name);
    };
    expect(await found("DELETE FROM uncollected_orders")).toContain("orders_granted_as_due");
    expect(await found("UPDATE uncollected_orders SET booked_on = '2026-02-01'")).toContain("waiting_matches_orders");
    expect(await found("UPDATE uncollected_orders SET net_fen = 1")).toContain("waiting_matches_orders");
    expect(
      await found(`INSERT INTO uncollected_orders SELECT member_id, order_id, (SELECT max(import_id) FROM uncollected_orders), merchant_id, amount_fen - refunded_fen, business_date, business_date
      FROM orders WHERE order_no = 'A2'`),
    ).toEqual(expect.arrayContaining(["orders_granted_as_due", "waiting_matches_orders"]));
  });
});
