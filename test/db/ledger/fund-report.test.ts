import { beforeEach, afterEach, describe, expect, test } from "vitest";
import { runGrant } from "../../../src/domain/grants/run.ts";
import { memberDebts } from "../../../src/domain/ledger/memoranda-sql.ts";
import { nightMetrics } from "../../../src/night/night-metrics.ts";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { handOver } from "../../../src/domain/payouts/hand-over.ts";
import { fundByDay, reportFund } from "../../../src/reports/fund.ts";
import { nightCsv } from "../../../src/night/report/csv.ts";
import { nightHtml } from "../../../src/night/report/html.ts";
import { reportNight } from "../../../src/night/report/night.ts";
import { reopen } from "../../support/approved.ts";
import type { BusinessDate } from "../../../src/shared/business-date.ts";
import { formatYuan, type Fen } from "../../../src/shared/money.ts";
import { verify } from "../../../src/verification/verify.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { setPolicy } from "../../support/approved.ts";
import { contextOf } from "../../support/money/ground.ts";
import { addMember, close, earn, grant, refund, sell, tamper } from "../../support/money/people.ts";
import { addPayee, box } from "../payouts/scene.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { importResults } from "../../support/imports.ts";

let on: TestDatabase;
beforeEach(async () => {
  on = await cloneOf();
});
afterEach(() => on.drop());

const as = (operator: string, at?: string) => contextOf(on.db, operator, at);
const yuan = (amountFen: Fen): string => formatYuan(amountFen);

async function newcomer(memberNo: string, amountFen: Fen): Promise<string> {
  await addMember(on.db, memberNo);
  await addPayee(on.db, memberNo);
  return earn(on.db, memberNo, amountFen);
}

const request = async (memberNo: string, points: bigint, at?: string) =>
  (await requestWithdrawal(as("alice", at), { memberNo, points })).withdrawalNo;

/** Approves what is named, and sends it. */
async function send(withdrawalNos: readonly string[], at?: string): Promise<void> {
  await decideWithdrawals(as("bob", at), { name: "approve", withdrawalNos });
  const provider = fileProvider("csv", scratchDirectory());
  const { batchNo } = await recordBatch(as("cashier", at), box, provider, {});
  await handOver(as("cashier", at), box, provider, batchNo!);
}

/** Has the channel say that everything which was sent is paid. */
async function settle(at?: string): Promise<void> {
  const sent = await on.db.sql<
    { detailNo: string; netFen: bigint }[]
  >`SELECT detail_no, net_fen FROM payout_details WHERE state = 'sent'`;
  const lines = sent.map(({ detailNo, netFen }) => `${detailNo},success,${yuan(netFen)}\n`);
  await importResults(as("cashier", at), {
    input: { path: writeScratch("answer.csv", `detail_no,status,amount\n${lines.join("")}`) },
  });
}

async function cashOut(memberNo: string, points: bigint): Promise<void> {
  await send([await request(memberNo, points)]);
  await settle();
}

const figures = async () => {
  const { fundFen, worthFen, debtsFen, debtPoints, shortfallFen } = await reportFund(as("auditor"));
  return {
    fund: yuan(fundFen),
    owed: yuan(worthFen),
    debts: yuan(debtsFen),
    debtPoints,
    shortfall: yuan(shortfallFen),
  };
};
const fundTold = async () => (await verify(as("auditor"))).checks.find(({ name }) => name === "fund_told")!;
const violated = async () => (await verify(as("auditor"))).checks.filter(({ ok }) => !ok);

