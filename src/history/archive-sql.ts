import { randomBytes } from "node:crypto";
import type { Fragment, Sql, Transaction } from "../db/database.ts";
import type { Row } from "../db/rows.ts";
import { keyWeight } from "../db/archived.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { Fen } from "../shared/money.ts";
import type { Partition } from "./partitions-sql.ts";

/**
 * What entries of orders come to by member, as `carried_points` keeps it.
 *
 * @param entries a relation of entries, each with the `merchant_id` of its order
 */
export const sumsByMember = (sql: Sql, entries: Fragment): Fragment => sql`
  SELECT member_id, count(DISTINCT ref_id) AS orders, sum(available_points)::bigint AS available_points,
    coalesce(-sum(available_points) FILTER (WHERE kind = 'clawback'), 0)::bigint AS clawed_back_points
  FROM ${entries} e GROUP BY member_id`;

/** The same by date, merchant, run, rate and kind, as `carried_entries` keeps it. */
export const sumsByDate = (sql: Sql, entries: Fragment): Fragment => sql`
  SELECT business_date, merchant_id, run_id, contribution_bps, kind, count(*) AS entries,
    count(*) FILTER (WHERE entry_no = 1) AS first_entries, sum(available_points)::bigint AS available_points,
    coalesce(sum(contribution_fen) FILTER (WHERE contribution_fen > 0), 0)::bigint AS contributed_fen,
    coalesce(sum(contribution_fen) FILTER (WHERE contribution_fen < 0), 0)::bigint AS clawed_back_fen
  FROM ${entries} e GROUP BY business_date, merchant_id, run_id, contribution_bps, kind`;

/**
 * Finds the orders of a partition that are over: settled, all their entries of dates before one, and waiting for
 * nothing. Void and corrected orders, orders without entries, and the entries of withdrawals and adjustments stay.
 *
 * They go to `archived_orders`, and what their entries come to, to `carrying_points` and `carrying_entries`.
 */
export async function selectArchived(
  tx: Transaction,
  { ordersTable, entriesTable }: Partition,
  before: BusinessDate,
): Promise<void> {
  const waits = (table: string) =>
    tx`EXISTS (SELECT FROM ${tx(table)} w WHERE w.member_id = o.member_id AND w.order_id = o.order_id)`;
  await tx`
    CREATE TEMP TABLE archived_orders ON COMMIT DROP AS
    SELECT o.member_id, o.order_id, o.merchant_id
    FROM ${tx(ordersTable)} o
    JOIN (SELECT member_id, ref_id FROM ${tx(entriesTable)} WHERE run_id IS NOT NULL GROUP BY member_id, ref_id
      HAVING max(business_date) < ${before}::date) e ON e.member_id = o.member_id AND e.ref_id = o.order_id
    WHERE o.status IN ('paid', 'closed') AND o.business_date < ${before}::date
      AND NOT ${waits("order_changes")} AND NOT ${waits("unevidenced_orders")} AND NOT ${waits("uncollected_orders")}
      AND NOT EXISTS (SELECT FROM order_voids v WHERE v.order_id = o.order_id)
      AND NOT EXISTS (SELECT FROM order_voids v WHERE v.new_order_id = o.order_id)`;
  await tx`ANALYZE archived_orders`;
  const archived = tx`(SELECT e.*, a.merchant_id FROM archived_orders a
    JOIN ${tx(entriesTable)} e ON e.member_id = a.member_id AND e.ref_id = a.order_id)`;
  await tx`CREATE TEMP TABLE carrying_entries ON COMMIT DROP AS ${sumsByDate(tx, archived)}`;
  await tx`CREATE TEMP TABLE carrying_points ON COMMIT DROP AS ${sumsByMember(tx, archived)}`;
}

/** What the orders of `archived_orders` come to. */
export interface ArchivedTotals {
  readonly orders: bigint;
  readonly entries: bigint;
  readonly availablePoints: bigint;
  readonly contributionFen: Fen;
  readonly untilDate: BusinessDate | null;
}

/** @throws Error where the two sums of the same entries differ */
export async function totalsOf(sql: Sql): Promise<ArchivedTotals> {
  const [row] = await sql<(ArchivedTotals & { isSame: boolean })[]>`
    SELECT o.orders, coalesce(e.entries, 0)::bigint AS entries, coalesce(e.available_points, 0)::bigint AS available_points,
      coalesce(e.contribution_fen, 0)::bigint AS contribution_fen, e.until_date,
      (o.orders, o.orders, coalesce(e.available_points, 0))
        = (coalesce(e.first_entries, 0), coalesce(p.orders, 0), coalesce(p.available_points, 0)) AS is_same
    FROM (SELECT count(*) AS orders FROM archived_orders) o,
      (SELECT sum(entries) AS entries, sum(first_entries) AS first_entries, sum(available_points) AS available_points,
        sum(contributed_fen + clawed_back_fen) AS contribution_fen, max(business_date) AS until_date
        FROM carrying_entries) e,
      (SELECT sum(orders) AS orders, sum(available_points) AS available_points FROM carrying_points) p`;
  const { isSame, ...totals } = row!;
  if (!isSame) throw new Error("entries of one archive come to different sums by member and by date");
  return totals;
}

