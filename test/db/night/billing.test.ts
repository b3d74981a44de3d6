import { expect, test } from "vitest";
import { duePeriods } from "../../../src/domain/billing/due.ts";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { verify } from "../../../src/verification/verify.ts";
import { setPolicy } from "../../support/approved.ts";
import { testDatabase, type TestDatabase } from "../../support/database.ts";
import { at, day, endOfFebruary, sold } from "../billing/scene.ts";
import { noonOf, settleOn } from "./scene.ts";

const periods = async (on: TestDatabase) =>
  (
    await on.db.sql<{ periodFrom: string; periodTo: string; bills: bigint }[]>`
  SELECT period_from, period_to, bills FROM billing_periods ORDER BY 1`
  ).map(({ periodFrom, periodTo, bills }) => [periodFrom, periodTo, bills]);

async function monthlyFrom(on: TestDatabase, date: string): Promise<void> {
  const boss = at(on, date, "boss");
  await setPolicy(boss, { effectiveFrom: date, terms: { billing: "monthly" } });
}

test("the night that closes a month bills it, where the policy says so, and the next one has nothing to bill", async () => {
  const on = await testDatabase();
  await monthlyFrom(on, "2026-02-01");
  await endOfFebruary(on);
  expect(await periods(on)).toEqual([["2026-02-01", "2026-02-28", 2n]]);
  const [step] = await on.db.sql`SELECT business_date, state, counts FROM settlement_steps WHERE step = 'bill'`;
  expect(step).toEqual({ businessDate: null, state: "done", counts: { bills: 2, periods: 1 } });
  await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
  expect((await settleOn(on, {}, { clock: noonOf("2026-03-02") })).steps.map(({ step }) => step)).toEqual(["import"]);
  expect((await periods(on)).length).toBe(1);
  expect((await verify(at(on, "2026-03-02"))).checks.filter(({ ok }) => !ok)).toEqual([]);
});

test("what was billed by hand is left out, and so is a month that the policy of its last date does not bill", async () => {
  const on = await testDatabase();
  await endOfFebruary(on);
  expect(await duePeriods(at(on, "2026-03-01"))).toEqual([]);
  await issueBills(at(on, "2026-03-01"), { from: "2026-02-01", to: "2026-02-27" });
  expect(await duePeriods(at(on, "2026-03-01"))).toEqual([]);
  const empty = await testDatabase();
  expect(await duePeriods(at(empty, "2026-03-01"))).toEqual([]);
  const other = await testDatabase();
  await monthlyFrom(other, "2026-02-01");
  await endOfFebruary(other);
  await day(other, "2026-03-01", []);
  expect(await duePeriods(at(other, "2026-03-02"))).toEqual([]);
});
