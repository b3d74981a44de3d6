import { setImmediate as nextTurn } from "node:timers/promises";
import type { CsvSource } from "../csv/reader.ts";
import type { ReasonTally } from "../csv/report.ts";
import { copyIn } from "../db/copy-in.ts";
import type { Transaction } from "../db/database.ts";
import { headingOf, type RejectedRow } from "./chunk.ts";
import { gatheredColumns, type GatheredRows } from "./gathered-rows.ts";
import type { GatheredOutcome, GatheredReject, Gathering, MergeFacts } from "./kind.ts";

/** What gathering needs of the import it is a part of. */
export interface GatheringImport<Key extends string> {
  readonly tx: Transaction;
  readonly source: CsvSource<Key>;
  readonly facts: MergeFacts;
  readonly signal: AbortSignal;
  readonly rows: GatheredRows<Key>;
  readonly countRead: (rows: number) => void;
  readonly reject: (rows: readonly RejectedRow[]) => Promise<void>;
  readonly tellProgress: () => void;
}

/**
 * Gathers all rows of a file, and merges them when it has been read. The rows wait in the database: what this process
 * holds of them stays the same whatever the size of the file.
 *
 * @param others counts the rows that are none of the kind
 * @returns what became of the rows
 */
export async function gatherAndMerge<Key extends string>(
  { tx, source, facts, signal, rows, countRead, reject, tellProgress }: GatheringImport<Key>,
  gathering: Gathering<Key>,
  others: ReasonTally,
): Promise<GatheredOutcome> {
  const target = `${gathering.table} (${[...gatheredColumns, ...gathering.columns].join(", ")})`;
  const put = async () => {
    signal.throwIfAborted();
    countRead(rows.read);
    await copyIn(tx, target, rows.takeCopyText());
  };
  await gathering.prepare(tx);
  for await (const records of source.batches(true)) {
    for (const record of records) {
      rows.add(record);
      if (rows.isFull) await put();
    }
    tellProgress();
    await nextTurn();
  }
  await put();
  for (const [word, count] of rows.others.entries()) others.add(word, count);
  return gathering.finish(tx, facts, signal, (rejects) => reject(rejects.map((row) => rejectedRow(source, row))));
}

const rejectedRow = <Key extends string>(source: CsvSource<Key>, { column, ...row }: GatheredReject<Key>): RejectedRow => ({
  ...row,
  column: typeof column === "object" ? column.heading : headingOf(source, column),
});
