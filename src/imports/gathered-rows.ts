import { CopyTextChunk, type CopyValue } from "../csv/copy-text.ts";
import { cellAt } from "../csv/header.ts";
import type { CsvSource } from "../csv/reader.ts";
import { ReasonTally } from "../csv/report.ts";
import type { CsvRecord } from "../csv/row-checker.ts";
import { headingOf } from "./chunk.ts";
import type { ColumnSums } from "./column-sums.ts";
import type { CellOf, RowReader, RowRefusal } from "./kind.ts";

const maxRows = 25_000;
const maxLength = 8_000_000;

/** What every gathered row has in front of its values: where it stands, and why it could not be read. */
export const gatheredColumns = ["record", "line", "code", "heading", "message"] as const;

/**
 * A piece of a file whose rows mean something only together, on its way into the table where all of them are gathered:
 * those that could not be read as well, for they take the others of the same thing with them.
 */
export class GatheredRows<Key extends string> {
  readonly #readRow: RowReader<Key>;
  readonly #file: Pick<CsvSource<Key>, "header" | "match">;
  readonly #sums: ColumnSums<Key>;
  readonly #width: number;
  readonly #copy = new CopyTextChunk();
  readonly #cellOf: CellOf<Key>;
  #cells: readonly string[] = [];
  /** Rows that are none of this kind, by their word. */
  readonly others = new ReasonTally();

  /** @param width how many values a row has */
  constructor(readRow: RowReader<Key>, file: Pick<CsvSource<Key>, "header" | "match">, sums: ColumnSums<Key>, width: number) {
    this.#sums = sums;
    this.#readRow = readRow;
    this.#file = file;
    this.#width = width;
    this.#cellOf = (key) => cellAt(this.#cells, file.match.columnIndex[key] ?? -1);
  }

  get isFull(): boolean {
    return this.#copy.rows >= maxRows || this.#copy.length >= maxLength;
  }

  /** Rows taken in so far. */
  get read(): number {
    return this.#copy.rows;
  }

  add({ cells, record, line, problem }: CsvRecord): void {
    this.#cells = cells;
    const row = this.#readRow(this.#cellOf);
    if (problem !== undefined) this.#sums.addUnread();
    else if ("values" in row) this.#sums.addStaged(row.values, this.#cellOf);
    else this.#sums.addCells(this.#cellOf, "other" in row);
    if (problem !== undefined) {
      // Whatever its cells seem to say: it may be a part of that, so that must not be taken without it.
      const key = "values" in row ? { orderNo: row.values[0]!, source: row.values[1]! } : "problem" in row ? row.orderKey : undefined;
      const heading = problem.columnIndex === undefined ? undefined : this.#file.header[problem.columnIndex];
      this.#put([record, line], problem, heading, key);
    } else if ("problem" in row) this.#put([record, line], row.problem, headingOf(this.#file, row.column), row.orderKey);
    else if ("other" in row) this.others.add(row.other);
    else this.#copy.add([null, null, null, ...row.values], [record, line]);
  }

  /** The rows as COPY text; they can be taken once. */
  takeCopyText(): readonly Buffer[] {
    return this.#copy.take();
  }

  #put(place: readonly [number, number], problem: RowRefusal["problem"], heading: string | undefined, key: OrderKey | undefined): void {
    const values: CopyValue[] = Array.from({ length: this.#width }, () => null);
    values.splice(0, 2, key?.orderNo ?? null, key?.source ?? null);
    this.#copy.add([problem.code, heading === undefined ? null : withoutNul(heading), withoutNul(problem.message), ...values], place);
  }
}

/** What orders are known by: the first two values of a row. */
interface OrderKey {
  readonly orderNo: CopyValue;
  readonly source: CopyValue;
}

// A heading or a message may quote a NUL, which text in the database cannot hold.
const withoutNul = (text: string) => text.replaceAll("\u0000", "\u2400");
