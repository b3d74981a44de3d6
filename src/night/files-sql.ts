import type { Sql } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";

/** The names of files that were imported since a date began. */
export async function importedSince(
  sql: Sql,
  date: BusinessDate,
  zone: string,
): Promise<readonly { readonly kind: string; readonly file: string }[]> {
  return sql<{ kind: string; file: string }[]>`
    SELECT kind, file FROM imports WHERE started_at >= (${date}::text)::timestamp AT TIME ZONE ${zone}`;
}

/** A file that a run set aside as a whole. */
export interface FailedFile {
  readonly runId: bigint;
  readonly folder: string;
  readonly name: string;
  readonly reason: string;
}

/**
 * Files that runs set aside since the last complete run, and that have not arrived again: no file of the same name was
 * imported since, by a run or by hand; of a statement, for the same account. The reason is that of the last time.
 */
export async function failedFiles(
  sql: Sql,
  kindOfFolder: Readonly<Record<string, string>>,
): Promise<readonly FailedFile[]> {
  return sql<FailedFile[]>`
    WITH since AS (
      SELECT coalesce(
        (SELECT run_id FROM settlement_runs WHERE state = 'complete' ORDER BY run_id DESC LIMIT 1), 0) AS run_id
    ),
    failed AS (
      SELECT DISTINCT ON (file->>'folder', file->>'name')
        r.run_id, r.started_at, file->>'folder' AS folder, file->>'name' AS name, file->>'reason' AS reason
      FROM settlement_runs r JOIN since s ON r.run_id > s.run_id
      CROSS JOIN LATERAL jsonb_path_query(r.summary, '$.files[*] ? (@.outcome == "failed")') file
      ORDER BY file->>'folder', file->>'name', r.run_id DESC
    )
    SELECT f.run_id, f.folder, f.name, f.reason FROM failed f
    WHERE NOT EXISTS (
      SELECT 1 FROM imports i
      WHERE i.started_at >= f.started_at AND i.kind = (${JSON.stringify(kindOfFolder)}::text::jsonb)->>f.folder
        AND regexp_replace(i.file, '^.*/', '') = regexp_replace(f.name, '^.*/', '')
        AND (i.kind <> 'statements' OR split_part(f.name, '/', 1) = (SELECT s.money_account FROM statements s
          WHERE s.import_id = i.import_id))
    )
    ORDER BY f.run_id, f.folder, f.name`;
}
