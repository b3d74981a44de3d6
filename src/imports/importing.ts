import { resolve } from "node:path";
import type { CsvSource } from "../csv/reader.ts";
import type { RejectsWriter } from "../csv/rejects.ts";
import { assertBalanced, ReasonTally } from "../csv/report.ts";
import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import type { Transaction } from "../db/database.ts";
import { tuneBulk } from "../db/planner.ts";
import { formatYuan } from "../shared/money.ts";
import type { ChunkLimits, RejectedRow } from "./chunk.ts";
import { ColumnSums } from "./column-sums.ts";
import { checkDeclared } from "./declared.ts";
import { gatherAndMerge } from "./gather.ts";
import { GatheredRows } from "./gathered-rows.ts";
import type { GatheredOutcome, Gathering, ImportKind, MergeFacts, RowReader, Unwritten } from "./kind.ts";
import { LongIds, refusingZeroed } from "./long-ids.ts";
import { passesRows, passesShare, tooManyRejects, type MaxRejects } from "./max-rejects.ts";
import type { OpenFile } from "./open.ts";
import { privateCellsOf, RejectedRows } from "./rejected-rows.ts";
import type { ImportNotes, ImportReport } from "./report.ts";
import { readingBy } from "./ruled-cells.ts";
import { insertImport, insertRejects } from "./sql.ts";
import { takeChunks, type ChunksOutcome } from "./take-chunks.ts";
import { TypedSums } from "./typed-sums.ts";

/** How an import is to be run, whatever it reads. */
export interface ImportOptions {
  readonly dryRun?: boolean;
  /** Refuses the whole file when more of its rows are rejected; no limit when not given. */
  readonly maxRejects?: MaxRejects;
  /** Where chunks end; the same rows give the same database whatever these are. */
  readonly limits?: Partial<ChunkLimits>;
}

/** Ends a reading that took the file's ids for good ones; everything is rolled back then. */
export const spoiltIds = new Error("ids of this file went through a spreadsheet");

/** A file, and what an earlier reading of it has shown. */
export interface FileToRead<Key extends string> extends OpenFile<Key> {
  readonly hasSpoiltIds?: boolean;
}

/** What a report says of the file itself. */
export const fileFacts = ({ source: { name, member, identity, encoding }, profile }: OpenFile<string>) => ({
  file: name, member, ...identity, encoding, profile: profile.name,
});

/** One import under way: its counts, and the chunk that the server works on. */
export class Importing<Key extends string> {
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
  readonly #sums: ColumnSums<Key>;
  readonly #gathering: Gathering<Key> | undefined;
  readonly #counts = { read: 0, inserted: 0, updated: 0, duplicate: 0 };
  #gathered: Partial<Pick<GatheredOutcome, "orders" | "overRefunded">> = {};
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
    const typed = new TypedSums(file.profile, (key) => match.columnIndex[key] >= 0);
    this.#sums = new ColumnSums(this.#gathering?.columns ?? kind.stagedColumns, typed);
    this.#facts = { importId, profile: file.profile, zone: context.zone, operator: context.operator.name, now: context.clock() };
  }

  async run(options: ImportOptions, startedMs: number): Promise<ImportReport> {
    await tuneBulk(this.#tx);
    await this.#kind.prepare(this.#tx, this.#facts);
    await this.#takeRows(options);
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
    const { orders, overRefunded } = this.#gathered;
    return {
      ...(member === undefined ? {} : { member }),
      profile_reason: this.#file.reason,
      delimiter: layout.delimiter,
      header_line: layout.headerLine,
      ...(orders === undefined ? {} : { orders }),
      ...(overRefunded === undefined || overRefunded.orders === 0 ? {} : { over_refunded: overRefunded }),
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

  /** Takes in all rows, the way that files like this one need. */
  async #takeRows({ limits, maxRejects }: ImportOptions): Promise<void> {
    const shared = {
      tx: this.#tx, source: this.#source, facts: this.#facts, signal: this.#context.signal,
      countRead: (rows: number) => void (this.#counts.read += rows),
      reject: (rows: readonly RejectedRow[]) => this.#reject(rows, maxRejects),
      tellProgress: (unwritten?: Unwritten) => this.#tellProgress(unwritten),
    };
    const [readRow, sums, gathering] = [this.#rowReader(), this.#sums, this.#gathering];
    const { inserted, updated, duplicate, membersCreated, ...gathered }: ChunksOutcome & Partial<GatheredOutcome> =
      gathering === undefined
        ? await takeChunks({ ...shared, kind: this.#kind, readRow, sums, limits: { ...this.#kind.chunkLimits, ...limits } }, this.#others)
        : await gatherAndMerge({ ...shared, rows: new GatheredRows(readRow, this.#source, sums, gathering.columns.length) }, gathering, this.#others);
    Object.assign(this.#counts, { inserted, updated, duplicate });
    this.#membersCreated = membersCreated;
    this.#gathered = gathered;
  }

  async #reject(rejected: readonly RejectedRow[], maxRejects: MaxRejects | undefined): Promise<void> {
    await this.#rejected.add(rejected);
    if (passesRows(maxRejects, this.#rejected.total)) throw this.#tooManyRejects(maxRejects!);
  }

  #tooManyRejects(max: MaxRejects): Error {
    const { total: rejected, reasons, examples } = this.#rejected;
    return tooManyRejects(max, { file: this.#source.name, read: this.#counts.read, rejected, reasons, examples });
  }

  #tellProgress(unwritten?: Unwritten): void {
    const { bytesRead, totalBytes, recordsRead } = this.#source.progress;
    const ofReading = totalBytes === 0 ? 1 : bytesRead / totalBytes;
    this.#context.onProgress({
      phase: `importing ${this.#kind.kind}`, done: bytesRead, total: totalBytes,
      unit: "bytes", rows: recordsRead, rejected: this.#rejected.total,
      ...(unwritten === undefined || recordsRead === 0 ? {} : { share: ofReading * (1 - (unwritten.weight * unwritten.rows) / (recordsRead * (1 + unwritten.weight))) }),
    });
  }
}
