import { resolve } from "node:path";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { EncodingName } from "../csv/input/encodings.ts";
import type { CsvInput } from "../csv/input/raw-file.ts";
import type { CsvSource } from "../csv/reader.ts";
import { RejectsWriter } from "../csv/rejects.ts";
import { assertBalanced, ReasonTally } from "../csv/report.ts";
import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { copyIn } from "../db/copy-in.ts";
import { inTransaction, tuneBulk, type Transaction } from "../db/database.ts";
import { AccrueError } from "../shared/errors.ts";
import { formatYuan } from "../shared/money.ts";
import { Chunk, headingOf, type ChunkLimits, type RejectedRow } from "./chunk.ts";
import type { ProfileChoice } from "./choose-profiles.ts";
import { ColumnSums } from "./column-sums.ts";
import { checkDeclared } from "./declared.ts";
import { gatherAndMerge } from "./gather.ts";
import { GatheredRows } from "./gathered-rows.ts";
import type { Gathering, ImportKind, MergeFacts, RowReader } from "./kind.ts";
import { LongIds, refusingZeroed } from "./long-ids.ts";
import { passesRows, passesShare, tooManyRejects, type MaxRejects } from "./max-rejects.ts";
import { openByProfile, type OpenFile } from "./open.ts";
import { completeEarlier, refuseSameFile, rejectsPathFor, settleRejects } from "./rejects-file.ts";
import { privateCellsOf, RejectedRows } from "./rejected-rows.ts";
import type { EarlierImport, ImportNotes, ImportReport } from "./report.ts";
import { readingBy } from "./ruled-cells.ts";
import { findEarlierImport, insertImport, insertRejects, nextImportId, tryLockKind } from "./sql.ts";

export interface ImportInput {
  readonly input: CsvInput;
  /** What the file is written in; found from its bytes when not given. */
  readonly encoding?: EncodingName;
  /** Where rejected rows go; beside the input when not given. */
  readonly rejectsPath?: string;
  /** The directory where they go instead, under the name that they would have beside the input. */
  readonly rejectsDirectory?: string;
  readonly dryRun?: boolean;
  /** Reads a file that was taken in before once more. */
  readonly force?: boolean;
  /** Refuses the whole file when more of its rows are rejected; no limit when not given. */
  readonly maxRejects?: MaxRejects;
  /** How the file is to be read; as its header says when not given. */
  readonly reading?: ProfileChoice;
  /** Where chunks end; the same rows give the same database whatever these are. */
  readonly limits?: Partial<ChunkLimits>;
}

const maxBatchRows = 1000;
const lockPollMs = 200;

/**
 * Takes in one file, as one transaction: all of it or nothing. While the server merges a chunk, the next one is parsed.
 *
 * @returns the report; its counts add up to the rows read, whatever was in the file
 * @throws usage errors for a file that cannot be read at all; the signal's reason when interrupted. Nothing is kept then
 */
export async function runImport<Key extends string>(context: Context, kind: ImportKind<Key>, options: ImportInput): Promise<ImportReport> {
  const startedMs = performance.now();
  const file = await openByProfile(kind, options.input, options.reading, {
    encoding: options.encoding,
    signal: context.signal,
    onSurvey: (done, total) => context.onProgress({ phase: "reading", done, ...(total === undefined ? {} : { total }), unit: "bytes" }),
    maxBatchRows,
  });
  try {
    if (file.profile.name !== "native") context.onNote(`${file.source.name}: ${file.reason}`);
    return await importFile(context, kind, file, options, startedMs).catch(async (error: unknown) => {
      if (error !== spoiltIds) throw error;
      const again = { ...file, source: await file.source.again(), hasSpoiltIds: true };
      return importFile(context, kind, again, options, startedMs);
    });
  } finally {
    await file.source.close();
  }
}

/** Ends a reading that took the file's ids for good ones; everything is rolled back then. */
const spoiltIds = new Error("ids of this file went through a spreadsheet");

/** A file, and what an earlier reading of it has shown. */
interface FileToRead<Key extends string> extends OpenFile<Key> {
  readonly hasSpoiltIds?: boolean;
}

