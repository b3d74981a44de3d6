import type { Fragment, Sql } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";

/**
 * The span of time whose files belong to the night of a date: a CTE `span` with `after`, `until` and `is_of_later`, and
 * the CTEs that it uses. Each file belongs to one night: that of the last date closed by the first run that ended after
 * the import of the file. Where a run closed several dates, the last one has all files; the run writes the report of
 * that date. A date that no run has reached has the files of the day itself.
 */
function nightSpan(sql: Sql, date: BusinessDate, zone: string): Fragment {
  const startOf = (day: Fragment) => sql`(${day})::timestamp AT TIME ZONE ${zone}`;
  return sql`
    mine AS (
      SELECT d.state, d.run_id, r.ended_at FROM business_dates d LEFT JOIN settlement_runs r USING (run_id)
      WHERE d.business_date = (${date}::text)::date
    ),
    -- The run whose files came before those of this one. Dates that one run closed together have no such run between them.
    before AS (
      SELECT r.ended_at FROM business_dates d LEFT JOIN settlement_runs r USING (run_id)
      WHERE d.business_date < (${date}::text)::date
        AND NOT EXISTS (SELECT FROM mine WHERE mine.state = 'closed' AND mine.run_id = d.run_id)
      ORDER BY d.business_date DESC LIMIT 1
    ),
    span AS (
      SELECT
        CASE WHEN EXISTS (SELECT FROM mine) THEN coalesce((SELECT ended_at FROM before),
            ${startOf(sql`SELECT min(d.business_date) FROM business_dates d JOIN mine USING (run_id)`)})
          ELSE greatest((SELECT ended_at FROM before), ${startOf(sql`(${date}::text)::date`)}) END AS after,
        coalesce((SELECT ended_at FROM mine), ${startOf(sql`(${date}::text)::date + 1`)}) AS until,
        EXISTS (
          SELECT FROM business_dates d JOIN mine USING (run_id)
          WHERE d.business_date > (${date}::text)::date AND d.state = 'closed'
        ) AS is_of_later
    )`;
}

/** The rows of the files that belong to the night of a date. */
export interface ImportedRows {
  readonly files: bigint;
  readonly read: bigint;
  readonly inserted: bigint;
  readonly updated: bigint;
  readonly duplicate: bigint;
  readonly rejected: bigint;
  readonly reasons: Readonly<Record<string, number>>;
  /** Unreadable files that were set aside; their rows are not counted. */
  readonly setAside: readonly SetAside[];
  /** The first of the files, in the order of import. */
  readonly named: readonly NamedFile[];
}

/** One of those files, by name, with the counts of its rows. */
export interface NamedFile {
  readonly importId: number;
  readonly kind: string;
  readonly file: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
}

export interface SetAside {
  readonly file: string;
  readonly reason: string;
}

const maxFilesNamed = 100;

/**
 * The counts of all files of a date's night (`nightSpan`), the reasons of rejected rows, and the first of the files.
 */
export async function importedRows(sql: Sql, date: BusinessDate, zone: string): Promise<ImportedRows> {
  const [row] = await sql<ImportedRows[]>`
    WITH ${nightSpan(sql, date, zone)},
    set_aside AS (
      SELECT jsonb_build_object('file', concat(file->>'folder', '/', file->>'name'), 'reason', file->>'reason') AS told
      FROM settlement_runs r JOIN span s ON r.ended_at > s.after AND r.ended_at <= s.until AND NOT s.is_of_later
      CROSS JOIN LATERAL jsonb_path_query(r.summary, '$.files[*] ? (@.outcome == "failed")') file
    ),
    taken AS (SELECT i.* FROM imports i
      JOIN span s ON i.started_at > s.after AND i.started_at <= s.until AND NOT s.is_of_later)
    SELECT count(*) AS files, coalesce(sum(read), 0)::bigint AS read, coalesce(sum(inserted), 0)::bigint AS inserted,
      coalesce(sum(updated), 0)::bigint AS updated, coalesce(sum(duplicate), 0)::bigint AS duplicate,
      coalesce(sum(rejected), 0)::bigint AS rejected, (SELECT coalesce(jsonb_object_agg(reason, rows), '{}') FROM (
        SELECT reason, sum(rows::bigint) AS rows FROM taken, jsonb_each_text(taken.reasons) AS one (reason, rows)
        GROUP BY reason) AS summed) AS reasons,
      (SELECT coalesce(jsonb_agg(told ORDER BY told), '[]') FROM set_aside) AS set_aside,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('importId', import_id, 'kind', kind,
          'file', regexp_replace(file, '^.*/', ''), 'read', read, 'inserted', inserted, 'updated', updated,
          'duplicate', duplicate, 'rejected', rejected) ORDER BY import_id), '[]')
        FROM (SELECT * FROM taken ORDER BY import_id LIMIT ${maxFilesNamed}) AS first) AS named
    FROM taken`;
  return row!;
}

/** The record of an imported file. */
export interface TakenFile {
  readonly importId: bigint;
  readonly kind: string;
  readonly file: string;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly rejectsFile: string | null;
}

/** The files of a date's night that earlier, killed or failed runs imported. */
export async function takenByEarlierRuns(
  sql: Sql,
  date: BusinessDate,
  zone: string,
  runId: bigint,
): Promise<readonly TakenFile[]> {
  return sql<TakenFile[]>`
    WITH ${nightSpan(sql, date, zone)}
    SELECT i.import_id, i.kind, i.file, i.read, i.inserted, i.updated, i.duplicate, i.rejected, i.reasons,
      i.rejects_file
    FROM imports i JOIN span s ON i.started_at > s.after
    WHERE EXISTS (
      SELECT 1 FROM settlement_runs r
      WHERE r.run_id < ${runId} AND r.operator = i.operator AND r.host = i.host
        AND i.started_at BETWEEN r.started_at AND r.ended_at)
    ORDER BY i.import_id`;
}
