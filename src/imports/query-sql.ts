import type { Sql } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { ImportKind } from "./kind.ts";
import type { ImportNotes } from "./report.ts";

export interface ImportFilter {
  readonly kind?: ImportKind["kind"] | undefined;
  readonly operator?: string | undefined;
  /** Finished on this business date or later. */
  readonly since?: BusinessDate | undefined;
  readonly withRejects?: boolean;
  /** The import that the page comes behind. */
  readonly after?: bigint | undefined;
  readonly limit: number;
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
  readonly header: readonly string[] | null;
  readonly rejectsFile: string | null;
  readonly rejectsSha256: string | null;
}

/** Imports, the newest first. */
export function selectImports(sql: Sql, filter: ImportFilter, zone: string): Promise<readonly RecordedImport[]> {
  return sql<RecordedImport[]>`
    SELECT * FROM imports WHERE true
      ${filter.kind === undefined ? sql`` : sql`AND kind = ${filter.kind}`}
      ${filter.operator === undefined ? sql`` : sql`AND operator = ${filter.operator}`}
      ${filter.since === undefined ? sql`` : sql`AND finished_at >= ${filter.since}::date::timestamp AT TIME ZONE ${zone}`}
      ${filter.withRejects === true ? sql`AND rejected > 0` : sql``}
      ${filter.after === undefined ? sql`` : sql`AND import_id < ${filter.after}`}
    ORDER BY import_id DESC LIMIT ${filter.limit}`;
}

export async function findImport(sql: Sql, importId: bigint): Promise<RecordedImport | undefined> {
  const [row] = await sql<RecordedImport[]>`SELECT * FROM imports WHERE import_id = ${importId}`;
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
    SELECT record, line, heading, code, message, cells FROM import_rejects WHERE import_id = ${importId} ORDER BY record`;
}
