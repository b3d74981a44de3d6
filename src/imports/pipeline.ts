import { setImmediate as nextTurn } from "node:timers/promises";
import { cellAt } from "../csv/header.ts";
import type { CsvSource } from "../csv/reader.ts";
import { ReasonTally } from "../csv/report.ts";
import type { CsvRecord } from "../csv/row-checker.ts";
import { copyIn } from "../db/driver/copy.ts";
import type { Transaction } from "../db/database.ts";
import { Chunk, defaultLimits, type ChunkLimits } from "./chunk.ts";
import type { RowSums } from "./declared.ts";
import {
  Refusal,
  type CellOf,
  type FileMerge,
  type Merged,
  type MergedAtEnd,
  type OtherRow,
  type Reject,
  type RowReader,
  type StagedRow,
  type Staging,
  type Unwritten,
} from "./kind.ts";
import { rejectedRow, type RejectedRow } from "./rejected-rows.ts";
import { SecondReading } from "./second-reading.ts";

/**
 * The first chunk is a short one: until it is there, the server has nothing to do. Each one after it is so much longer
 * as can be parsed while the server merges the one before.
 */
const growing = { firstRows: 2000, factor: 2 };
/** Rows that wait for the end of the file keep no cells here. */
const gatheredLength = 8_000_000;

/** What importing the rows of a file needs of the import it is a part of. */
export interface PipelineOptions<Key extends string> {
  readonly tx: Transaction;
  readonly source: CsvSource<Key>;
  readonly readRow: RowReader<Key>;
  /** Another one, for rows that are read once more: what a row says may depend on those before it. */
  readonly rereadRow: RowReader<Key>;
  /** Shown the cells of each row before it is read. */
  readonly onRow: ((cell: CellOf<Key>) => void) | undefined;
  readonly sums: RowSums<Key>;
  readonly merge: FileMerge<Key>;
  readonly staging: Staging;
  readonly signal: AbortSignal;
  readonly limits: Partial<ChunkLimits>;
  /** Told of rows before what was rejected of them. */
  readonly onRead: (rows: number) => void;
  /** Takes rows that are not imported, in the order of the file. */
  readonly reject: (rows: readonly RejectedRow[]) => Promise<void>;
  readonly tellProgress: (unwritten?: Unwritten) => void;
}

type Turn = ReturnType<Chunk["takeTurns"]>[number];

/** What became of the rows of a file, and how many were none of the kind, by their word. */
export interface PipelineOutcome extends Required<Omit<Merged, "rejects">> {
  readonly others: ReasonTally;
  readonly atEnd: MergedAtEnd | undefined;
}

/**
 * Takes the rows of a file into the database: chunk by chunk they are read, staged, and merged. While the server merges
 * one chunk, the next one is read. Where rows mean something only together they are merged when all of them are staged,
 * and the file is read once more for the cells of those that are rejected: what this process holds stays the same
 * whatever the size.
 */
export class Pipeline<Key extends string> {
  readonly #options: PipelineOptions<Key>;
  readonly #others = new ReasonTally();
  readonly #total = { inserted: 0, updated: 0, duplicate: 0, membersCreated: 0 };
  readonly #target: string;
  readonly #cellOf: CellOf<Key>;
  #cells: readonly string[] = [];
  #isAnalysed = false;
  /** Rows that are merged, or known not to be. */
  #merged = 0;

  constructor(options: PipelineOptions<Key>) {
    this.#options = options;
    const {
      staging: { table, columns },
      source,
      merge,
    } = options;
    this.#target = `${table} (${["record", "line", ...(merge.merge === undefined ? ["is_refused"] : []), ...columns].join(", ")})`;
    this.#cellOf = (key) => cellAt(this.#cells, source.match.columnIndex[key] ?? -1);
  }

