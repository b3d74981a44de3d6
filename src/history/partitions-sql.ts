import type { Sql, Transaction } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";

/** A range of ids, whose orders and entries are partitions of their own. The newest has no end, and is none of these. */
export interface Partition {
  readonly ordersTable: string;
  readonly entriesTable: string;
  readonly firstId: bigint;
  /** The first id after it. */
  readonly endId: bigint;
}

/** The partitions that take no new ids any more, the oldest first. */
export const selectPartitions = (sql: Sql): Promise<readonly Partition[]> => sql<Partition[]>`
  WITH parts AS (
    SELECT i.inhparent, c.relname,
      regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM \\(''?([^'')]+)''?\\) TO \\(''?(\\d+)''?\\)') AS bounds
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  )
  SELECT o.relname AS orders_table, e.relname AS entries_table,
    CASE o.bounds[1] WHEN 'MINVALUE' THEN 0 ELSE o.bounds[1]::bigint END AS first_id, o.bounds[2]::bigint AS end_id
  FROM parts o JOIN parts e ON e.bounds = o.bounds
  WHERE o.inhparent = 'orders'::regclass AND e.inhparent = 'points_entries'::regclass
    AND (SELECT last_value FROM id_seq) >= o.bounds[2]::bigint
  ORDER BY first_id`;

/**
 * Opens a partition to its owner, whom its guards keep from emptying it or putting entries of closed dates in, until the
 * transaction ends or `closePartition`. Nobody else writes to it meanwhile: payouts of old withdrawals would. Whoever
 * reads it in a transaction that stays open is waited for five seconds, for others would have to wait as long.
 */
export async function openPartition(tx: Transaction, { ordersTable, entriesTable }: Partition): Promise<void> {
  await tx`SET LOCAL lock_timeout = '5s'`;
  await tx`GRANT TRUNCATE ON ${tx(entriesTable)} TO CURRENT_USER`;
  for (const table of [ordersTable, entriesTable]) await tx`ALTER TABLE ${tx(table)} DISABLE TRIGGER USER`;
}

/** Puts the guards back as they were. */
export async function closePartition(tx: Transaction, { ordersTable, entriesTable }: Partition): Promise<void> {
  for (const table of [ordersTable, entriesTable]) await tx`ALTER TABLE ${tx(table)} ENABLE TRIGGER USER`;
  await tx`REVOKE TRUNCATE ON ${tx(entriesTable)} FROM CURRENT_USER`;
}

/** How much of a partition there is, and of how much later dates some of it is. */
export interface PartitionSize {
  readonly orders: bigint;
  readonly entries: bigint;
  /** The newest date of its orders; null where none has one. */
  readonly newestDate: BusinessDate | null;
}

export async function sizeOf(sql: Sql, { ordersTable, entriesTable }: Partition): Promise<PartitionSize> {
  const [row] = await sql<PartitionSize[]>`
    SELECT o.*, (SELECT count(*) FROM ${sql(entriesTable)}) AS entries
    FROM (SELECT count(*) AS orders, max(business_date) AS newest_date FROM ${sql(ordersTable)}) o`;
  return row!;
}

/** The dates that may be archived: those before the newest closed date, and before any that is not closed. */
export async function firstOpenDate(sql: Sql): Promise<BusinessDate | null> {
  const [row] = await sql<{ first: BusinessDate | null }[]>`
    SELECT coalesce(min(business_date) FILTER (WHERE state <> 'closed'), max(business_date)) AS first
    FROM business_dates`;
  return row!.first;
}

/** The role that the tables are of, if this session may not act as it. */
export async function otherOwner(sql: Sql): Promise<string | undefined> {
  const [row] = await sql<{ owner: string }[]>`
    SELECT pg_get_userbyid(relowner) AS owner FROM pg_class
    WHERE oid = 'orders'::regclass AND NOT pg_has_role(relowner, 'USAGE')`;
  return row?.owner;
}
