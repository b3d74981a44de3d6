import { setImmediate as nextTurn } from "node:timers/promises";
import type { CsvSource } from "../csv/reader.ts";
import type { ReasonTally } from "../csv/report.ts";
import type { CsvRecord } from "../csv/row-checker.ts";
import { copyIn } from "../db/driver/copy.ts";
import type { Transaction } from "../db/database.ts";
import { headingOf, type RejectedRow } from "./chunk.ts";
import { gatheredColumns, type GatheredRows } from "./gathered-rows.ts";
import type { GatheredOutcome, GatheredReject, Gathering, MergeFacts, Unwritten } from "./kind.ts";
import { SecondReading } from "./second-reading.ts";

/** What gathering needs of the import it is a part of. */
export interface GatheringImport<Key extends string> {
  readonly tx: Transaction;
  readonly source: CsvSource<Key>;
  readonly facts: MergeFacts;
  readonly signal: AbortSignal;
  readonly rows: GatheredRows<Key>;
  readonly countRead: (rows: number) => void;
  readonly reject: (rows: readonly RejectedRow[]) => Promise<void>;
  readonly tellProgress: (unwritten: Unwritten) => void;
}

/**
 * Gathers all rows of a file, and merges them when it has been read. What they say waits in the database, and their cells in
 * the file, which is read once more for those of rejected rows: what this process holds stays the same whatever the size.
 * While the server takes a piece, the next one is parsed.
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
  const tellWritten = (share: number) => tellProgress({ rows: source.progress.recordsRead * (1 - share), weight: gathering.weight });
  let putting = Promise.resolve();
  const put = async () => {
    await putting;
    signal.throwIfAborted();
    countRead(rows.read);
    // In one piece: of several, each would wait until the one before is sent, and reading goes on in between.
    putting = copyIn(tx, target, [Buffer.concat(rows.takeCopyText())]);
    // It is awaited with the next piece; until then, its failure is nobody's.
    putting.catch(() => {});
  };
  await gathering.prepare(tx);
  try {
    for await (const records of source.batches(true)) {
      for (const record of records) {
        rows.add(record);
        if (rows.isFull) await put();
      }
      tellWritten(0);
      await nextTurn();
      signal.throwIfAborted();
    }
    await put();
  } finally {
    // Nothing may still be at work when the transaction is rolled back. Did the server refuse something, that is what happened.
    await putting;
  }
  for (const [word, count] of rows.others.entries()) others.add(word, count);
  const again = new SecondReading(source);
  const rejectRead = async (rejects: readonly GatheredReject<Key>[]) => {
    const rejected: RejectedRow[] = [];
    for (const row of rejects) rejected.push(rejectedRow(source, row, await again.recordOf(row.record)));
    await reject(rejected);
  };
  const outcome = await gathering.finish(tx, facts, { signal, reject: rejectRead, onMerged: tellWritten });
  await again.finish();
  return outcome;
}

const rejectedRow = <Key extends string>(source: CsvSource<Key>, { column, ...row }: GatheredReject<Key>, { line, cells }: CsvRecord): RejectedRow => ({
  ...row, line, cells, column: typeof column === "object" ? column.heading : headingOf(source, column),
});