  async run(): Promise<PipelineOutcome> {
    await this.#readAll();
    const { merge, signal, source, rereadRow } = this.#options;
    this.#tellProgress();
    const again = new SecondReading(source);
    const reject = async (rejects: readonly Reject<Key>[]) => {
      const rows: RejectedRow[] = [];
      for (const { record, refusal } of rejects) {
        const found = await again.recordOf(record);
        this.#cells = found.cells;
        // Asked even where somebody else refuses the row: the next one may go by it.
        const own = rereadRow(this.#cellOf);
        rows.push(rejectedRow(source, found, refusal ?? (own as Refusal<Key>)));
      }
      await this.#options.reject(rows);
    };
    const atEnd = await merge.finish?.({
      rows: source.progress.recordsRead,
      signal,
      reject,
      tellProgress: () => this.#tellProgress(),
    });
    await again.finish();
    if (atEnd !== undefined) this.#count(atEnd);
    return { ...this.#total, others: this.#others, atEnd };
  }

  async #readAll(): Promise<void> {
    const { source, signal, merge } = this.#options;
    const newChunk = this.#chunks();
    let working = Promise.resolve();
    let chunk = newChunk();
    const handOver = async () => {
      await working;
      signal.throwIfAborted();
      const full = chunk;
      chunk = newChunk();
      const turns = full.takeTurns();
      const staged = this.#stage(turns[0]);
      staged.catch(() => {}); // it is awaited with `working`, as that is with the next chunk; until then, a failure is nobody's
      // Nothing is read meanwhile: each answer of the server would wait for a batch of rows, and the server for the
      // next request.
      if (merge.merge !== undefined) await staged;
      working = staged.then(() => this.#merge(full, turns));
      working.catch(() => {});
    };
    try {
      for await (const records of source.batches(true)) {
        for (const record of records) {
          this.#take(record, chunk);
          if (chunk.isFull) await handOver();
        }
        this.#tellProgress();
        // Lets the connection take what has arrived: the next chunk is read beside the server's work, not before it.
        await nextTurn();
        signal.throwIfAborted();
      }
      await handOver();
    } finally {
      // Nothing may still be at work when the transaction is rolled back. Did the server refuse something, that is what
      // happened.
      await working;
    }
  }

  #chunks(): () => Chunk {
    const { limits, merge } = this.#options;
    let rows = growing.firstRows;
    return () => {
      const its = new Chunk({
        ...defaultLimits,
        rows,
        ...(merge.merge === undefined ? { length: gatheredLength } : {}),
        ...limits,
      });
      rows = Math.min(rows * growing.factor, defaultLimits.rows);
      return its;
    };
  }

  /** Reads a row and puts it where it belongs. */
  #take(found: CsvRecord, chunk: Chunk): void {
    const { record, line, cells, problem } = found;
    const { merge, sums, readRow, onRow, source } = this.#options;
    const isGathered = merge.merge === undefined;
    this.#cells = cells;
    if (problem === undefined) onRow?.(this.#cellOf);
    // Whatever the cells of a malformed row seem to say: it may be a part of that, which must not be taken without it.
    const row = problem === undefined || isGathered ? readRow(this.#cellOf) : undefined;
    if (problem !== undefined) sums.addUnread();
    else if ("values" in row!) sums.addStaged(row.values, this.#cellOf);
    else sums.addCells(this.#cellOf, "other" in row!);
    if (problem === undefined && "other" in row!) {
      this.#others.add(row.other);
      chunk.passOver();
    } else if (isGathered)
      chunk.gather(this.#valuesOf(row!), record, line, problem !== undefined || row instanceof Refusal);
    else if (problem !== undefined || row instanceof Refusal)
      chunk.refused.push(rejectedRow(source, found, row as Refusal<Key> | undefined));
    else {
      chunk.stage(row as StagedRow, record, line);
      chunk.kept.add(record, line, cells);
    }
  }

  /** What of a row is staged; of a refused one as much as says what it is a part of. */
  #valuesOf(row: StagedRow | Refusal<Key> | OtherRow): StagedRow["values"] {
    if ("values" in row) return row.values;
    const partOf = row instanceof Refusal ? (row.partOf ?? []) : [];
    return this.#options.staging.columns.map((_, index) => partOf[index] ?? null);
  }

  async #stage(turn: Turn | undefined): Promise<void> {
    if (turn === undefined) return;
    const {
      tx,
      staging: { table },
      merge,
    } = this.#options;
    await copyIn(tx, this.#target, [turn.text]);
    if (this.#isAnalysed || merge.merge === undefined) return;
    // Statistics of the first rows do for all: without any, the planner takes a chunk for a handful of rows.
    await tx.unsafe(`ANALYZE ${table}`);
    this.#isAnalysed = true;
  }

  /** Merges a chunk, whose first turn is staged; the cost of a turn follows its rows. */
  async #merge(chunk: Chunk, turns: readonly Turn[]): Promise<void> {
    const { merge, onRead, signal, reject, staging, source } = this.#options;
    onRead(chunk.read);
    if (merge.merge === undefined) return;
    const rejects: Reject<Key>[] = [];
    for (const [index, turn] of turns.entries()) {
      if (index > 0) await this.#stage(turn);
      signal.throwIfAborted();
      const merged = await merge.merge();
      const accounted = merged.inserted + merged.updated + merged.duplicate + merged.rejects.length;
      if (accounted !== turn.rows)
        throw new Error(`the merge accounted for ${accounted} of ${turn.rows} rows of ${staging.table}`);
      this.#count(merged);
      for (const one of merged.rejects) rejects.push(one);
    }
    const repeated = chunk.repeatsOf(rejects);
    this.#total.duplicate += chunk.repeats.length - repeated.length;
    // In the order of the file: kept rows that stand together are read together.
    const rejected = [...rejects, ...repeated]
      .sort(byRecord)
      .map(({ record, refusal }) => rejectedRow(source, chunk.kept.recordOf(record), refusal));
    this.#merged += chunk.read;
    await reject([...chunk.refused, ...rejected].sort(byRecord));
  }

  #count({ inserted, updated, duplicate, membersCreated = 0 }: Omit<Merged<Key>, "rejects">): void {
    this.#total.inserted += inserted;
    this.#total.updated += updated;
    this.#total.duplicate += duplicate;
    this.#total.membersCreated += membersCreated;
  }

  #tellProgress(): void {
    const unwritten = this.#options.merge.unwritten?.();
    // What is read ahead of the merge is not written either.
    const { recordsRead } = this.#options.source.progress;
    this.#options.tellProgress(unwritten && { ...unwritten, rows: unwritten.rows + recordsRead - this.#merged });
  }
}

const byRecord = (one: { readonly record: number }, other: { readonly record: number }): number =>
  one.record - other.record;