describe("what is owed to members", () => {
  test("is not lessened by what another member owes, and the shortfall is told everywhere", async () => {
    const returned = await newcomer("M1", 100_000n); // 210 points
    await newcomer("M2", 100_000n);
    await cashOut("M1", 210n);
    await cashOut("M2", 200n);
    await refund(on.db, returned, 100_000n);
    await grant(on.db);

    expect(await figures()).toEqual({
      fund: "-200.00",
      owed: "10.00",
      debts: "210.00",
      debtPoints: 210n,
      shortfall: "210.00",
    });
    expect((await fundTold()).facts).toEqual({
      fund: "-200.00",
      points_worth: "10.00",
      shortfall: "210.00",
      debts: "210.00",
      cash: "-410.00",
    });
    const run = (args: readonly string[]) =>
      accrueInProcess(args, { database: on, now: new Date("2026-03-05T04:00:00Z") });
    expect(JSON.parse((await run(["report", "fund", "--json"])).stdout)).toMatchObject({
      fund: "-200.00",
      points_available: -200,
      points_worth: "10.00",
      debts: "210.00",
      debt_points: 210,
      shortfall: "210.00",
      coverage: null,
    });
    const { stdout } = await run(["report", "fund"]);
    expect(stdout).toMatch(/owed to members +10\.00 yuan\n/);
    expect(stdout).toMatch(/members owe +210\.00 yuan, 210 points below zero\n/);
    expect(stdout).toMatch(/coverage +210\.00 yuan short\n/);
    const verified = await run(["verify"]);
    expect(verified.stdout).toContain(
      "\nfund -200.00, points worth 10.00, shortfall 210.00, debts 210.00, cash -410.00\n",
    );
    expect(verified.exitCode).toBe(0);
  });

  test("is told by the night's report and its metrics", async () => {
    const returned = await newcomer("M1", 100_000n);
    await newcomer("M2", 100_000n);
    await cashOut("M1", 210n);
    await refund(on.db, returned, 100_000n);
    await grant(on.db);
    const report = await reportNight(as("auditor"), "2026-03-05");
    expect(report.fund.at(-1)).toEqual({
      businessDate: "2026-03-05",
      fundFen: 0n,
      worthFen: 21_000n,
      debtsFen: 21_000n,
      cashFen: null,
    });
    expect(nightHtml(report)).toContain("The fund lacks 210.00 yuan.");
    expect(nightHtml(report)).toContain("Members below zero owe 210.00 yuan.");
    expect(nightCsv(report)).toContain("2026-03-05,fund,2026-03-05,,debts_yuan,210.00\n");
    const night = {
      exitCode: 0,
      endedAt: new Date(),
      summary: undefined,
      failure: undefined,
      history: undefined,
      open: undefined,
      waiting: undefined,
      fund: await reportFund(as("auditor")),
    };
    expect(nightMetrics(night, "").split("\n")).toEqual(
      expect.arrayContaining(["accrue_points_worth_yuan 210.00", "accrue_member_debts_yuan 210.00"]),
    );
  });

  test("counts what a member holds against what the member is below zero", async () => {
    const returned = await newcomer("M1", 200_000n); // 420 points
    await request("M1", 420n);
    await refund(on.db, returned, 50_000n);
    await grant(on.db);
    expect(await figures()).toEqual({
      fund: "315.00",
      owed: "315.00",
      debts: "0.00",
      debtPoints: 0n,
      shortfall: "0.00",
    });
  });

  test("has held points at the gross that was frozen, whatever a point is worth since", async () => {
    await newcomer("M1", 1_000_000n); // 2,100 points
    await request("M1", 1_000n);
    await setPolicy(as("boss"), { effectiveFrom: "2026-03-05", terms: { pointValueFen: 50n } });
    expect(await figures()).toMatchObject({ fund: "2100.00", owed: "1550.00" });
    expect(
      (await reportNight(as("auditor"), "2026-03-05")).fund.slice(-2).map(({ worthFen }) => yuan(worthFen)),
    ).toEqual(["2100.00", "1550.00"]);
  });
});

test("what members owe costs what the debtors cost: other balances are not read for it, and move without a change of any index", async () => {
  const returned = await newcomer("M1", 100_000n);
  await cashOut("M1", 210n);
  await refund(on.db, returned, 100_000n);
  await grant(on.db);
  await inTransaction(on.db, async (tx) => {
    await tx`INSERT INTO balances (member_id, available_points) SELECT 1000000 + n, 100 FROM generate_series(1, 5000) n`;
    const counted = async () =>
      (
        await tx<{ read: bigint; moved: bigint; movedInPlace: bigint }[]>`
      SELECT seq_tup_read + idx_tup_fetch AS read, n_tup_upd AS moved, n_tup_hot_upd AS moved_in_place FROM pg_stat_xact_user_tables WHERE relname = 'balances'`
      )[0]!;
    const before = await counted();
    expect(await memberDebts(tx)).toBe(210n);
    expect((await counted()).read - before.read).toBeLessThanOrEqual(10n);
    // One of many on a page, as a grant run finds them: there is room for the new row beside the old one.
    await tx`UPDATE balances SET available_points = available_points + 5 WHERE member_id > 1000000 AND member_id % 10 = 0`;
    const after = await counted();
    expect([after.moved - before.moved, after.movedInPlace - before.movedInPlace]).toEqual([500n, 500n]);
  });
});

