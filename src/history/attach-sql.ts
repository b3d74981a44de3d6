import type { Sql, Transaction } from "../db/database.ts";
import type { Row } from "../db/rows.ts";
import type { PageQuery } from "../shared/page.ts";
import { sumsByDate, sumsByMember } from "./archive-sql.ts";
import type { Partition } from "./partitions-sql.ts";

/** What is recorded of an archive. */
export type Archive = Row<"historyArchives">;

const columns = (sql: Sql) => sql`
  archive_no, first_id, end_id, before_date, until_date, orders, entries, available_points, contribution_fen, keys_seed,
  keys_weight, directory, manifest_sha256, host, archived_by, archived_at, attached_by, attached_at`;

/** One page of the archives, the newest first. */
export const selectArchives = (sql: Sql, { after, limit }: PageQuery<number>): Promise<readonly Archive[]> =>
  sql<Archive[]>`
    SELECT ${columns(sql)} FROM history_archives
    WHERE ${after === undefined ? sql`true` : sql`archive_no < ${after}`} ORDER BY archive_no DESC LIMIT ${limit}`;

export async function findArchive(sql: Sql, archiveNo: number): Promise<Archive | undefined> {
  const [row] = await sql<Archive[]>`
    SELECT ${columns(sql)} FROM history_archives WHERE archive_no = ${archiveNo}`;
  return row;
}

/** Creates the tables that the files of an archive are read into. */
export async function createReturning(tx: Transaction): Promise<void> {
  await tx`CREATE TEMP TABLE returning_orders (LIKE orders) ON COMMIT DROP`;
  await tx`CREATE TEMP TABLE returning_entries (LIKE points_entries) ON COMMIT DROP`;
}

/**
 * Holds what was read against what is carried: by member, and by date, run, merchant, rate and kind.
 *
 * @returns in words, what differs first; undefined where nothing does
 */
export async function differenceOf(tx: Transaction, archive: Archive): Promise<string | undefined> {
  await tx`ANALYZE returning_orders`;
  await tx`ANALYZE returning_entries`;
  const [counted] = await tx<{ orders: bigint; entries: bigint; strays: bigint; outside: bigint }[]>`
    SELECT (SELECT count(*) FROM returning_orders) AS orders, (SELECT count(*) FROM returning_entries) AS entries,
      (SELECT count(*) FROM returning_entries e WHERE NOT EXISTS (SELECT FROM returning_orders o
        WHERE o.member_id = e.member_id AND o.order_id = e.ref_id)) AS strays,
      (SELECT count(*) FROM returning_orders WHERE order_id < ${archive.firstId} OR order_id >= ${archive.endId})
        AS outside`;
  const { orders, entries, strays, outside } = counted!;
  if (orders !== archive.orders) return `${orders} orders in place of ${archive.orders}`;
  if (entries !== archive.entries) return `${entries} entries in place of ${archive.entries}`;
  if (strays > 0n) return `${strays} entries without their order`;
  if (outside > 0n) return `${outside} orders with ids of another partition`;
  const returning = tx`(SELECT e.*, o.merchant_id FROM returning_entries e
    JOIN returning_orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id)`;
  const [sums] = await tx<{ members: bigint; dates: bigint }[]>`
    SELECT
      (SELECT count(*) FROM (
        ${sumsByMember(tx, returning)}
        EXCEPT SELECT member_id, orders, available_points, clawed_back_points FROM carried_points
        WHERE archive_no = ${archive.archiveNo}) d) AS members,
      (SELECT count(*) FROM (
        ${sumsByDate(tx, returning)}
        EXCEPT SELECT business_date, merchant_id, run_id, contribution_bps, kind, entries, first_entries,
          available_points, contributed_fen, clawed_back_fen
        FROM carried_entries WHERE archive_no = ${archive.archiveNo}) d) AS dates`;
  if (sums!.members > 0n) return `the points of ${sums!.members} members`;
  if (sums!.dates > 0n) return `${sums!.dates} sums by date and merchant`;
  return undefined;
}

/**
 * Puts what was read back into an open partition, and drops what was carried of it.
 *
 * @returns how many archives were marked as attached: 1, or 0 where somebody else was first
 */
export async function putBack(
  tx: Transaction,
  { ordersTable, entriesTable }: Partition,
  archiveNo: number,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<number> {
  const { count } = await tx`
    UPDATE history_archives SET attached_by = ${by}, attached_at = ${at}
    WHERE archive_no = ${archiveNo} AND attached_at IS NULL`;
  await tx`INSERT INTO ${tx(ordersTable)} SELECT * FROM returning_orders ORDER BY member_id, order_id`;
  await tx`INSERT INTO ${tx(entriesTable)} SELECT * FROM returning_entries ORDER BY member_id, ref_id`;
  await tx`DELETE FROM carried_points WHERE archive_no = ${archiveNo}`;
  await tx`DELETE FROM carried_entries WHERE archive_no = ${archiveNo}`;
  return count;
}