async function importFile<Key extends string>(
  context: Context,
  kind: ImportKind<Key>,
  file: FileToRead<Key>,
  options: ImportInput,
  startedMs: number,
): Promise<ImportReport> {
  const { source } = file;
  const rejectsPath = rejectsPathFor(kind, options);
  const rejects = new RejectsWriter(rejectsPath ?? "", source.header, { byteOrderMark: source.encoding !== "utf-8" });
  let isCommitting = false;
  let isUncertain = false;
  try {
    if (rejectsPath !== undefined) await refuseSameFile(options.input.path, rejectsPath);
    const report = await inTransaction(
      context.db.sql,
      async (tx) => {
        await lockKind(tx, kind, context);
        const earlier = options.force === true ? undefined : await findEarlierImport(tx, kind.kind, source.identity.sha256);
        if (earlier !== undefined) return alreadyTaken(kind, file, earlier, options);
        const importing = new Importing(context, kind, file, tx, rejectsPath === undefined ? undefined : rejects, await nextImportId(tx));
        const done = await importing.run(options, startedMs);
        context.signal.throwIfAborted();
        isCommitting = true;
        return done;
      },
      options.dryRun === true ? "rollback" : "commit",
    );
    if (report.earlier !== undefined) await completeEarlier(context, report.earlier);
    else if (rejectsPath !== undefined) return { ...report, rejectsFile: await settleRejects(context, rejects, report) };
    return report;
  } catch (error) {
    isUncertain = isCommitting && error instanceof AccrueError && error.code === "database_unreachable";
    throw error;
  } finally {
    // A connection that was cut at the commit leaves open whether it came to be: the next run names the file, or removes it.
    if (!isUncertain) await rejects.discard();
  }
}

/** Imports of one kind go one after the other: overlapping files would only wait for each other's keys, row by row, and could deadlock. */
async function lockKind(tx: Transaction, { kind }: { kind: ImportKind["kind"] }, context: Context): Promise<void> {
  for (let waited = false; !(await tryLockKind(tx, kind)); waited = true) {
    if (!waited) context.onNote(`another import of ${kind} is running; waiting for it to end`);
    await sleep(lockPollMs, undefined, { signal: context.signal });
  }
}

/** What a report says of the file itself. */
const fileFacts = ({ source: { name, member, identity, encoding }, profile }: OpenFile<string>) => ({
  file: name, member, ...identity, encoding, profile: profile.name,
});

function alreadyTaken({ kind }: { kind: string }, file: OpenFile<string>, earlier: EarlierImport, options: ImportInput): ImportReport {
  return {
    importId: undefined, kind, ...fileFacts(file),
    read: 0, inserted: 0, updated: 0, duplicate: 0, rejected: 0, notes: undefined, reasons: [], examples: [], rejectsFile: undefined,
    seconds: 0, dryRun: options.dryRun === true, earlier,
  };
}

/** One import under way: its counts, and the chunk that the server works on. */
class Importing<Key extends string> {
  readonly #context: Context;
  readonly #kind: ImportKind<Key>;
  readonly #source: CsvSource<Key>;
  readonly #file: FileToRead<Key>;
  readonly #longIds = new LongIds();
  readonly #tx: Transaction;
  readonly #writer: RejectsWriter | undefined;
  readonly #rejected: RejectedRows;
  readonly #facts: MergeFacts;
  readonly #others = new ReasonTally();
  readonly #sums: ColumnSums;
  readonly #gathering: Gathering<Key> | undefined;
  #isAnalysed = false;
  readonly #counts = { read: 0, inserted: 0, updated: 0, duplicate: 0 };
  #orders: number | undefined;
  #membersCreated = 0;

  constructor(context: Context, kind: ImportKind<Key>, file: FileToRead<Key>, tx: Transaction, writer: RejectsWriter | undefined, importId: bigint) {
    this.#context = context;
    this.#kind = kind;
    this.#file = file;
    this.#source = file.source;
    this.#tx = tx;
    this.#writer = writer;
    const { header, match } = file.source;
    const { amount = -1 } = match.columnIndex as Readonly<Record<string, number>>;
    this.#rejected = new RejectedRows(writer, amount < 0 ? undefined : { index: amount, width: header.length }, privateCellsOf(kind, file.source));
    this.#gathering = kind.gathering?.(file.profile);
    this.#sums = new ColumnSums(this.#gathering?.columns ?? kind.stagedColumns);
    this.#facts = { importId, profile: file.profile, zone: context.zone, operator: context.operator.name, now: context.clock() };
  }

