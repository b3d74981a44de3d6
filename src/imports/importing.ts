import { resolve } from "node:path";
import { readAmountFen } from "../csv/cells.ts";
import { cellAt } from "../csv/header.ts";
import type { CsvSource } from "../csv/reader.ts";
import type { RejectsWriter } from "../csv/rejects.ts";
import { assertBalanced } from "../csv/report.ts";
import { recordAction } from "../db/audit.ts";
import { isDry, type Context } from "../db/context.ts";
import type { Transaction } from "../db/database.ts";
import { tuneBulk } from "../db/planner.ts";
import { formatYuan } from "../shared/money.ts";
import type { ChunkLimits } from "./chunk.ts";
import { checkDeclared, RowSums } from "./declared.ts";
import { RowsContradict, type ImportKind, type MergeFacts, type Unwritten } from "./kind.ts";
import { LongIds, refusingZeroed } from "./long-ids.ts";
import { noRejects, passesRows, passesShare, tooManyRejects, type MaxRejects } from "./max-rejects.ts";
import type { OpenFile } from "./choose-profiles.ts";
import { Pipeline, type PipelineOutcome } from "./pipeline.ts";
import { privateCellsOf, RejectedRows, type RejectedRow } from "./rejected-rows.ts";
import type { Profile, Reading, SaidOptions } from "./profile.ts";
import type { ImportNotes, ImportReport } from "./report.ts";
import { readingBy } from "./ruled-cells.ts";
import { insertImport, insertRejects } from "./sql.ts";

/** How an import is to be run, whatever it reads. */
export interface ImportOptions {
  /** Refuses the whole file when more of its rows are rejected; no limit when not given. */
  readonly maxRejects?: MaxRejects;
  /** Where chunks end; the same rows give the same database whatever these are. */
  readonly limits?: Partial<ChunkLimits>;
  /** Called when rows begin to be taken, which may be more than once; what it gives is told of rejected rows. */
  readonly onRejects?: () => (rows: readonly RejectedRow[]) => void;
}

/** A file, and what an earlier reading of it has shown. */
export interface FileToRead<Key extends string> extends OpenFile<Key> {
  readonly reading: Reading;
  readonly said: SaidOptions;
  /** The last import of the same bytes, read another way. */
  readonly readOtherwiseBy?: bigint | undefined;
  /** Its long ids went through a spreadsheet, which put zeros in place of their ends. */
  readonly hasTruncatedIds?: boolean;
  /** Rows of it contradict each other: all are judged together. */
  readonly hasContradictions?: boolean;
}

/** How a file has to be read once more, from its front, as an import of it found: nothing of that may be kept. */
export interface ReadAgain {
  readonly again: Pick<FileToRead<never>, "hasTruncatedIds" | "hasContradictions">;
}

/** What a report says of the file itself. */
export const fileFacts = ({ source: { name, entry, identity, encoding }, profile }: OpenFile<string>) => ({
  file: name,
  member: entry,
  ...identity,
  encoding,
  profile: profile.name,
});

/** One import under way, in its transaction. */
export class Importing<Key extends string> {
  readonly #context: Context;
  readonly #kind: ImportKind<Key>;
  readonly #source: CsvSource<Key>;
  readonly #file: FileToRead<Key>;
  readonly #tx: Transaction;
  readonly #writer: RejectsWriter | undefined;
  readonly #rejected: RejectedRows;
  readonly #facts: MergeFacts;
  #onRejects: (rows: readonly RejectedRow[]) => void = () => {};
  #read = 0;