/** The rows that are archived of a partition, as queries for COPY. */
export const archivedRows = ({ ordersTable, entriesTable }: Partition): Readonly<Record<ArchivedTable, string>> => ({
  orders: `SELECT o.* FROM ${ordersTable} o JOIN archived_orders USING (member_id, order_id)`,
  points_entries: `SELECT e.* FROM ${entriesTable} e JOIN archived_orders a ON a.member_id = e.member_id AND a.order_id = e.ref_id`,
});

/** The tables of which an archive has rows. */
export const archivedTables = ["orders", "points_entries"] as const;
export type ArchivedTable = (typeof archivedTables)[number];

/** The columns of the archived tables, in the order of their files. */
export async function columnsOf(sql: Sql): Promise<Readonly<Record<ArchivedTable, readonly string[]>>> {
  const rows = await sql<{ tableName: ArchivedTable; columns: string[] }[]>`
    SELECT c.relname AS table_name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.oid = ANY (ARRAY['orders'::regclass, 'points_entries'::regclass]) GROUP BY c.relname`;
  const of = (table: ArchivedTable) => rows.find(({ tableName }) => tableName === table)!.columns;
  return { orders: of("orders"), points_entries: of("points_entries") };
}

/** The number of the next archive. Nobody else takes it until the transaction ends. */
export async function nextArchiveNo(tx: Transaction): Promise<number> {
  await tx`SELECT pg_advisory_xact_lock(hashtext('accrue history'))`;
  const [row] = await tx<{ next: number }[]>`SELECT coalesce(max(archive_no), 0) + 1 AS next FROM history_archives`;
  return row!.next;
}

/** What is recorded of an archive beside its totals. */
export type ArchiveFacts = Omit<
  Row<"historyArchives">,
  keyof ArchivedTotals | "keysSeed" | "keysWeight" | "attachedBy" | "attachedAt"
>;

/** Records an archive with all that it carries. */
export async function insertArchive(
  tx: Transaction,
  { ordersTable }: Partition,
  facts: ArchiveFacts,
  totals: ArchivedTotals,
): Promise<void> {
  const newSeed = tx`${randomBytes(8).readBigInt64BE()}::bigint`;
  await tx`
    INSERT INTO history_archives (archive_no, first_id, end_id, before_date, until_date, orders, entries,
      available_points, contribution_fen, keys_seed, keys_weight, directory, manifest_sha256, host, archived_by,
      archived_at)
    SELECT ${facts.archiveNo}, ${facts.firstId}, ${facts.endId}, ${facts.beforeDate}, ${totals.untilDate},
      ${totals.orders}, ${totals.entries}, ${totals.availablePoints}, ${totals.contributionFen}, ${newSeed},
      sum(${keyWeight(tx, newSeed)}), ${facts.directory}, ${facts.manifestSha256}, ${facts.host}, ${facts.archivedBy},
      ${facts.archivedAt}
    FROM (SELECT o.order_no, o.source, o.member_id, o.order_id
      FROM ${tx(ordersTable)} o JOIN archived_orders USING (member_id, order_id)) k`;
  await tx`
    INSERT INTO carried_points (member_id, archive_no, orders, available_points, clawed_back_points)
    SELECT member_id, ${facts.archiveNo}, orders, available_points, clawed_back_points FROM carrying_points
    ORDER BY member_id`;
  await tx`
    INSERT INTO carried_entries (archive_no, business_date, merchant_id, run_id, contribution_bps, kind, entries,
      first_entries, available_points, contributed_fen, clawed_back_fen)
    SELECT ${facts.archiveNo}, business_date, merchant_id, run_id, contribution_bps, kind, entries, first_entries,
      available_points, contributed_fen, clawed_back_fen
    FROM carrying_entries ORDER BY business_date, merchant_id`;
}

/**
 * Leaves of an open partition what is not archived.
 *
 * @returns how many orders and entries stay
 */
export async function emptyPartition(
  tx: Transaction,
  { ordersTable, entriesTable }: Partition,
): Promise<{ readonly orders: bigint; readonly entries: bigint }> {
  const keep = (kept: string, table: string, id: Fragment) => tx`
    CREATE TEMP TABLE ${tx(kept)} ON COMMIT DROP AS SELECT x.* FROM ${tx(table)} x
    WHERE NOT EXISTS (SELECT FROM archived_orders a WHERE a.member_id = x.member_id AND a.order_id = ${id})`;
  await keep("kept_orders", ordersTable, tx`x.order_id`);
  await keep("kept_entries", entriesTable, tx`x.ref_id`);
  await tx`TRUNCATE ${tx(ordersTable)}, ${tx(entriesTable)}`;
  const { count: orders } = await tx`INSERT INTO ${tx(ordersTable)} SELECT * FROM kept_orders`;
  const { count: entries } = await tx`INSERT INTO ${tx(entriesTable)} SELECT * FROM kept_entries`;
  return { orders: BigInt(orders), entries: BigInt(entries) };
}
