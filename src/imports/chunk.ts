import type { CsvRecord } from "../csv/row-checker.ts";
import { CopyTextChunk } from "../csv/copy-text.ts";
import { cellAt } from "../csv/header.ts";
import type { CsvSource } from "../csv/reader.ts";
import { ReasonTally } from "../csv/report.ts";
import type { ColumnSums } from "./column-sums.ts";
import type { CellOf, RowReader } from "./kind.ts";
import { RawRows } from "./raw-rows.ts";

/** A row that is not taken, with all that the rejects file tells about it. */
export interface RejectedRow {
  readonly record: number;
  readonly line: number;
  readonly cells: readonly string[];
  readonly code: string;
  /** The column's heading in the file. */
  readonly column: string | undefined;
  readonly message: string;
}

/** When a chunk is full: whichever comes first. */
export interface ChunkLimits {
  /** Bigger chunks cost the server less per row; what bounds them is the memory that their raw cells take here. */
  readonly rows: number;
  /** Characters of raw cells. */
  readonly rawLength: number;
  /** A key that keeps coming back ends its chunk: each repeat costs the merge a pass over the chunk. */
  readonly passes: number;
}

/** Where chunks end when nobody says otherwise. */
export const defaultLimits: ChunkLimits = { rows: 25_000, rawLength: 3_000_000, passes: 16 };

/**
 * A piece of a file on its way into the database: rows encoded for COPY, and the raw cells of all of them until the
 * merge has said which ones it refuses.
 */
export class Chunk<Key extends string> {
  readonly #readRow: RowReader<Key>;
  readonly #file: Pick<CsvSource<Key>, "header" | "match">;
  readonly #sums: ColumnSums<Key>;
  readonly #copy = new CopyTextChunk();
  readonly #lines: number[] = [];
  readonly #raw: RawRows;
  /** Which of the raw rows each record is; -1 for those that were not staged. */
  readonly #rawRows: number[] = [];
  readonly #seen = new Set<string>();
  /** The pass of the last row of each key that came more than once. */
  readonly #repeats = new Map<string, number>();
  readonly #cellOf: CellOf<Key>;
  #cells: readonly string[] = [];
  #staged = 0;
  #firstRecord = 0;
  readonly #limits: ChunkLimits;
  readonly refused: RejectedRow[] = [];
  /** Rows that are none of this kind, by their word. */
  readonly others = new ReasonTally();
  passes = 0;

  constructor(readRow: RowReader<Key>, file: Pick<CsvSource<Key>, "header" | "match">, sums: ColumnSums<Key>, limits: Partial<ChunkLimits> = {}) {
    this.#limits = { ...defaultLimits, ...limits };
    this.#readRow = readRow;
    this.#sums = sums;
    this.#file = file;
    this.#raw = new RawRows();
    this.#cellOf = (key) => cellAt(this.#cells, file.match.columnIndex[key] ?? -1);
  }

  get isFull(): boolean {
    const { rows, rawLength, passes } = this.#limits;
    return this.#lines.length >= rows || this.#raw.length >= rawLength || this.passes >= passes;
  }

  /** Whether no row came in: not even one that is none of this kind. */
  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  /** Rows taken in so far, staged or refused. */
  get read(): number {
    return this.#staged + this.refused.length;
  }

  get staged(): number {
    return this.#staged;
  }

  add({ cells, record, line, problem }: CsvRecord): void {
    if (this.#lines.length === 0) this.#firstRecord = record;
    this.#lines.push(line);
    if (problem !== undefined) {
      this.#sums.addUnread();
      const { code, message, columnIndex } = problem;
      this.#rawRows.push(-1);
      this.refused.push({ record, line, cells, code, message, column: columnIndex === undefined ? undefined : this.#file.header[columnIndex] });
      return;
    }
    this.#cells = cells;
    const row = this.#readRow(this.#cellOf);
    if ("values" in row) this.#sums.addStaged(row.values, this.#cellOf);
    else this.#sums.addCells(this.#cellOf, "other" in row);
    if ("problem" in row) {
      this.#rawRows.push(-1);
      this.refused.push({ record, line, cells, code: row.problem.code, message: row.problem.message, column: headingOf(this.#file, row.column) });
      return;
    }
    if ("other" in row) {
      this.#rawRows.push(-1);
      this.others.add(row.other);
      return;
    }
    const pass = this.#passOf(row.key);
    this.#rawRows.push(this.#raw.add(cells));
    this.#staged += 1;
    this.#copy.add(row.values, [record, line, pass]);
  }

  /** Rows of one key take turns: the first is in pass 0. */
  #passOf(key: string): number {
    const keys = this.#seen.size;
    this.#seen.add(key);
    const pass = this.#seen.size > keys ? 0 : (this.#repeats.get(key) ?? 0) + 1;
    if (pass > 0) this.#repeats.set(key, pass);
    if (pass >= this.passes) this.passes = pass + 1;
    return pass;
  }

  /** The staged rows as COPY text; they can be taken once. */
  takeCopyText(): readonly Buffer[] {
    return this.#copy.take();
  }

  /** Line and raw cells of a staged row, by its record number. */
  sourceOf(record: number): { readonly line: number; readonly cells: readonly string[] } {
    const index = record - this.#firstRecord;
    const row = this.#rawRows[index] ?? -1;
    if (row === -1) throw new Error(`the merge named record ${record}, which was not staged`);
    return { line: this.#lines[index]!, cells: this.#raw.cellsOf(row) };
  }
}

/** What the file itself calls a column; the column's own name where the file does not have it. */
export const headingOf = <Key extends string>({ header, match }: Pick<CsvSource<Key>, "header" | "match">, key: Key | undefined): string | undefined =>
  key === undefined ? undefined : (header[match.columnIndex[key]] ?? key);
