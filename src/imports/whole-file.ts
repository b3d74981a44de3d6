import { CopyTextChunk, type CopyValue } from "../csv/copy-text.ts";
import { cellAt } from "../csv/header.ts";
import type { CsvInput } from "../csv/input/raw-file.ts";
import { openCsv } from "../csv/reader.ts";
import { ReasonTally } from "../csv/report.ts";
import { copyIn } from "../db/driver/copy.ts";
import type { Context } from "../db/context.ts";
import type { Transaction } from "../db/database.ts";
import { refusedError, type AccrueError } from "../shared/errors.ts";
import type { CellOf, KindColumn, Refusal } from "./kind.ts";

const rowsPerCopy = 20_000;
const maxExamples = 5;

/** A file that is taken whole or not at all: what its rows say goes into a table, and nothing is merged. */
export interface WholeFile<Key extends string> {
  readonly input: CsvInput;
  readonly columns: readonly KindColumn<Key>[];
  /** Table and columns that its rows are copied into: the number of the line, then the values. */
  readonly target: string;
  readonly readRow: (cell: CellOf<Key>) => readonly CopyValue[] | Refusal;
}

/** A row that cannot be taken. */
export interface WrongRow {
  readonly line: number;
  readonly code: string;
  readonly message: string;
}

/** What was read of such a file. */
export interface ReadFile {
  readonly file: string;
  readonly rows: number;
}

/**
 * Copies all rows of a file into a table.
 *
 * @throws what `openCsv` throws; refused `file_not_whole` when a row cannot be read; the signal's reason when aborted
 */
export async function copyWhole<Key extends string>(
  tx: Transaction,
  { signal, onProgress }: Pick<Context, "signal" | "onProgress">,
  { input, columns, target, readRow }: WholeFile<Key>,
): Promise<ReadFile> {
  const source = await openCsv(input, [{ name: "native", columns }], { signal });
  const wrong = new ReasonTally();
  const examples: WrongRow[] = [];
  const chunk = new CopyTextChunk();
  let cells: readonly string[] = [];
  const cellOf: CellOf<Key> = (key) => cellAt(cells, source.match.columnIndex[key] ?? -1);
  for await (const records of source.batches()) {
    for (const record of records) {
      cells = record.cells;
      const row = record.problem ?? readRow(cellOf);
      if ("code" in row) {
        wrong.add(row.code);
        if (examples.length < maxExamples) examples.push({ line: record.line, code: row.code, message: row.message });
      } else chunk.add(row, [record.line]);
    }
    if (chunk.rows >= rowsPerCopy) await copyIn(tx, target, chunk.take());
    signal.throwIfAborted();
    const { bytesRead: done, totalBytes: total, recordsRead: rows } = source.progress;
    onProgress({ phase: "reading", done, total, unit: "bytes", rows });
  }
  if (chunk.rows > 0) await copyIn(tx, target, chunk.take());
  const read = { file: source.name, rows: source.progress.recordsRead };
  if (wrong.total > 0) throw fileNotWhole(read, wrong.total, wrong.entries(), examples);
  return read;
}

/** The refusal of a file some of whose rows cannot be taken. */
export function fileNotWhole(
  { file, rows }: ReadFile,
  rejected: number,
  reasons: readonly (readonly [code: string, rows: number])[],
  examples: readonly WrongRow[],
): AccrueError {
  const lines = [
    `${file}: ${rejected} of ${rows} rows cannot be taken, and such a file goes in whole or not at all`,
    ...reasons.map(([code, count]) => `  ${count} x ${code}`),
    ...examples.map(({ line, message }) => `  line ${line}: ${message}`),
  ];
  return refusedError("file_not_whole", lines.join("\n"), {
    hint: "nothing was proposed; mend the rows, or take them out, and run the command again",
    details: { file, rows, rejected, reasons: Object.fromEntries(reasons), examples },
  });
}
