import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { hasOverdue, suspendOverdue } from "../../../src/domain/billing/suspend-overdue.ts";
import { approveMerchant } from "../../../src/domain/merchants/decide.ts";
import { nightCsv } from "../../../src/night/report/csv.ts";
import { nightHtml } from "../../../src/night/report/html.ts";
import { reportNight } from "../../../src/night/report/night.ts";
import { writeBills } from "../../../src/reports/bill-documents.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { evidenceKind } from "../../../src/domain/evidence/import.ts";
import { runImport } from "../../../src/imports/run-import.ts";
import { verify } from "../../../src/verification/verify.ts";
import { setPolicy } from "../../support/approved.ts";
import { testDatabase } from "../../support/database.ts";
import { at, day, endOfFebruary, pay, sold } from "./scene.ts";

const here = await testDatabase();
const today = "2026-03-02";
const statusOf = async () =>
  (
    await here.db.sql<{ text: string }[]>`
      SELECT merchant_code || ' ' || status AS text FROM merchants ORDER BY merchant_code`
  ).map(({ text }) => text);

test("the night suspends merchants of which a bill is overdue as long as the policy says, records why, and tells them; paying lifts nothing", async () => {
  await endOfFebruary(here);
  const terms = { paymentTermDays: 0, suspendOverdueDays: 1 };
  await setPolicy(at(here, "2026-02-28", "boss"), { effectiveFrom: "2026-02-28", terms });
  await issueBills(at(here, "2026-03-01"), { from: "2026-02-01", to: "2026-02-28" });
  expect(await hasOverdue(at(here, "2026-03-01"))).toBe(false);
  await pay(here, "2026-03-01", "S2", 6_000n);
  // Evidence is kept, though none of C1.
  const payment = "order_no,payment_no,channel,amount,paid_at\nX1,T1,wechat,1.00,2026-03-01 10:00:00\n";
  await runImport(at(here, "2026-03-01"), evidenceKind, { input: { path: writeScratch("payments.csv", payment) } });
  await day(here, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
  expect((await statusOf()).filter((text) => /^S[12] /u.test(text))).toEqual(["S1 suspended", "S2 active"]);
  const [action] = await here.db
    .sql`SELECT subject, details FROM operator_actions WHERE action = 'merchant.suspend' AND subject = 'S1'`;
  expect(action).toMatchObject({
    subject: "S1",
    details: { was: "active", reason: "bill B00000001 is overdue for 1 days", overdue: "420.00" },
  });
  const report = await reportNight(at(here, today), "2026-03-01");
  expect(report.suspended).toEqual([{ merchantCode: "S1", name: "店S1", overdueDays: 1, all: 1 }]);
  expect(nightHtml(report)).toContain("Merchants suspended");
  expect(nightCsv(report)).toContain("2026-03-01,suspended_merchants,S1,店S1,overdue_days,1");
  // What was closed with cash recorded says it: 42.00 of what S2 paid are the fund's.
  expect(report.fund.at(-1)).toMatchObject({ cashFen: 4_200n });
  expect(nightHtml(report)).toContain("cash behind the points, yuan");
  expect(nightCsv(report)).toContain("2026-03-01,fund,2026-03-01,,cash_yuan,42.00");

  expect(report.merchants).toMatchObject([{ merchantCode: "S1", contributingOrders: 1n, unevidencedOrders: 1n }]);
  expect(nightHtml(report)).toContain("1 of 1 (100%)");
  expect(nightCsv(report)).toContain("points_by_merchant,S1,店S1,orders_without_evidence,1");
  await issueBills(at(here, today), { from: "2026-03-01", to: "2026-03-01" });
  const directory = scratchDirectory();
  await writeBills(at(here, today), { from: "2026-03-01", to: "2026-03-01" }, directory);
  expect(readFileSync(join(directory, "B00000003.html"), "utf8")).toContain(
    "1 of 1 orders (100%) are without evidence",
  );

  expect(await hasOverdue(at(here, today))).toBe(false);
  await approveMerchant(at(here, today), "S1", "promised");
  expect((await suspendOverdue(at(here, today, "cron"))).map(({ merchantCode }) => merchantCode)).toEqual(["S1"]);
  await pay(here, today, "S1", 42_000n);
  expect(await statusOf()).toContain("S1 suspended");
  await approveMerchant(at(here, today), "S1", "paid");
  expect(await suspendOverdue(at(here, today, "cron"))).toEqual([]);
  expect((await verify(at(here, today))).checks.filter(({ ok }) => !ok)).toEqual([]);
});
