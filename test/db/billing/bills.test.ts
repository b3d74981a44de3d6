import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { standingOf } from "../../../src/domain/billing/account-sql.ts";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { monthOf, periodText, readPeriod, type Period } from "../../../src/domain/billing/model.ts";
import { listBills, merchantStatement, openBillsByAge } from "../../../src/domain/billing/read.ts";
import { findMerchant } from "../../../src/domain/merchants/sql.ts";
import { reopen } from "../../support/approved.ts";
import { writeBills } from "../../../src/reports/bill-documents.ts";
import { verify } from "../../../src/verification/verify.ts";
import { setPolicy } from "../../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { at, day, endOfFebruary, pay, sold } from "./scene.ts";

const february: Period = { from: "2026-02-01", to: "2026-02-28" };
const here = await testDatabase();
beforeAll(() => endOfFebruary(here));

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );
const bill = (on: TestDatabase, period: Period, date = "2026-03-01") => issueBills(at(on, date), period);
const isSound = async (on: TestDatabase, date = "2026-03-31") =>
  (await verify(at(on, date))).checks.filter(({ ok }) => !ok).map(({ name }) => name);
const standing = async (on: TestDatabase, merchantCode: string) =>
  standingOf(on.db.sql, (await findMerchant(on.db.sql, merchantCode))!.merchantId);
const openOf = async (on: TestDatabase, date: string) =>
  (await listBills(at(on, date), {}, { limit: 100 })).rows.map(({ merchantCode, periodFrom, openFen, bucket }) => [
    merchantCode,
    periodFrom,
    openFen,
    bucket,
  ]);

describe("a period", () => {
  test("is a month or two dates", () => {
    expect(["2026-02", "2028-02", "2026-12", "2026-02-03..2026-02-03"].map(readPeriod)).toEqual([
      february,
      { from: "2028-02-01", to: "2028-02-29" },
      { from: "2026-12-01", to: "2026-12-31" },
      { from: "2026-02-03", to: "2026-02-03" },
    ]);
    expect(
      [
        "2026-13",
        "2026",
        "2026-02-03",
        "2026-02-03..",
        "2026-02-03..2026-02-02",
        "2026-02-01..2026-02-30",
        "a..b",
        "2026-02-01..2026-02-02..2026-02-03",
      ].map(readPeriod),
    ).toEqual(Array.from({ length: 8 }));
  });

  test("is told as it is read", () => {
    for (const text of ["2026-02", "2026-02-03..2026-02-28"]) expect(periodText(readPeriod(text)!)).toBe(text);
    expect(monthOf("2026-02-14")).toEqual(february);
  });
});