  async run(options: ImportInput, startedMs: number): Promise<ImportReport> {
    await tuneBulk(this.#tx);
    await this.#kind.prepare(this.#tx, this.#facts);
    await (this.#gathering === undefined ? this.#takeChunks(options) : this.#gather(this.#gathering, options));
    if (this.#longIds.areSpoilt) throw spoiltIds;
    const { total: rejected, reasons, examples } = this.#rejected;
    assertBalanced({ ...this.#counts, rejected });
    if (passesShare(options.maxRejects, rejected, this.#counts.read)) throw this.#tooManyRejects(options.maxRejects!);
    const report: ImportReport = {
      importId: options.dryRun === true ? undefined : this.#facts.importId,
      kind: this.#kind.kind, ...fileFacts(this.#file), ...this.#counts, rejected, reasons, examples, rejectsFile: this.#writer?.path, notes: this.#notes(),
      seconds: Math.round(performance.now() - startedMs) / 1000, dryRun: options.dryRun === true, earlier: undefined,
    };
    // On disk before the database commits: a full disk is met while everything can still be rolled back.
    await this.#record(report, await this.#writer?.prepare());
    return report;
  }

  #notes(): ImportNotes {
    const { layout, member, passedOver, declaredTotals, progress } = this.#source;
    const { amountFen } = this.#rejected;
    return {
      ...(member === undefined ? {} : { member }),
      profile_reason: this.#file.reason,
      delimiter: layout.delimiter,
      header_line: layout.headerLine,
      ...(this.#orders === undefined ? {} : { orders: this.#orders }),
      members_created: this.#membersCreated,
      other_rows: Object.fromEntries(this.#others.entries()),
      passed_over: { repeated_headers: passedOver.repeatedHeaders, explanations: passedOver.explanations, blank_rows: passedOver.blankRows, tail_rows: passedOver.tailRows },
      declared: checkDeclared(declaredTotals, progress.recordsRead, this.#sums),
      ...(amountFen === undefined ? {} : { rejected_amount: formatYuan(amountFen) }),
    };
  }

  async #record(report: ImportReport, rejectsSha256: string | undefined): Promise<void> {
    const { operator, clock } = this.#context;
    const { importId, now } = this.#facts;
    await insertImport(this.#tx, report, {
      importId, operator: operator.name, host: operator.host, startedAt: now, finishedAt: clock(), header: this.#source.header,
      rejectsFile: rejectsSha256 === undefined ? undefined : { path: resolve(this.#writer!.path), sha256: rejectsSha256 },
    });
    await insertRejects(this.#tx, importId, this.#rejected.kept);
    await recordAction(this.#tx, this.#context, {
      action: "import",
      subjectKind: "import",
      subject: String(importId),
      details: { kind: report.kind, file: report.file, read: report.read, rejected: report.rejected },
    });
  }

  #rowReader(): RowReader<Key> {
    const { profile, hasSpoiltIds } = this.#file;
    const { longIds } = this.#kind;
    const readRow = readingBy(profile, this.#kind.rowReader(profile, this.#context.zone));
    if (longIds === undefined) return readRow;
    return hasSpoiltIds === true ? refusingZeroed(longIds, readRow) : this.#longIds.counting(longIds, readRow);
  }

  async #gather(gathering: Gathering<Key>, { maxRejects }: ImportInput): Promise<void> {
    const { inserted, updated, duplicate, orders, membersCreated } = await gatherAndMerge(
      {
        tx: this.#tx, source: this.#source, facts: this.#facts, signal: this.#context.signal,
        rows: new GatheredRows(this.#rowReader(), this.#source, this.#sums, gathering.columns.length),
        countRead: (rows) => (this.#counts.read += rows),
        reject: (rows) => this.#reject(rows, maxRejects),
        tellProgress: () => this.#tellProgress(),
      },
      gathering,
      this.#others,
    );
    Object.assign(this.#counts, { inserted, updated, duplicate });
    this.#orders = orders;
    this.#membersCreated = membersCreated;
  }

  async #takeChunks({ limits, maxRejects }: ImportInput): Promise<void> {
    const readRow = this.#rowReader();
    const newChunk = () => new Chunk(readRow, this.#source, this.#sums, limits);
    let merging = Promise.resolve();
    let chunk = newChunk();
    const handOver = async () => {
      await merging;
      this.#context.signal.throwIfAborted();
      merging = this.#takeIn(chunk, maxRejects);
      // It is awaited with the next chunk; until then, its failure is nobody's.
      merging.catch(() => {});
      chunk = newChunk();
    };
    try {
      for await (const records of this.#source.batches(true)) {
        for (const record of records) {
          chunk.add(record);
          if (chunk.isFull) await handOver();
        }
        this.#tellProgress();
        // Lets the connection take what has arrived: the next chunk is parsed beside the server's work, not before it.
        await nextTurn();
      }
      if (!chunk.isEmpty) await handOver();
    } catch (error) {
      // Nothing may still be at work when the transaction is rolled back. Did the server refuse something, that is what happened.
      await merging;
      throw error;
    }
    await merging;
  }

  async #takeIn(chunk: Chunk<Key>, maxRejects: MaxRejects | undefined): Promise<void> {
    await this.#stage(chunk);
    await this.#merge(chunk, maxRejects);
  }

  async #stage(chunk: Chunk<Key>): Promise<void> {
    if (chunk.staged === 0) return;
    const { stagingTable, stagedColumns } = this.#kind;
    // In one piece: of several, each would wait until the one before is sent, and reading goes on in between.
    const text = Buffer.concat(chunk.takeCopyText());
    await copyIn(this.#tx, `${stagingTable} (record, line, pass, ${stagedColumns.join(", ")})`, [text]);
    if (this.#isAnalysed) return;
    // Statistics of the first chunk do for all: without any, the planner takes a chunk for a handful of rows.
    await this.#tx.unsafe(`ANALYZE ${stagingTable}`);
    this.#isAnalysed = true;
  }

  async #merge(chunk: Chunk<Key>, maxRejects: MaxRejects | undefined): Promise<void> {
    const rejected: RejectedRow[] = [...chunk.refused];
    for (const [word, rows] of chunk.others.entries()) this.#others.add(word, rows);
    let accounted = 0;
    for (let pass = 0; pass < chunk.passes; pass += 1) {
      this.#context.signal.throwIfAborted();
      const outcome = await this.#kind.merge(this.#tx, pass, this.#facts);
      this.#counts.inserted += outcome.inserted;
      this.#counts.updated += outcome.updated;
      this.#counts.duplicate += outcome.duplicate;
      this.#membersCreated += outcome.membersCreated ?? 0;
      accounted += outcome.inserted + outcome.updated + outcome.duplicate + outcome.rejects.length;
      for (const { record, code, column, message } of outcome.rejects) {
        rejected.push({ record, ...chunk.sourceOf(record), code, column: headingOf(this.#source, column), message });
      }
    }
    if (accounted !== chunk.staged) {
      throw new Error(`the merge of ${this.#kind.kind} accounted for ${accounted} of ${chunk.staged} staged rows`);
    }
    await this.#tx.unsafe(`TRUNCATE ${this.#kind.stagingTable}`);
    this.#counts.read += chunk.read;
    await this.#reject(rejected.sort((one, other) => one.record - other.record), maxRejects);
  }

  async #reject(rejected: readonly RejectedRow[], maxRejects: MaxRejects | undefined): Promise<void> {
    await this.#rejected.add(rejected);
    if (passesRows(maxRejects, this.#rejected.total)) throw this.#tooManyRejects(maxRejects!);
  }

  #tooManyRejects(max: MaxRejects): Error {
    const { total: rejected, reasons, examples } = this.#rejected;
    return tooManyRejects(max, { file: this.#source.name, read: this.#counts.read, rejected, reasons, examples });
  }

  #tellProgress(): void {
    const { bytesRead, totalBytes, recordsRead } = this.#source.progress;
    this.#context.onProgress({
      phase: `importing ${this.#kind.kind}`, done: bytesRead, total: totalBytes,
      unit: "bytes", rows: recordsRead, rejected: this.#rejected.total,
    });
  }
}
