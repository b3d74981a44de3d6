import { sha256OfFile } from "../csv/rejects-left.ts";
import { encodeRejectsFile, type Reject } from "../csv/rejects-text.ts";
import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, reading } from "../db/database.ts";
import { refusedError, type AccrueError } from "../shared/errors.ts";
import { findImport, selectRejects, type KeptReject, type RecordedImport } from "./query-sql.ts";

/** Whether the rejects file still is what the import wrote; it may be on another machine. */
export type RejectsFileState = "unchanged" | "changed" | "gone" | "elsewhere";

/** What is known of one import. */
export interface ImportStory extends RecordedImport {
  /** Undefined where nothing was rejected, or no file was written. */
  readonly rejectsFileState: RejectsFileState | undefined;
}

/**
 * Tells what one import took in.
 *
 * @throws refused `import_unknown`
 */
export async function showImport(context: Pick<Context, "db" | "operator">, importId: bigint): Promise<ImportStory> {
  const found = await recordedImport(context, importId);
  return { ...found, rejectsFileState: await stateOf(found, context.operator.host) };
}

/** The rejects of an import that the database keeps: the first of them, in the order of the file. */
export async function importRejects(context: Pick<Context, "db">, importId: bigint): Promise<readonly KeptReject[]> {
  await recordedImport(context, importId);
  return reading(() => selectRejects(context.db.sql, importId));
}

/**
 * The kept rejects as the text of a rejects file, to be mended and imported. The rows may hold names and phone numbers
 * in full: that they were read is recorded before anybody sees them.
 *
 * @throws refused `import_unknown`
 */
export async function revealRejects(
  context: Context,
  importId: bigint,
): Promise<{ readonly text: string; readonly rows: number }> {
  const { header } = await recordedImport(context, importId);
  return inTransaction(context.db, async (tx) => {
    const rejects = await selectRejects(tx, importId);
    await recordAction(tx, context, {
      action: "import.rejects.reveal",
      subjectKind: "import",
      subject: String(importId),
      details: { rows: rejects.length },
    });
    return { text: encodeRejectsFile(header ?? [], rejects.map(toReject)), rows: rejects.length };
  });
}

const toReject = ({ record, line, heading, message, cells }: KeptReject): Reject => ({
  record,
  line,
  cells,
  column: heading ?? "",
  reason: message,
});

/** @throws refused `import_unknown` */
export async function recordedImport({ db }: Pick<Context, "db">, importId: bigint): Promise<RecordedImport> {
  const found = await reading(() => findImport(db.sql, importId));
  if (found !== undefined) return found;
  throw importUnknown(importId);
}

export const importUnknown = (importId: bigint): AccrueError =>
  refusedError("import_unknown", `there is no import ${importId}`, { hint: "`accrue import list` shows them" });

async function stateOf(
  { rejectsFile, rejectsSha256, host }: RecordedImport,
  here: string,
): Promise<RejectsFileState | undefined> {
  if (rejectsFile === null) return undefined;
  const sha256 = await sha256OfFile(rejectsFile);
  if (sha256 === rejectsSha256) return "unchanged";
  if (host !== here) return "elsewhere";
  return sha256 === undefined ? "gone" : "changed";
}