describe("bills", () => {
  test("of a period say what each merchant contributed, once, and are numbered", async () => {
    const on = await cloneOf(here);
    const first = await bill(on, february);
    expect(first).toMatchObject({
      isNew: true,
      period: {
        bills: 2n,
        dueOn: "2026-03-16",
        openingFen: 0n,
        contributedFen: 51_000n,
        clawedBackFen: -3_000n,
        closingFen: 48_000n,
      },
    });
    expect(await bill(on, february, "2026-03-02")).toEqual({ ...first, isNew: false });
    const { rows: bills } = await listBills(at(on, "2026-03-01"), {}, { limit: 10 });
    expect(
      bills.map(({ billNo, merchantCode, contributedFen, clawedBackFen, closingFen, openFen, bucket }) => [
        billNo,
        merchantCode,
        contributedFen,
        clawedBackFen,
        closingFen,
        openFen,
        bucket,
      ]),
    ).toEqual([
      ["B00000001", "S1", 45_000n, -3_000n, 42_000n, 42_000n, "not_due"],
      ["B00000002", "S2", 6_000n, 0n, 6_000n, 6_000n, "not_due"],
    ]);
    expect(await isSound(on)).toEqual([]);
  });

  test("of two that are issued at once, one is: the other finds the period billed", async () => {
    const on = await cloneOf(here);
    const both = await Promise.all([bill(on, february), bill(on, february)]);
    expect(both.map(({ isNew }) => isNew).toSorted()).toEqual([false, true]);
    expect((await on.db.sql`SELECT count(*)::integer AS bills FROM merchant_bills`)[0]).toEqual({ bills: 2 });
  });

  test("a dry run says the same and keeps nothing, not even numbers", async () => {
    const on = await cloneOf(here);
    const rehearsed = await issueBills({ ...at(on, "2026-03-01"), ending: "rollback" }, february);
    expect((await on.db.sql`SELECT count(*)::integer AS bills FROM merchant_bills`)[0]).toEqual({ bills: 0 });
    expect(await bill(on, february)).toEqual(rehearsed);
  });

  test("open with what was contributed and collected before the first period", async () => {
    const on = await cloneOf(here);
    await pay(on, "2026-02-27", "S1", 10_000n, { isOpening: true }).catch(() => {}); // that date is closed
    await bill(on, { from: "2026-02-28", to: "2026-02-28" });
    const { rows: bills } = await listBills(at(on, "2026-03-01"), {}, { limit: 10 });
    expect(bills.map(({ merchantCode, openingFen, closingFen }) => [merchantCode, openingFen, closingFen])).toEqual([
      ["S1", 30_000n, 42_000n],
      ["S2", 6_000n, 6_000n],
    ]);
    // What was never billed before is charged by the first bill: nothing before it is paid either.
    expect((await standing(on, "S1")).clearedTo).toBeNull();
  });

  test("follow each other: the next one opens with the balance that the last one left", async () => {
    const on = await cloneOf(here);
    await bill(on, february);
    await pay(on, "2026-03-01", "S1", 50_000n);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01", "300.00")]);
    expect((await bill(on, { from: "2026-03-01", to: "2026-03-01" }, "2026-03-02")).period).toMatchObject({
      openingFen: 48_000n,
      contributedFen: 9_000n,
      collectedFen: 50_000n,
      closingFen: 7_000n,
    });
    expect(await openOf(on, "2026-03-25")).toEqual([
      ["S1", "2026-02-01", 0n, null],
      ["S2", "2026-02-01", 6_000n, "8_30"],
      ["S1", "2026-03-01", 1_000n, "8_30"],
      ["S2", "2026-03-01", 0n, null],
    ]);
    expect(await isSound(on)).toEqual([]);
  });

  test("fall due as the policy of the period's last date says, and grow old", async () => {
    const on = await cloneOf(here);
    const boss = at(on, "2026-02-28");
    await setPolicy(boss, { effectiveFrom: "2026-02-28", terms: { paymentTermDays: 2 } });
    expect((await bill(on, february)).period.dueOn).toBe("2026-03-03");
    const ages = await Promise.all(
      [
        "2026-03-03",
        "2026-03-04",
        "2026-03-10",
        "2026-03-11",
        "2026-04-02",
        "2026-04-03",
        "2026-06-01",
        "2026-06-02",
      ].map(async (date) => (await openBillsByAge(at(on, date))).find(({ bills }) => bills > 0n)),
    );
    expect(ages.map((one) => one?.bucket)).toEqual([
      "not_due",
      "1_7",
      "1_7",
      "8_30",
      "8_30",
      "31_90",
      "31_90",
      "over_90",
    ]);
    expect(ages[0]).toMatchObject({ bills: 2n, openFen: 48_000n });
    expect(
      (
        await listBills(
          at(on, "2026-03-04"),
          { bucket: "1_7", merchantCode: "S2", period: february, isOpen: true },
          { limit: 1 },
        )
      ).rows,
    ).toHaveLength(1);
    expect((await listBills(at(on, "2026-03-04"), { bucket: "8_30" }, { limit: 1 })).rows).toEqual([]);
  });
});

describe("refused is a period", () => {
  test("with a date that is not closed", async () => {
    expect(await codeOf(bill(here, { from: "2026-02-28", to: "2026-03-01" }))).toBe("period_not_closed");
  });

  test("that overlaps one that is billed, or leaves a gap behind it", async () => {
    const on = await cloneOf(here);
    await bill(on, { from: "2026-02-01", to: "2026-02-27" });
    expect(await codeOf(bill(on, february))).toBe("period_overlaps");
    expect(await codeOf(bill(on, { from: "2026-02-27", to: "2026-02-28" }))).toBe("period_overlaps");
    await day(on, "2026-03-01", []);
    expect(await codeOf(bill(on, { from: "2026-03-01", to: "2026-03-01" }, "2026-03-02"))).toBe("period_gap");
    expect(await codeOf(bill(on, { from: "2026-01-01", to: "2026-01-31" }))).toBe("period_gap");
  });

  test("by the database as well, whoever asks", async () => {
    const on = await cloneOf(here);
    await bill(on, { from: "2026-02-01", to: "2026-02-27" });
    const period = (from: string, to: string, closingFen = 0) =>
      inTransaction(
        on.db,
        (tx) => tx`
      INSERT INTO billing_periods SELECT ${from}, ${to}, ${to}, ${closingFen}, 0, ${closingFen}, 0, 0, 0, ${closingFen}, 'amy', now()`,
      );
    await expect(period("2026-02-27", "2026-02-28")).rejects.toMatchObject({ code: "23P01" });
    await expect(period("2026-03-01", "2026-03-01")).rejects.toThrow("has a date that is not closed");
    await expect(period("2026-01-30", "2026-01-31")).resolves.toBeDefined(); // before all of them there is nothing to leave out
    await expect(period("2026-02-28", "2026-02-28", 5)).rejects.toThrow("says 5 bills of 5 fen, and has 0 of 0");
    await expect(
      inTransaction(
        on.db,
        (tx) => tx`
      INSERT INTO merchant_bills SELECT 'B00000009', (SELECT max(merchant_id) FROM merchants), period_from, period_to, due_on, 0, 1, 0, 0, 0, 1
      FROM merchant_bills LIMIT 1`,
      ),
    ).rejects.toThrow("comes too late for the period");
    await expect(inTransaction(on.db, (tx) => tx`UPDATE merchant_bills SET closing_fen = 0`)).rejects.toThrow(
      /append-only|permission denied/,
    );
  });

  test("and a billed date is not reopened: what comes to it later is billed later", async () => {
    const on = await cloneOf(here);
    await bill(on, february);
    expect(await codeOf(reopen(at(on, "2026-03-01", "zoe"), "2026-02-28", "late"))).toBe("date_billed");
    await expect(
      inTransaction(
        on.db,
        (
          tx,
        ) => tx`UPDATE business_dates SET state = 'open', closed_at = NULL, reopened_by = 'zoe', reopened_at = now(), reopen_reason = 'x'
      WHERE business_date = '2026-02-28'`,
      ),
    ).rejects.toThrow("is billed");
  });
});

