import { setTimeout as sleep } from "node:timers/promises";
import type { EncodingName } from "../csv/input/encodings.ts";
import { maxExpandedBytes } from "../csv/input/expansion.ts";
import type { CsvInput } from "../csv/input/raw-file.ts";
import { RejectsWriter } from "../csv/rejects.ts";
import { isDry, type Context } from "../db/context.ts";
import { inTransaction, type Transaction } from "../db/database.ts";
import { AccrueError } from "../shared/errors.ts";
import { openByProfile, type OpenFile, type ProfileChoice } from "./choose-profiles.ts";
import { fileFacts, Importing, type FileToRead, type ImportOptions, type ReadAgain } from "./importing.ts";
import type { ImportKind } from "./kind.ts";
import { readingOf, refuseOtherRows, saidOptions } from "./reading.ts";
import { completeEarlier, refuseSameFile, rejectsPathFor, settleRejects } from "./rejects-file.ts";
import type { EarlierImport, ImportReport } from "./report.ts";
import { findEarlierImport, takeImportId, tryLockKind } from "./sql.ts";

export interface ImportInput extends ImportOptions {
  readonly input: CsvInput;
  /** What the file is written in; found from its bytes when not given. */
  readonly encoding?: EncodingName;
  /** Where rejected rows go; beside the input when not given. */
  readonly rejectsPath?: string;
  /** The directory where they go instead, under the name that they would have beside the input. */
  readonly rejectsDirectory?: string;
  /** Reads a file that was imported before once more. */
  readonly force?: boolean;
  /** How the file is to be read; as its header says when not given. */
  readonly reading?: ProfileChoice;
}

/** Between batches the connection is served: with longer ones, the server would wait for its next statement. */
const maxBatchRows = 250;
const lockPollMs = 200;

/**
 * Takes in one file, as one transaction: all of it or nothing. While the server merges a chunk, the next one is parsed.
 *
 * @returns the report; its counts add up to the rows read, whatever was in the file
 * @throws usage errors for a file that cannot be read at all; the signal's reason when interrupted. Nothing is kept
 * then
 */
export async function runImport<Key extends string>(
  context: Context,
  kind: ImportKind<Key>,
  options: ImportInput,
): Promise<ImportReport> {
  const startedMs = performance.now();
  const file = await openByProfile(kind, options.input, options.reading, {
    encoding: options.encoding,
    signal: context.signal,
    onSurvey: (done, total) =>
      context.onProgress({ phase: "reading", done, ...(total === undefined ? {} : { total }), unit: "bytes" }),
    maxBatchRows,
  });
  try {
    if (file.profile.name !== "native") context.onNote(`${file.source.name}: ${file.reason}`);
    return await importOpened(context, kind, file, options, startedMs);
  } finally {
    await file.source.close();
  }
}

/** Takes in a file that is open; whoever opened it closes it. */
export async function importOpened<Key extends string>(
  context: Context,
  kind: ImportKind<Key>,
  file: OpenFile<Key>,
  options: ImportInput,
  startedMs: number,
): Promise<ImportReport> {
  const read = { reading: readingOf(kind, file, context.zone), said: saidOptions(kind, options) };
  for (let reading: FileToRead<Key> = { ...file, ...read }; ;) {
    const report = await importFile(context, kind, reading, options, startedMs);
    if (!("again" in report)) return report;
    reading = { ...reading, ...report.again, source: await reading.source.again() };
  }
}

/** @returns the report; or how the file has to be read once more */
async function importFile<Key extends string>(
  context: Context,
  kind: ImportKind<Key>,
  file: FileToRead<Key>,
  options: ImportInput,
  startedMs: number,
): Promise<ImportReport | ReadAgain> {
  const { source } = file;
  const rejectsPath = rejectsPathFor(context, kind, options);
  const rejects = new RejectsWriter(rejectsPath ?? "", source.header, maxExpandedBytes(source.identity.sizeBytes));
  let isCommitting = false;
  let isUncertain = false;
  try {
    if (rejectsPath !== undefined) await refuseSameFile(options.input.path, rejectsPath);
    const report = await inTransaction(
      context.db,
      async (tx) => {
        await lockKind(tx, kind, context);
        const earlier = await earlierOf(tx, kind, file, options.force === true);
        if (earlier?.isSame === true) return alreadyTaken(context, kind, file, earlier);
        const importing = new Importing(
          context,
          kind,
          { ...file, readOtherwiseBy: earlier?.importId },
          tx,
          rejectsPath === undefined ? undefined : rejects,
          await takeImportId(tx),
        );
        const done = await importing.run(options, startedMs);
        context.signal.throwIfAborted();
        isCommitting = !("again" in done);
        return done;
      },
      (done) => ("again" in done ? "rollback" : context.ending),
    );
    if ("again" in report) return report;
    if (report.earlier !== undefined) await completeEarlier(context, report.earlier);
    else if (rejectsPath !== undefined)
      return { ...report, rejectsFile: await settleRejects(context, rejects, report) };
    return report;
  } catch (error) {
    isUncertain = isCommitting && error instanceof AccrueError && error.code === "database_unreachable";
    throw error;
  } finally {
    // A connection that was cut at the commit leaves open whether it came to be: the next run names the file, or
    // removes it.
    if (!isUncertain) await rejects.discard();
  }
}

/**
 * Imports of one kind go one after the other: overlapping files would only wait for each other's keys, row by row, and
 * could deadlock.
 */
async function lockKind(tx: Transaction, { kind }: { kind: ImportKind["kind"] }, context: Context): Promise<void> {
  for (let waited = false; !(await tryLockKind(tx, kind)); waited = true) {
    if (!waited) context.onNote(`another import of ${kind} is running; waiting for it to end`);
    await sleep(lockPollMs, undefined, { signal: context.signal });
  }
}

/**
 * Finds the import that took in the same bytes before.
 *
 * @param isForced whether they are read all the same: then there is none
 * @throws refused, where that was as another thing than now
 */
async function earlierOf<Key extends string>(
  tx: Transaction,
  kind: ImportKind<Key>,
  { source, reading }: FileToRead<Key>,
  isForced: boolean,
): Promise<EarlierImport | undefined> {
  if (isForced) return undefined;
  const found = { kind: kind.kind, sha256: source.identity.sha256 };
  const earlier = await findEarlierImport(tx, found, reading);
  if (earlier === undefined) return undefined;
  await kind.refuseOther?.(tx, earlier.importId);
  if (!earlier.isSame) refuseOtherRows(source.name, reading, earlier);
  return earlier;
}

function alreadyTaken(
  context: Context,
  { kind }: { kind: string },
  file: OpenFile<string>,
  earlier: EarlierImport,
): ImportReport {
  return {
    importId: undefined,
    kind,
    ...fileFacts(file),
    read: 0,
    inserted: 0,
    updated: 0,
    duplicate: 0,
    rejected: 0,
    notes: undefined,
    reasons: [],
    examples: [],
    rejectsFile: undefined,
    seconds: 0,
    dryRun: isDry(context),
    earlier,
  };
}
