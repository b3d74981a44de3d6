import { expect, inject, test } from "vitest";
import { connect } from "../../src/db/database.ts";
import { reportFund } from "../../src/reports/fund.ts";
import { reportNight } from "../../src/night/report/night.ts";
import { settlementHistory } from "../../src/night/history.ts";
import { addOlderOrders } from "../benchmark/older-orders.ts";
import { businessDate, populate } from "../benchmark/scene.ts";
import { take } from "../db/orders/scene.ts";
import { noonOf, settleOn } from "../db/night/scene.ts";
import { disconnectAll, plainClient } from "../support/admin.ts";
import { cloneOf, contextFor } from "../support/database.ts";
import { readsOf, type TableReads } from "../support/partitions.ts";

const [members, merchants, nightOrders] = [2_000, 50, 4_000];
const database = await cloneOf();

/** What was read of each table that grows with orders and withdrawals. */
async function rowsRead(): Promise<ReadonlyMap<string, TableReads>> {
  // A session tells the statistics what it did when it ends: so all have to end.
  await disconnectAll(inject("testServer").url, new URL(database.url).pathname.slice(1));
  const sql = plainClient(database.superuserUrl);
  const reads = await readsOf(sql, [
    "orders",
    "points_entries",
    "journal_transactions",
    "journal_lines",
    "withdrawals",
    "balances",
    "members",
  ]);
  await sql.end();
  return reads;
}

test("what is told of a night costs what the night cost, behind a year of older orders as well", async () => {
  const sql = plainClient(database.superuserUrl);
  await populate(sql, members, merchants);
  await addOlderOrders(sql, { orders: 40_000, members, merchants });
  const [[memberNo], [merchantCode]] = [
    await sql`SELECT member_no AS name FROM members LIMIT 1`,
    await sql`SELECT merchant_code AS name FROM merchants LIMIT 1`,
  ];
  await sql.end();
  await take(
    database,
    Array.from(
      { length: nightOrders },
      (_, index) => `N${index},${memberNo!["name"]},${merchantCode!["name"]},100.00,paid,${businessDate} 10:00:00,,,`,
    ),
  );
  await settleOn(database, {}, { clock: noonOf("2026-01-02") });
  const before = await rowsRead();
  const db = connect(database.db.target);
  const context = contextFor(db, { clock: noonOf("2026-01-02") });
  const report = await reportNight(context, businessDate);
  expect(report.merchants).toMatchObject([{ orders: BigInt(nightOrders) }]);
  expect(report.days.every(({ grantedPoints }) => grantedPoints > 0n)).toBe(true);
  expect((await reportFund(context)).fundFen).toBe(report.fund.at(-1)!.fundFen);
  expect((await settlementHistory(context)).lastClosed).toBe(businessDate);
  await db.close();
  const after = await rowsRead();
  for (const [name, { scanned, fetched }] of after) {
    expect(scanned - before.get(name)!.scanned, `rows of ${name} read by scans`).toBe(0);
    // By date they are found in ranges of pages, some thousand rows each.
    expect(fetched - before.get(name)!.fetched, `rows of ${name} read by keys`).toBeLessThan(3 * nightOrders + 12_000);
  }
});
