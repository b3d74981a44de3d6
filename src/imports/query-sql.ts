import type { Sql } from "../db/database.ts";
import { where } from "../db/where.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { PageQuery } from "../shared/page.ts";
import type { ImportKind } from "./kind.ts";
import type { Reading } from "./profile.ts";
import type { ImportNotes } from "./report.ts";

export interface ImportFilter {
  readonly kind?: ImportKind["kind"] | undefined;
  readonly operator?: string | undefined;
  /** Finished on this business date or later. */
  readonly since?: BusinessDate | undefined;
  readonly withRejects?: boolean | undefined;
}

/** An import as it is recorded. */
export interface RecordedImport {
  readonly importId: bigint;
  readonly kind: ImportKind["kind"];
  readonly file: string;
  readonly sha256: string;
  readonly byteSize: bigint;
  readonly encoding: string;
  readonly profile: string;
  readonly operator: string;
  readonly host: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly reasons: Readonly<Record<string, number>>;
  /** Of imports from before they were recorded: empty. */
  readonly notes: Partial<ImportNotes>;
  /** How the file was read; null of imports from before that was recorded. */
  readonly reading: Reading | null;
  readonly header: readonly string[] | null;
  readonly rejectsFile: string | null;
  readonly rejectsSha256: string | null;
  /** Whether it is kept what it, and later ones, changed of orders. */
  readonly changesKept: boolean;
  /** The proposal by which it was undone last. */
  readonly undoneBy: string | null;
}

/** Imports as they are recorded. */
const recorded = (sql: Sql) => sql`
  SELECT *, (SELECT max(c.proposal_no) FROM corrections c WHERE c.import_id = imports.import_id) AS undone_by
  FROM imports`;

/** One page of imports, the newest first. */
export function selectImports(
  sql: Sql,
  filter: ImportFilter,
  page: PageQuery<bigint>,
  zone: string,
): Promise<readonly RecordedImport[]> {
  return sql<RecordedImport[]>`
    ${recorded(sql)}
    WHERE ${where(sql, [
      filter.kind !== undefined && sql`kind = ${filter.kind}`,
      filter.operator !== undefined && sql`operator = ${filter.operator}`,
      filter.since !== undefined && sql`finished_at >= ${filter.since}::date::timestamp AT TIME ZONE ${zone}`,
      filter.withRejects === true && sql`rejected > 0`,
      page.after !== undefined && sql`import_id < ${page.after}`,
    ])}
    ORDER BY import_id DESC LIMIT ${page.limit}`;
}

export async function findImport(sql: Sql, importId: bigint): Promise<RecordedImport | undefined> {
  const [row] = await sql<RecordedImport[]>`${recorded(sql)} WHERE import_id = ${importId}`;
  return row;
}

/** A rejected row that the database keeps. */
export interface KeptReject {
  readonly record: number;
  readonly line: number;
  readonly heading: string | null;
  readonly code: string;
  readonly message: string;
  readonly cells: readonly string[];
}

export function selectRejects(sql: Sql, importId: bigint): Promise<readonly KeptReject[]> {
  return sql<KeptReject[]>`
    SELECT record, line, heading, code, message, cells FROM import_rejects WHERE import_id = ${importId}
    ORDER BY record`;
}