const days = ["2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"] as const;

const byDay = async () =>
  (await fundByDay(on.db.sql, "2026-03-05", 6)).map(({ businessDate, fundFen, worthFen, debtsFen }) => [
    businessDate,
    yuan(fundFen),
    yuan(worthFen),
    yuan(debtsFen),
  ]);
const settleUpTo = (businessDate: BusinessDate) => runGrant(as("cron"), { businessDate });

/** Five days: M1 cashes out 210 points, is clawed back 105, and earns 21. What each comes to: fund, owed, debts. */
async function fiveDays(): Promise<readonly (readonly string[])[]> {
  const returned = await newcomer("M1", 100_000n);
  await newcomer("M2", 100_000n);
  const withdrawalNo = await request("M1", 210n, "2026-03-02T12:00:00+08:00");
  await send([withdrawalNo], "2026-03-02T13:00:00+08:00");
  await settle("2026-03-03T12:00:00+08:00");
  await refund(on.db, returned, 50_000n);
  await settleUpTo("2026-03-04");
  await sell(on.db, "M1", { amountFen: 10_000n });
  await settleUpTo("2026-03-05");
  return [
    ["2026-02-28", "0.00", "0.00", "0.00"],
    ["2026-03-01", "420.00", "420.00", "0.00"],
    ["2026-03-02", "420.00", "420.00", "0.00"],
    ["2026-03-03", "210.00", "210.00", "0.00"],
    ["2026-03-04", "105.00", "210.00", "105.00"],
    ["2026-03-05", "126.00", "210.00", "84.00"],
  ];
}

describe("what was owed at the end of each day", () => {
  test("is counted back while nothing is closed, and read off the closings then: the same", async () => {
    const expected = await fiveDays();
    expect(await byDay()).toEqual(expected);
    for (const day of days.slice(0, 4)) await close(on.db, day);
    await request("M2", 50n);
    expect(await byDay()).toEqual(expected);
    expect(
      await on.db
        .sql`SELECT business_date, account, amount FROM account_closings WHERE account IN ('member_debts', 'held_gross') AND amount <> 0 ORDER BY 1`,
    ).toEqual([
      { businessDate: "2026-03-02", account: "held_gross", amount: 21_000n },
      { businessDate: "2026-03-04", account: "member_debts", amount: 105n },
    ]);
    expect(await violated()).toEqual([]);
  });

  test("is counted back where a date was reopened", async () => {
    const expected = await fiveDays();
    for (const day of days.slice(0, 4)) await close(on.db, day);
    await reopen(as("amy"), "2026-03-04", "an order was missing");
    expect(await byDay()).toEqual(expected);
    expect(await violated()).toEqual([]);
  });

  test("is proved by verify, at each closing and over all balances", async () => {
    await fiveDays();
    for (const day of days.slice(0, 4)) await close(on.db, day);
    await tamper(
      on,
      (sql) =>
        sql`UPDATE account_closings SET amount = amount + 1 WHERE account IN ('member_debts', 'held_gross') AND business_date = '2026-03-04'`,
    );
    expect(await violated()).toMatchObject([
      {
        name: "closings_match_journal",
        violations: [
          { business_date: "2026-03-04", account: "held_gross", closing: "0.01", journal: "0.00" },
          { business_date: "2026-03-04", account: "member_debts", closing: 106n, journal: 105n },
        ],
      },
    ]);
    await tamper(
      on,
      (sql) => sql`UPDATE balances SET available_points = available_points - 1 WHERE available_points > 0`,
    );
    expect((await fundTold()).violations).toEqual([{ points_owed: 210n, points_owed_by_balances: 209n }]);
  });
});