describe("what a merchant owes", () => {
  test("is told by date and rate, with what it paid and what is open", async () => {
    const on = await cloneOf(here);
    await bill(on, february);
    const paid = await pay(on, "2026-03-01", "S1", 30_000n);
    const statement = await merchantStatement(at(on, "2026-03-01"), "S1", {});
    expect(
      statement.lines.map(({ businessDate, kind, orders, collectionNo, amountFen, balanceFen }) => [
        businessDate,
        kind,
        orders,
        collectionNo,
        amountFen,
        balanceFen,
      ]),
    ).toEqual([
      ["2026-02-27", "contribution", 1n, null, 30_000n, 30_000n],
      ["2026-02-28", "contribution", 1n, null, 15_000n, 45_000n],
      ["2026-02-28", "clawback", null, null, -3_000n, 42_000n],
      ["2026-03-01", "collection", null, paid, -30_000n, 12_000n],
    ]);
    expect(statement).toMatchObject({
      openingFen: 0n,
      closingFen: 12_000n,
      standing: { billedFen: 12_000n, unbilledFen: 0n, clearedTo: "2026-01-31" },
      bills: [{ openFen: 12_000n }],
    });
    expect(await merchantStatement(at(on, "2026-03-01"), "S1", { from: "2026-02-28", to: "2026-02-28" })).toMatchObject(
      { openingFen: 30_000n, closingFen: 42_000n },
    );
    expect(await codeOf(merchantStatement(at(on, "2026-03-01"), "S9", {}))).toBe("merchant_unknown");
  });

  test("is paid up to the end of its bills, and as far as a prepayment covers what is not billed yet", async () => {
    const on = await cloneOf(here);
    await pay(on, "2026-03-01", "S1", 30_000n);
    await pay(on, "2026-03-01", "S2", 100_000n);
    expect([(await standing(on, "S1")).clearedTo, (await standing(on, "S2")).clearedTo]).toEqual([
      "2026-02-27",
      "2026-02-28",
    ]);
    await bill(on, february);
    expect([(await standing(on, "S1")).clearedTo, (await standing(on, "S2")).clearedTo]).toEqual([
      "2026-01-31",
      "2026-02-28",
    ]);
    await pay(on, "2026-03-01", "S1", 12_000n);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01"), sold("C2", "S2", "2026-03-01")]);
    expect([(await standing(on, "S1")).clearedTo, (await standing(on, "S2")).clearedTo]).toEqual([
      "2026-02-28",
      "2026-03-01",
    ]);
  });
});

test("documents are a page for each bill and a table of all, and are written again the same", async () => {
  const on = await cloneOf(here);
  await bill(on, february);
  const directory = join(scratchDirectory(), "bills");
  const written = await writeBills(at(on, "2026-03-01"), february, directory);
  expect(written).toEqual({ htmlFiles: 2, csvFile: join(directory, "bills-2026-02.csv") });
  expect(readdirSync(directory).toSorted()).toEqual(["B00000001.html", "B00000002.html", "bills-2026-02.csv"]);
  expect(readFileSync(written.csvFile, "utf8")).toBe(
    "\ufeffbill_no,merchant_code,merchant_name,period_from,period_to,due_on,opening,contributed,clawed_back,collected,adjusted,closing\n" +
      "B00000001,S1,店S1,2026-02-01,2026-02-28,2026-03-16,0.00,450.00,-30.00,0.00,0.00,420.00\nB00000002,S2,店S2,2026-02-01,2026-02-28,2026-03-16,0.00,60.00,0.00,0.00,0.00,60.00\n",
  );
  const page = readFileSync(join(directory, "B00000001.html"), "utf8");
  expect(page).toContain("To pay: <strong>420.00 yuan</strong>");
  expect(page).toMatch(
    /2026-02-28<\/th><td class="number"><bdi>30%<\/bdi><\/td><td class="number"><bdi>1<\/bdi><\/td><td class="number"><bdi>150.00<\/bdi><\/td><td class="number"><bdi>-30.00/,
  );
  expect(page).not.toMatch(/<script|https?:/);
  await writeBills(at(on, "2026-03-01"), february, directory);
  expect(readFileSync(join(directory, "B00000001.html"), "utf8")).toBe(page);
  expect(await codeOf(writeBills(at(on, "2026-03-01"), february, join(written.csvFile, "beneath")))).toBe(
    "bills_unwritable",
  );
});
