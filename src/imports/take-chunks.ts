import { setImmediate as nextTurn } from "node:timers/promises";
import type { CsvSource } from "../csv/reader.ts";
import type { ReasonTally } from "../csv/report.ts";
import { copyIn } from "../db/driver/copy.ts";
import type { Transaction } from "../db/database.ts";
import { Chunk, defaultLimits, headingOf, type ChunkLimits, type RejectedRow } from "./chunk.ts";
import type { ColumnSums } from "./column-sums.ts";
import type { ImportKind, MergeFacts, RowReader, Unwritten } from "./kind.ts";

/**
 * The first chunk is a short one: until it is there, the server has nothing to do. Each one behind it is so much longer
 * as can be parsed while the server merges the one before.
 */
const growing = { firstRows: 2000, factor: 2 };

/** What taking in chunks needs of the import it is a part of. */
export interface ChunkImport<Key extends string> {
  readonly tx: Transaction;
  readonly kind: ImportKind<Key>;
  readonly source: CsvSource<Key>;
  readonly readRow: RowReader<Key>;
  readonly sums: ColumnSums<Key>;
  readonly facts: MergeFacts;
  readonly signal: AbortSignal;
  readonly limits: Partial<ChunkLimits>;
  readonly countRead: (rows: number) => void;
  readonly reject: (rows: readonly RejectedRow[]) => Promise<void>;
  readonly tellProgress: (unwritten?: Unwritten) => void;
}

/** What came of merging a file chunk by chunk: counts of rows. */
export interface ChunksOutcome {
  inserted: number;
  updated: number;
  duplicate: number;
  membersCreated: number;
}

/**
 * Takes in a file chunk by chunk: while the server merges one, the next one is parsed.
 *
 * @param others counts the rows that are none of the kind
 * @returns what became of the rows
 */
export async function takeChunks<Key extends string>(importing: ChunkImport<Key>, others: ReasonTally): Promise<ChunksOutcome> {
  const { source, readRow, sums, limits, signal, kind, facts, tx } = importing;
  const merger = new ChunkMerger(importing, others);
  const tellProgress = () => {
    const unwritten = kind.unwritten?.();
    // What is read ahead of the merge is not written either.
    importing.tellProgress(unwritten && { ...unwritten, rows: unwritten.rows + source.progress.recordsRead - merger.read });
  };
  let rows = growing.firstRows;
  const newChunk = () => {
    const its = new Chunk(readRow, source, sums, { rows, ...limits });
    rows = Math.min(rows * growing.factor, defaultLimits.rows);
    return its;
  };
  let merging = Promise.resolve();
  let chunk = newChunk();
  const handOver = async () => {
    await merging;
    signal.throwIfAborted();
    // Nothing is parsed meanwhile: each answer of the server would wait for a batch of rows, and the server for the next request.
    await merger.stage(chunk);
    merging = merger.merge(chunk);
    // It is awaited with the next chunk; until then, its failure is nobody's.
    merging.catch(() => {});
    chunk = newChunk();
  };
  try {
    for await (const records of source.batches(true)) {
      for (const record of records) {
        chunk.add(record);
        if (chunk.isFull) await handOver();
      }
      tellProgress();
      // Lets the connection take what has arrived: the next chunk is parsed beside the server's work, not before it.
      await nextTurn();
      signal.throwIfAborted();
    }
    if (!chunk.isEmpty) await handOver();
  } catch (error) {
    // Nothing may still be at work when the transaction is rolled back. Did the server refuse something, that is what happened.
    await merging;
    throw error;
  }
  await merging;
  tellProgress();
  await kind.finish?.(tx, facts);
  return merger.outcome;
}

/** The server's side: chunks are staged and merged, one after the other. */
class ChunkMerger<Key extends string> {
  readonly outcome: ChunksOutcome = { inserted: 0, updated: 0, duplicate: 0, membersCreated: 0 };
  readonly #import: ChunkImport<Key>;
  readonly #others: ReasonTally;
  #isAnalysed = false;
  /** Rows that are merged, or known not to be. */
  read = 0;

  constructor(importing: ChunkImport<Key>, others: ReasonTally) {
    this.#import = importing;
    this.#others = others;
  }

  async stage(chunk: Chunk<Key>): Promise<void> {
    if (chunk.staged === 0) return;
    const { tx, kind: { stagingTable, stagedColumns } } = this.#import;
    // In one piece: of several, each would wait until the one before is sent, and reading goes on in between.
    const text = Buffer.concat(chunk.takeCopyText());
    await copyIn(tx, `${stagingTable} (record, line, pass, ${stagedColumns.join(", ")})`, [text]);
    if (this.#isAnalysed) return;
    // Statistics of the first chunk do for all: without any, the planner takes a chunk for a handful of rows.
    await tx.unsafe(`ANALYZE ${stagingTable}`);
    this.#isAnalysed = true;
  }

  async merge(chunk: Chunk<Key>): Promise<void> {
    const { tx, kind, source, facts, signal, countRead, reject } = this.#import;
    const rejected: RejectedRow[] = [...chunk.refused];
    for (const [word, rows] of chunk.others.entries()) this.#others.add(word, rows);
    let accounted = 0;
    for (let pass = 0; pass < chunk.passes; pass += 1) {
      signal.throwIfAborted();
      const { inserted, updated, duplicate, membersCreated = 0, rejects } = await kind.merge(tx, pass, facts);
      this.outcome.inserted += inserted;
      this.outcome.updated += updated;
      this.outcome.duplicate += duplicate;
      this.outcome.membersCreated += membersCreated;
      accounted += inserted + updated + duplicate + rejects.length;
      // In the order of the file: raw rows that stand together are read together.
      for (const { record, code, column, message } of rejects.toSorted(byRecord)) {
        rejected.push({ record, ...chunk.sourceOf(record), code, column: headingOf(source, column), message });
      }
    }
    if (accounted !== chunk.staged) {
      throw new Error(`the merge of ${kind.kind} accounted for ${accounted} of ${chunk.staged} staged rows`);
    }
    await tx.unsafe(`TRUNCATE ${kind.stagingTable}`);
    countRead(chunk.read);
    this.read += chunk.read;
    await reject(rejected.sort(byRecord));
  }
}

const byRecord = (one: { readonly record: number }, other: { readonly record: number }): number => one.record - other.record;
