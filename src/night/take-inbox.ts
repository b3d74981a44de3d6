import { dirname } from "node:path";
import type { SecretBox } from "../domain/accounts/secret-box.ts";
import type { Context } from "../db/context.ts";
import type { MaxRejects } from "../imports/max-rejects.ts";
import type { ImportKind } from "../imports/kind.ts";
import type { ImportReport } from "../imports/report.ts";
import { runImport } from "../imports/run-import.ts";
import { evidenceKind } from "../domain/evidence/import.ts";
import { memberKind } from "../domain/members/import.ts";
import { merchantKind } from "../domain/merchants/import.ts";
import { orderKind } from "../domain/orders/import.ts";
import { resultKind } from "../domain/payouts/result.ts";
import { productKind } from "../domain/products/import.ts";
import { statementKind } from "../domain/statements/import.ts";
import { withdrawalKind } from "../domain/withdrawals/import.ts";
import { AccrueError } from "../shared/errors.ts";
import type { InboxFolder } from "../shared/file-kinds.ts";
import { fileDocument } from "./documents.ts";
import type { SettledFile } from "./events.ts";
import { isUnchanged, moveWithReport, placeFor, straysIn, type InboxFile } from "./inbox.ts";

/** The inbox of a night, and what importing its files needs. */
export interface InboxInput {
  readonly inbox: string;
  /** The files that `lookAhead` listed. */
  readonly files: readonly InboxFile[];
  /** The most rejected rows of a file; a file with more is set aside as a whole. The default depends on the folder. */
  readonly maxRejects?: MaxRejects | undefined;
  /** Seals payout accounts; called only for files of requests that name one. */
  readonly secretBox: () => SecretBox;
}

/** Called with the results of files. */
export interface InboxListener {
  /** A file is done. */
  readonly onFile: (file: SettledFile) => void;
  /** A file is about to be set aside; no later run will find it. */
  readonly beforeSetAside: (file: SettledFile) => Promise<void>;
}

/** The kind of the files in each folder. */
const kinds: Readonly<Record<InboxFolder, (secretBox: () => SecretBox, name: string) => ImportKind>> = {
  members: () => memberKind,
  merchants: () => merchantKind(),
  products: () => productKind,
  orders: () => orderKind(),
  withdrawals: withdrawalKind,
  results: () => resultKind(),
  evidence: () => evidenceKind,
  statements: (_secretBox, name) => statementKind(dirname(name)),
};

/**
 * Imports the files of an inbox, one by one. Imported files move below `done`, unreadable ones below `failed`, each
 * with its report and its rejects. Files that may still be written stay, and so does what lies where nothing is read. A
 * file that a dead run imported and did not move is recognized by its hash, and only moved.
 *
 * @throws errors of the surroundings, not of one file; the file stays in the inbox then
 */
export async function takeInbox(
  context: Context,
  input: InboxInput,
  { onFile, beforeSetAside }: InboxListener,
): Promise<void> {
  for (const file of input.files) {
    context.signal.throwIfAborted();
    onFile(await takeFile(context, input, file, beforeSetAside));
  }
  for (const stray of await straysIn(input.inbox)) onFile({ ...stray, ...nothingRead, outcome: "unread" });
}

/**
 * The default limit of rejected rows. Where most rows of a file are rejected, it is the wrong file, or what it refers
 * to has not arrived; a few rows may be wrong in any file. Requests and answers are judged one by one, so any number
 * may be refused.
 */
const usualMaxRejects: MaxRejects = { rows: 10, bps: 5_000 };
const judgedRowByRow: ReadonlySet<InboxFolder> = new Set(["withdrawals", "results"]);

async function takeFile(
  context: Context,
  { inbox, maxRejects, secretBox }: InboxInput,
  file: InboxFile,
  beforeSetAside: InboxListener["beforeSetAside"],
): Promise<SettledFile> {
  if (file.waitsFor !== undefined) return waiting(file, file.waitsFor);
  if (!(await isUnchanged(file))) return waiting(file, "it is being changed");
  const place = await placeFor(inbox, "done", file);
  try {
    const limit = maxRejects ?? (judgedRowByRow.has(file.folder) ? undefined : usualMaxRejects);
    const input = {
      input: { path: file.path, found: file },
      rejectsPath: place.rejectsPath,
      ...(limit === undefined ? {} : { maxRejects: limit }),
    };
    const report = await runImport(context, kinds[file.folder](secretBox, file.name), input);
    // Rows that were appended meanwhile are not imported; the next run imports them, and finds these rows as
    // duplicates.
    if (!(await isUnchanged(file)))
      return {
        ...taken(file, report),
        outcome: "waiting",
        path: file.path,
        reason: "it was changed while it was imported",
      };
    const settled: SettledFile = { ...taken(file, report), outcome: "done", path: place.path };
    await moveWithReport(file, place, fileDocument(settled));
    return settled;
  } catch (error) {
    if (!isOfTheFile(error)) throw error;
    return error.code === "file_changed"
      ? waiting(file, "it is being changed")
      : await setAside(inbox, file, error, beforeSetAside);
  }
}

async function setAside(
  inbox: string,
  file: InboxFile,
  error: AccrueError,
  beforeSetAside: InboxListener["beforeSetAside"],
): Promise<SettledFile> {
  const place = await placeFor(inbox, "failed", file);
  const settled: SettledFile = {
    ...untouched(file),
    outcome: "failed",
    path: place.path,
    reason: `${error.code}: ${error.message}`,
  };
  await beforeSetAside(settled);
  await moveWithReport(file, place, {
    ...fileDocument(settled),
    error: { code: error.code, message: error.message, hint: error.hint ?? null, details: error.details },
  });
  return settled;
}

/** Errors of this machine, its clock or its settings, not of the file. */
const ofTheSurroundings = /^(?:rejects_unwritable|spool_failed|inbox_|secret_key_|database_|business_date_closed)/u;

const isOfTheFile = (error: unknown): error is AccrueError =>
  error instanceof AccrueError &&
  (error.kind === "usage" || error.kind === "refused") &&
  !ofTheSurroundings.test(error.code);

const nothingRead = { read: 0, inserted: 0, updated: 0, duplicate: 0, rejected: 0, reasons: {} };

const untouched = ({ folder, name }: InboxFile) => ({ folder, name, ...nothingRead });

const waiting = (file: InboxFile, reason: string): SettledFile => ({
  ...untouched(file),
  outcome: "waiting",
  path: file.path,
  reason,
});

const taken = ({ folder, name }: InboxFile, report: ImportReport) => ({
  folder,
  name,
  read: report.read,
  inserted: report.inserted,
  updated: report.updated,
  duplicate: report.duplicate,
  rejected: report.rejected,
  reasons: Object.fromEntries(report.reasons),
  ...(report.importId === undefined ? {} : { importId: report.importId }),
  ...(report.earlier === undefined ? {} : { earlierImportId: report.earlier.importId }),
  ...rejectsFileOf(report),
});

/** The rejects of a file that was imported before lie where that import put them. */
function rejectsFileOf({ rejectsFile, earlier }: ImportReport): { readonly rejectsFile?: string } {
  const path = rejectsFile ?? earlier?.rejectsFile ?? undefined;
  return path === undefined ? {} : { rejectsFile: path };
}