  constructor(
    context: Context,
    kind: ImportKind<Key>,
    file: FileToRead<Key>,
    tx: Transaction,
    writer: RejectsWriter | undefined,
    importId: bigint,
  ) {
    this.#context = context;
    this.#kind = file.hasContradictions === true ? kind.together! : kind;
    this.#file = file;
    this.#source = file.source;
    this.#tx = tx;
    this.#writer = writer;
    const { header, match } = file.source;
    const indexes = match.columnIndex as Readonly<Record<string, number>>;
    const { amount = -1 } = indexes;
    const readCells = readingBy(file.profile as Profile, (cell) => readAmountFen(cell("amount")));
    const readAmount = (cells: readonly string[]) => readCells((key) => cellAt(cells, indexes[key] ?? -1));
    this.#rejected = new RejectedRows(
      writer,
      amount < 0 ? undefined : { read: readAmount, width: header.length },
      privateCellsOf(kind, file.source),
    );
    const {
      zone,
      operator: { name: operator, host },
      clock,
    } = context;
    this.#facts = { importId, profile: file.profile, zone, operator, host, now: clock() };
  }

  /**
   * Takes in all rows and records the import.
   *
   * @returns its report; or how it has to be read instead, where the ids, taken for good ones, turned out to be
   * truncated, or rows to contradict each other
   */
  async run(options: ImportOptions, startedMs: number): Promise<ImportReport | ReadAgain> {
    try {
      return await this.#run(options, startedMs);
    } catch (error) {
      if (error instanceof RowsContradict) return { again: { hasContradictions: true } };
      throw error;
    }
  }

  async #run(
    { maxRejects: allowed, onRejects, ...options }: ImportOptions,
    startedMs: number,
  ): Promise<ImportReport | ReadAgain> {
    if (onRejects !== undefined) this.#onRejects = onRejects();
    await tuneBulk(this.#tx);
    const { profile, source } = this.#file;
    const sums = new RowSums(profile, this.#kind.staging(profile).columns, (key) => source.match.columnIndex[key] >= 0);
    const longIds = new LongIds();
    const maxRejects = this.#kind.isWhole === true ? noRejects : allowed;
    const taken = await this.#takeRows(sums, longIds, options.limits, maxRejects);
    if (longIds.areTruncated) return { again: { hasTruncatedIds: true } };
    const { inserted, updated, duplicate } = taken;
    const { total: rejected, reasons, examples } = this.#rejected;
    const counts = { read: this.#read, inserted, updated, duplicate, rejected };
    assertBalanced(counts);
    if (passesShare(maxRejects, rejected, counts.read)) throw this.#tooManyRejects(maxRejects!);
    const dryRun = isDry(this.#context);
    const report: ImportReport = {
      importId: dryRun ? undefined : this.#facts.importId,
      kind: this.#kind.kind,
      ...fileFacts(this.#file),
      ...counts,
      reasons,
      examples,
      rejectsFile: this.#writer?.path,
      notes: this.#notes(taken, sums),
      seconds: Math.round(performance.now() - startedMs) / 1000,
      dryRun,
      earlier: undefined,
    };
    // On disk before the database commits: a full disk is met while everything can still be rolled back.
    await this.#record(report, await this.#writer?.prepare());
    return report;
  }

  async #takeRows(
    sums: RowSums<Key>,
    longIds: LongIds,
    limits: ImportOptions["limits"],
    maxRejects: MaxRejects | undefined,
  ): Promise<PipelineOutcome> {
    const { profile, hasTruncatedIds = false } = this.#file;
    const kind = this.#kind;
    const newReader = () => {
      const plain = readingBy(profile, kind.rowReader(profile, this.#context.zone));
      return kind.longIds === undefined || !hasTruncatedIds ? plain : refusingZeroed(kind.longIds, plain);
    };
    const pipeline = new Pipeline({
      tx: this.#tx,
      source: this.#source,
      readRow: newReader(),
      rereadRow: newReader(),
      sums,
      signal: this.#context.signal,
      staging: kind.staging(profile),
      merge: await kind.begin(this.#tx, this.#facts),
      onRow: kind.longIds === undefined || hasTruncatedIds ? undefined : longIds.counter(kind.longIds),
      limits: { ...(kind.chunkRows === undefined ? {} : { rows: kind.chunkRows }), ...limits },
      onRead: (rows) => void (this.#read += rows),
      reject: (rows) => this.#reject(rows, maxRejects),
      tellProgress: (unwritten) => this.#tellProgress(unwritten),
    });
    return pipeline.run();
  }

  #notes({ others, membersCreated, atEnd }: PipelineOutcome, sums: RowSums<Key>): ImportNotes {
    const { layout, entry, passedOver, declaredTotals, progress } = this.#source;
    const { amountFen } = this.#rejected;
    const { reason, said, readOtherwiseBy } = this.#file;
    return {
      ...(entry === undefined ? {} : { member: entry }),
      ...(Object.keys(said).length === 0 ? {} : { options: said }),
      ...(readOtherwiseBy === undefined ? {} : { read_otherwise_by: Number(readOtherwiseBy) }),
      profile_reason: reason,
      delimiter: layout.delimiter,
      header_line: layout.headerLine,
      ...(atEnd?.orders === undefined ? {} : { orders: atEnd.orders }),
      ...((atEnd?.overRefunded?.orders ?? 0) === 0 ? {} : { over_refunded: atEnd!.overRefunded! }),
      ...(atEnd?.statement === undefined ? {} : { statement: atEnd.statement }),
      ...(atEnd?.evidence === undefined ? {} : { evidence: atEnd.evidence }),
      members_created: membersCreated,
      other_rows: Object.fromEntries(others.entries()),
      passed_over: {
        repeated_headers: passedOver.repeatedHeaders,
        explanations: passedOver.explanations,
        blank_rows: passedOver.blankRows,
        tail_rows: passedOver.tailRows,
      },
      declared: checkDeclared(declaredTotals, progress.recordsRead, sums),
      ...(amountFen === undefined ? {} : { rejected_amount: formatYuan(amountFen) }),
    };
  }

  async #record(report: ImportReport, rejectsSha256: string | undefined): Promise<void> {
    const { operator, clock } = this.#context;
    const { importId, now } = this.#facts;
    await insertImport(this.#tx, report, {
      importId,
      operator: operator.name,
      host: operator.host,
      startedAt: now,
      finishedAt: clock(),
      header: this.#source.header,
      reading: this.#file.reading,
      rejectsFile:
        rejectsSha256 === undefined ? undefined : { path: resolve(this.#writer!.path), sha256: rejectsSha256 },
    });
    await insertRejects(this.#tx, importId, this.#rejected.kept);
    await recordAction(this.#tx, this.#context, {
      action: "import",
      subjectKind: "import",
      subject: String(importId),
      details: { kind: report.kind, file: report.file, read: report.read, rejected: report.rejected },
    });
  }

  async #reject(rejected: readonly RejectedRow[], maxRejects: MaxRejects | undefined): Promise<void> {
    await this.#rejected.add(rejected);
    this.#onRejects(rejected);
    if (passesRows(maxRejects, this.#rejected.total)) throw this.#tooManyRejects(maxRejects!);
  }

  #tooManyRejects(max: MaxRejects): Error {
    const { total: rejected, reasons, examples } = this.#rejected;
    return tooManyRejects(max, { file: this.#source.name, read: this.#read, rejected, reasons, examples });
  }

  #tellProgress(unwritten?: Unwritten): void {
    const { bytesRead, totalBytes, recordsRead } = this.#source.progress;
    const ofReading = totalBytes === 0 ? 1 : bytesRead / totalBytes;
    this.#context.onProgress({
      phase: `importing ${this.#kind.kind}`,
      done: bytesRead,
      total: totalBytes,
      unit: "bytes",
      rows: recordsRead,
      rejected: this.#rejected.total,
      ...(unwritten === undefined || recordsRead === 0
        ? {}
        : { share: ofReading * (1 - (unwritten.weight * unwritten.rows) / (recordsRead * (1 + unwritten.weight))) }),
    });
  }
}
