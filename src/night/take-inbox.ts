import type { SecretBox } from "../domain/accounts/secret-box.ts";
import type { Context } from "../db/context.ts";
import type { MaxRejects } from "../imports/max-rejects.ts";
import type { ImportKind } from "../imports/kind.ts";
import type { ImportReport } from "../imports/report.ts";
import { runImport } from "../imports/run-import.ts";
import { memberKind } from "../domain/members/import.ts";
import { merchantKind } from "../domain/merchants/import.ts";
import { orderKind } from "../domain/orders/import.ts";
import { resultKind } from "../domain/payouts/result.ts";
import { productKind } from "../domain/products/import.ts";
import { withdrawalKind } from "../domain/withdrawals/import.ts";
import { AccrueError } from "../shared/errors.ts";
import type { InboxFolder } from "../shared/file-kinds.ts";
import { fileDocument } from "./documents.ts";
import type { SettledFile } from "./events.ts";
import { isUnchanged, moveWithReport, placeFor, straysIn, type InboxFile } from "./inbox.ts";

/** Where the files of a night lie, and what taking them in needs. */
export interface InboxInput {
  readonly inbox: string;
  /** What lay there when the night was looked ahead at. */
  readonly files: readonly InboxFile[];
  /** The most rejected rows of a file; with more of them it is set aside as a whole. What is usual for its folder when not given. */
  readonly maxRejects?: MaxRejects | undefined;
  /** What seals payout accounts; asked only when a file of requests names one. */
  readonly secretBox: () => SecretBox;
}

/** Told of what becomes of the files. */
export interface InboxListener {
  /** A file is through. */
  readonly onFile: (file: SettledFile) => void;
  /** A file is about to be set aside: once it is, no later run comes back to it. */
  readonly beforeSetAside: (file: SettledFile) => Promise<void>;
}

/** What the files of each folder are read as. */
const kinds: Readonly<Record<InboxFolder, (secretBox: () => SecretBox) => ImportKind>> = {
  members: () => memberKind,
  merchants: () => merchantKind(),
  products: () => productKind,
  orders: () => orderKind(),
  withdrawals: withdrawalKind,
  results: () => resultKind(),
};

/**
 * Takes in what lies in an inbox, file by file. What was taken in moves below `done`, what cannot be read below `failed`, each with
 * its report and its rejects beside it; what may still be being written stays, and so does what lies where nothing is read. A file that was taken in by a run which died
 * before it could move it is known by its hash, and only moved.
 *
 * @throws what is wrong with the surroundings, and not with one file: the file stays where it is
 */
export async function takeInbox(context: Context, input: InboxInput, { onFile, beforeSetAside }: InboxListener): Promise<void> {
  for (const file of input.files) {
    context.signal.throwIfAborted();
    onFile(await takeFile(context, input, file, beforeSetAside));
  }
  for (const stray of await straysIn(input.inbox)) onFile({ ...stray, ...nothingRead, outcome: "unread" });
}

/**
 * Most rows of such a file are meant to go in: where most are rejected, it is another file than it should be, or what it refers to
 * has not come. A few rows may be wrong in any. Requests and answers are judged one by one, so any number of them may be refused.
 */
const usualMaxRejects: MaxRejects = { rows: 10, bps: 5_000 };
const judgedRowByRow: ReadonlySet<InboxFolder> = new Set(["withdrawals", "results"]);

async function takeFile(context: Context, { inbox, maxRejects, secretBox }: InboxInput, file: InboxFile, beforeSetAside: InboxListener["beforeSetAside"]): Promise<SettledFile> {
  if (file.waitsFor !== undefined) return waiting(file, file.waitsFor);
  if (!(await isUnchanged(file))) return waiting(file, "it is being changed");
  const place = await placeFor(inbox, "done", file);
  try {
    const limit = maxRejects ?? (judgedRowByRow.has(file.folder) ? undefined : usualMaxRejects);
    const input = { input: { path: file.path, found: file }, rejectsPath: place.rejectsPath, ...(limit === undefined ? {} : { maxRejects: limit }) };
    const report = await runImport(context, kinds[file.folder](secretBox), input);
    // What came to it meanwhile is not taken in: next time it is another file, and its rows of now are duplicates.
    if (!(await isUnchanged(file))) return { ...taken(file, report), outcome: "waiting", path: file.path, reason: "it was changed while it was taken in" };
    const settled: SettledFile = { ...taken(file, report), outcome: "done", path: place.path };
    await moveWithReport(file, place, fileDocument(settled));
    return settled;
  } catch (error) {
    if (!isOfTheFile(error)) throw error;
    return error.code === "file_changed" ? waiting(file, "it is being changed") : await setAside(inbox, file, error, beforeSetAside);
  }
}

async function setAside(inbox: string, file: InboxFile, error: AccrueError, beforeSetAside: InboxListener["beforeSetAside"]): Promise<SettledFile> {
  const place = await placeFor(inbox, "failed", file);
  const settled: SettledFile = { ...untouched(file), outcome: "failed", path: place.path, reason: `${error.code}: ${error.message}` };
  await beforeSetAside(settled);
  await moveWithReport(file, place, { ...fileDocument(settled), error: { code: error.code, message: error.message, hint: error.hint ?? null, details: error.details } });
  return settled;
}

/** Errors that tell of this machine, its clock or its settings: the file may be as good as any. */
const ofTheSurroundings = /^(?:rejects_unwritable|spool_failed|inbox_|secret_key_|database_|business_date_closed)/u;

const isOfTheFile = (error: unknown): error is AccrueError =>
  error instanceof AccrueError && (error.kind === "usage" || error.kind === "refused") && !ofTheSurroundings.test(error.code);

const nothingRead = { read: 0, inserted: 0, updated: 0, duplicate: 0, rejected: 0, reasons: {} };

const untouched = ({ folder, name }: InboxFile) => ({ folder, name, ...nothingRead });

const waiting = (file: InboxFile, reason: string): SettledFile => ({ ...untouched(file), outcome: "waiting", path: file.path, reason });

const taken = ({ folder, name }: InboxFile, report: ImportReport) => ({
  folder, name,
  read: report.read, inserted: report.inserted, updated: report.updated, duplicate: report.duplicate, rejected: report.rejected,
  reasons: Object.fromEntries(report.reasons),
  ...(report.importId === undefined ? {} : { importId: report.importId }),
  ...(report.earlier === undefined ? {} : { earlierImportId: report.earlier.importId }),
  ...rejectsFileOf(report),
});

/** Of a file that was taken in before, they are where that import put them. */
function rejectsFileOf({ rejectsFile, earlier }: ImportReport): { readonly rejectsFile?: string } {
  const path = rejectsFile ?? earlier?.rejectsFile ?? undefined;
  return path === undefined ? {} : { rejectsFile: path };
}
