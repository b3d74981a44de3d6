import { send, type Sql, type Transaction } from "../db/database.ts";
import type { ImportKind } from "./kind.ts";
import type { RejectedRow } from "./rejected-rows.ts";
import type { Reading } from "./profile.ts";
import type { EarlierImport, ImportReport } from "./report.ts";

/**
 * Tries to become the only import of its kind. The lock ends with the transaction; unique keys guard what it does not.
 */
export async function tryLockKind(tx: Transaction, kind: ImportKind["kind"]): Promise<boolean> {
  const [row] = await tx<
    { locked: boolean }[]
  >`SELECT pg_try_advisory_xact_lock(hashtext('accrue import'), hashtext(${kind})) AS locked`;
  return row?.locked === true;
}

/**
 * The number of a new import: the next that neither a recorded import has nor one at work, of whatever kind; none of
 * those waits for another. It is this transaction's alone until that ends, and nobody's when it is rolled back: what is
 * refused leaves no gap.
 */
export async function takeImportId(tx: Transaction): Promise<bigint> {
  for (let last = 0n; ; last += 1n) {
    const [row] = await tx<
      { last: bigint }[]
    >`SELECT greatest(coalesce(max(import_id), 0), ${last}) AS last FROM imports`;
    last = row!.last;
    const [lock] = await tx<
      { isFree: boolean }[]
    >`SELECT pg_try_advisory_xact_lock(hashtext('accrue import number'), ${last + 1n}::integer) AS is_free`;
    // Whoever had it may have been recorded since the first statement: then it lets go of the lock after that.
    if (lock!.isFree && (await tx`SELECT 1 FROM imports WHERE import_id = ${last + 1n}`).count === 0) return last + 1n;
  }
}

/**
 * Finds the import that took in the same bytes before, and was not undone: the last that read them the same way; else the last that took
 * rows known by the same, that took rows, or of any. One that is older than readings are recorded counts as the same
 * unless it took nothing.
 */
export async function findEarlierImport(
  sql: Sql,
  { kind, sha256 }: Pick<ImportReport, "kind" | "sha256">,
  reading: Reading,
): Promise<EarlierImport | undefined> {
  const [row] = await sql<EarlierImport[]>`
    SELECT * FROM (
      SELECT import_id, operator, finished_at, read, rejected, rejects_file, rejects_sha256, reading,
        CASE WHEN reading IS NULL THEN rejected < read OR read = 0 ELSE reading = ${asStored(reading)}::text::jsonb
          END AS is_same,
        coalesce(reading -> 'known_by' = ${asStored(reading.known_by)}::text::jsonb, true) AS is_known_alike
      FROM imports WHERE kind = ${kind} AND sha256 = ${sha256}
        AND NOT EXISTS (SELECT FROM corrections c WHERE c.import_id = imports.import_id)
    ) i
    ORDER BY is_same DESC, rejected < read AND is_known_alike DESC, rejected < read DESC, import_id DESC LIMIT 1`;
  return row;
}

/** Whether a file is, byte for byte, what an earlier import of the same input wrote as its rejects. */
export async function isRejectsFileOf(
  sql: Sql,
  { kind, sha256 }: Pick<ImportReport, "kind" | "sha256">,
  rejectsSha256: string,
): Promise<boolean> {
  const rows = await sql`
    SELECT FROM imports WHERE kind = ${kind} AND sha256 = ${sha256} AND rejects_sha256 = ${rejectsSha256} LIMIT 1`;
  return rows.count > 0;
}

/** What is recorded of an import beside its report. */
export interface RecordedFacts {
  readonly importId: bigint;
  readonly operator: string;
  readonly host: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
  readonly header: readonly string[];
  readonly reading: Reading;
  readonly rejectsFile: { readonly path: string; readonly sha256: string } | undefined;
}

export async function insertImport(tx: Transaction, report: ImportReport, facts: RecordedFacts): Promise<void> {
  const { read, inserted, updated, duplicate, rejected } = report;
  await tx`
    INSERT INTO imports (
      import_id, kind, file, sha256, byte_size, encoding, profile, operator, host, started_at, finished_at,
      read, inserted, updated, duplicate, rejected, reasons, notes, reading, header, rejects_file, rejects_sha256
    ) VALUES (
      ${facts.importId}, ${report.kind}, ${report.file}, ${report.sha256}, ${report.sizeBytes}, ${report.encoding},
      ${report.profile}, ${facts.operator}, ${facts.host}, ${facts.startedAt}, ${facts.finishedAt}, ${read},
      ${inserted}, ${updated}, ${duplicate}, ${rejected}, ${tx.json(Object.fromEntries(report.reasons))},
      ${asStored(report.notes)}::text::jsonb, ${asStored(facts.reading)}::text::jsonb,
      ${asJson(facts.header)}::text::json, ${facts.rejectsFile?.path ?? null}, ${facts.rejectsFile?.sha256 ?? null}
    )`;
}

// Sent as text: the driver would send jsonb, which refuses a NUL in a cell.
const asJson = (cells: readonly string[]) => JSON.stringify(cells);

// What is said may hold what jsonb refuses: NULs, and halves of characters.
const asStored = (value: unknown) =>
  JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "string" ? asText(one).replaceAll(/\p{Surrogate}/gu, "\ufffd") : one,
  );

// A heading or a message may quote a NUL, which text refuses.
const asText = (text: string) => text.replaceAll("\u0000", "\u2400");

/** Keeps rejected rows as they stand in the file. */
export async function insertRejects(tx: Transaction, importId: bigint, rows: readonly RejectedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx`
    INSERT INTO import_rejects (import_id, record, line, heading, code, message, cells)
    SELECT ${importId}, r.record, r.line, r.heading, r.code, r.message, r.cells::json
    FROM unnest(${rows.map(({ record }) => record)}::integer[], ${rows.map(({ line }) => line)}::integer[],
                ${rows.map(({ column }) => (column === undefined ? null : asText(column)))}::text[],
                ${rows.map(({ code }) => code)}::text[], ${rows.map(({ message }) => asText(message))}::text[],
                ${rows.map(({ cells }) => asJson(cells))}::text[])
      AS r (record, line, heading, code, message, cells)`;
}

/** Creates a temporary table. */
export async function createTable(tx: Transaction, table: string, columns: readonly string[]): Promise<void> {
  await tx.unsafe(`CREATE TEMP TABLE ${table} (${columns.join(", ")}) ON COMMIT DROP`);
}

/** How many judged rows came to which outcome. */
export async function countOutcomes(tx: Transaction, judged: string): Promise<ReadonlyMap<string, number>> {
  const rows = await send(
    tx<
      { outcome: string; rows: number }[]
    >`SELECT outcome, count(*)::integer AS rows FROM ${tx(judged)} GROUP BY outcome`,
  );
  return new Map(rows.map(({ outcome, rows }) => [outcome, rows]));
}

/** A judged row that is not taken; `detail` is what its message quotes. */
export interface JudgedReject {
  readonly record: number;
  readonly outcome: string;
  readonly detail: string | null;
}

/** The judged rows that are not taken. */
export const rejectedRows = (tx: Transaction, judged: string): Promise<readonly JudgedReject[]> =>
  send(
    tx<
      JudgedReject[]
    >`SELECT record, outcome, detail FROM ${tx(judged)} WHERE outcome NOT IN ('new', 'updated', 'duplicate')`,
  );

/** Makes room for the next rows. */
export const clear = (tx: Transaction, tables: readonly string[]): Promise<unknown> =>
  send(tx.unsafe(`TRUNCATE ${tables.join(", ")}`));
