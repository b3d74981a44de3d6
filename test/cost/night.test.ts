import { join } from "node:path";
import { readFileSync } from "node:fs";
import { describe, expect, inject, test } from "vitest";
import { connect } from "../../src/db/database.ts";
import { verify } from "../../src/verification/verify.ts";
import { addOlderOrders } from "../benchmark/older-orders.ts";
import { businessDate, populate, writeOrders } from "../benchmark/scene.ts";
import { Inbox, noonOf, settleOn } from "../db/night/scene.ts";
import { disconnectAll, plainClient } from "../support/admin.ts";
import { cloneOf, contextFor, type TestDatabase } from "../support/database.ts";
import { scratchDirectory } from "../support/files.ts";
import { partitionsOf, readsOf, type TableReads } from "../support/partitions.ts";

const [members, merchants, nightOrders] = [20_000, 50, 1_000];
/** The tables that grow with orders. */
const large = ["orders", "order_keys", "order_changes", "points_entries", "grant_skips", "order_refunds"];

/** A platform with so many older orders, all settled on closed dates; with none, no date was ever closed. */
async function platformBehind(orders: number): Promise<TestDatabase> {
  const database = await cloneOf();
  const sql = plainClient(database.superuserUrl);
  // An analysis or a vacuum that comes by itself would read what the night did not.
  for (const table of await partitionsOf(sql, large))
    await sql.unsafe(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
  await populate(sql, members, merchants);
  if (orders > 0) await addOlderOrders(sql, { orders, members, merchants });
  await sql.end();
  return database;
}

/** What was read of the large tables so far. */
async function readSoFar(database: TestDatabase): Promise<ReadonlyMap<string, TableReads>> {
  // A session tells the statistics what it did when it ends, or at some time before: so all have to end.
  await disconnectAll(inject("testServer").url, new URL(database.url).pathname.slice(1));
  const sql = plainClient(database.superuserUrl);
  const reads = await readsOf(sql, large);
  await sql.end();
  return reads;
}

/** Settles the night and gives the rows it read of each large table. */
async function readByNight(
  database: TestDatabase,
): Promise<ReadonlyMap<string, { readonly rows: number; readonly rowsInBlockRange: number }>> {
  const [inbox, path] = [new Inbox(), join(scratchDirectory(), "night.csv")];
  writeOrders(path, nightOrders, members, merchants);
  inbox.put("orders/night.csv", readFileSync(path, "utf8"));
  const before = await readSoFar(database);
  const db = connect(database.db.target);
  const summary = await settleOn(database, { inbox: inbox.path }, contextFor(db, { clock: noonOf("2026-01-02") }));
  await db.close();
  expect(summary).toMatchObject({ state: "complete", closed: [businessDate] });
  expect(summary.files).toMatchObject([{ inserted: nightOrders, rejected: 0 }]);
  const after = await readSoFar(database);
  const rowsOf = ({ scanned, fetched }: TableReads) => scanned + fetched;
  return new Map(
    large.map((name) => [
      name,
      {
        rows: rowsOf(after.get(name)!) - rowsOf(before.get(name)!),
        rowsInBlockRange: after.get(name)!.rowsInBlockRange,
      },
    ]),
  );
}

/** How many ranges of pages an index of dates knows nothing of: they are read for whatever date is looked for. */
async function unknownRanges(database: TestDatabase, index: string): Promise<number> {
  const indexes = await partitionsOf(database.db.sql, [index]);
  const [row] = await database.db.sql.begin(
    "read write",
    (tx) => tx<{ ranges: number }[]>`
    SELECT sum(brin_summarize_new_values(name::regclass))::integer AS ranges FROM unnest(${indexes}::text[]) name`,
  );
  return row!.ranges;
}

describe("a night behind older orders", () => {
  test("adds up with them: they are as a settlement leaves them", async () => {
    const database = await platformBehind(20_000);
    await readByNight(database);
    const { checks } = await verify(contextFor(database.db));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(checks.find(({ name }) => name === "orders_granted_as_due")?.checked).toBe(20_000n + BigInt(nightOrders));
  });

  test("which are none: what merchants contributed is read once by the closing that fills it, not for each of them", async () => {
    const database = await platformBehind(0);
    await readByNight(database);
    const [row] = await database.db.sql<{ contributed: number; scans: number }[]>`
      SELECT (SELECT count(*)::integer FROM merchant_contributions) AS contributed, (seq_scan + idx_scan)::integer AS scans
      FROM pg_stat_user_tables WHERE relname = 'merchant_contributions'`;
    expect(row!.contributed).toBe(merchants);
    expect(row!.scans).toBeLessThan(10);
  });

  test("leaves no rows that the next night would have to read to find its own", async () => {
    const database = await platformBehind(8_000); // the night's rows begin another range of pages
    await readByNight(database);
    for (const index of ["orders_business_date", "points_entries_business_date", "journal_transactions_business_date"])
      expect(await unknownRanges(database, index), index).toBe(0);
  });

  test("reads as many rows behind 50,000 of them as behind 5,000", async () => {
    const [few, many] = [
      await readByNight(await platformBehind(5_000)),
      await readByNight(await platformBehind(50_000)),
    ];
    // What is found by date is found in whole ranges of pages, and the one in which the history ends and the night
    // begins is longer or shorter; and up to a thousand members are looked at with all they ever got.
    const mayGrow: Readonly<Record<string, number>> = {
      orders: many.get("orders")!.rowsInBlockRange,
      points_entries: many.get("points_entries")!.rowsInBlockRange + (nightOrders * 50_000) / members,
    };
    for (const name of large)
      expect(many.get(name)!.rows, name).toBeLessThanOrEqual(few.get(name)!.rows + (mayGrow[name] ?? 0));
  });
});
