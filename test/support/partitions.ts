import type postgres from "postgres";

/** What was read of a table so far, as the server's statistics tell: rows by scans, scans of keys, rows by keys. */
export interface TableReads {
  readonly scanned: number;
  readonly keyScans: number;
  readonly fetched: number;
  /** Rows in a range of 128 pages, as far as the table was analysed: what an index of block ranges reads at least. */
  readonly rowsInBlockRange: number;
}

/**
 * What was read of these tables, their partitions' reads with theirs. Sessions tell the statistics what they did when
 * they end.
 */
export async function readsOf(sql: postgres.Sql, tables: readonly string[]): Promise<ReadonlyMap<string, TableReads>> {
  await sql`SELECT pg_stat_clear_snapshot()`;
  const rows = await sql<(TableReads & { name: string })[]>`
    SELECT t.name, sum(s.seq_tup_read)::float8 AS scanned, coalesce(sum(s.idx_scan), 0)::float8 AS "keyScans", coalesce(sum(s.idx_tup_fetch), 0)::float8 AS fetched,
      max(128 * c.reltuples / greatest(c.relpages, 1))::float8 AS "rowsInBlockRange"
    FROM unnest(${[...tables]}::text[]) t (name)
    JOIN pg_class c ON coalesce(pg_partition_root(c.oid), c.oid) = t.name::regclass JOIN pg_stat_user_tables s ON s.relid = c.oid
    GROUP BY t.name`;
  return new Map(rows.map(({ name, ...reads }) => [name, reads]));
}

/** What keeps the rows of these tables, or the entries of these indexes: they themselves, or their partitions. */
export async function partitionsOf(sql: postgres.Sql, names: readonly string[]): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT coalesce(p.relid, t)::regclass::text AS name
    FROM unnest(${[...names]}::text[]::regclass[]) t LEFT JOIN LATERAL pg_partition_tree(t) p ON p.isleaf`;
  return rows.map(({ name }) => name);
}
