import { isBlank } from "./clean.ts";
import type { Section } from "./layout.ts";
import { RowProblem, showCell } from "./problem.ts";
import { isRejectsHeader, missingCell } from "./reject-columns.ts";

/** One data row of a file. */
export interface CsvRecord {
  /** The cells as they stand in the file, unquoted and not cleaned. */
  readonly cells: string[];
  /** Number of the data row, from 1. */
  readonly record: number;
  /** Physical line that the row starts on, from 1. */
  readonly line: number;
  /** Why the row as such cannot be used; undefined when its cells may be read. */
  readonly problem: RowProblem | undefined;
}

/** Numbers the data rows and holds each to the shape of the header above it. */
export class RowChecker {
  readonly #maxCellLength: number;
  readonly #isRejectsFile: boolean;
  /** Columns without a name: read by nobody, but what a rejects file has there is what a row was rejected for. */
  #refusedIndexes: readonly number[] = [];
  #columns = 0;
  /** Blank cells that rows have after those of the header, as the first one shows; undefined before it. */
  #surplus: number | undefined;
  #hasNul = false;
  #recordsSeen = 0;

  /** @param maxCellLength the longest cell, in characters */
  constructor(header: readonly string[], maxCellLength: number) {
    this.#maxCellLength = maxCellLength;
    this.#isRejectsFile = isRejectsHeader(header);
    this.passHeader({ header });
  }

  /** A header stood here: the rows after it have its shape. */
  passHeader({ header }: Pick<Section, "header">): void {
    this.#columns = header.length;
    this.#refusedIndexes = this.#isRejectsFile ? header.flatMap((cell, index) => (isBlank(cell) ? [index] : [])) : [];
    this.#surplus = undefined;
  }

  get recordsSeen(): number {
    return this.#recordsSeen;
  }

  /** Looks through a piece of the text, so that rows need not be searched for NUL characters where a file has none. */
  look(piece: string): void {
    this.#hasNul ||= piece.includes("\u0000");
  }

  /** Makes a record of the cells of one row. */
  check(written: string[], line: number, sizeBytes: number, problem: RowProblem | undefined): CsvRecord {
    this.#recordsSeen += 1;
    if (written.length <= this.#columns) this.#surplus ??= 0;
    const cells = written.length > this.#columns ? this.#withoutSurplus(written) : written;
    return { cells, record: this.#recordsSeen, line, problem: problem ?? this.#findProblem(cells, sizeBytes) };
  }

  /**
   * Blank cells after those of the header are nothing where rows have them from the first one on. In a row that alone
   * has one, a comma may stand in a cell without quotes, which moves all cells after it; so may one in the first row's
   * amount.
   */
  #withoutSurplus(cells: string[]): string[] {
    const surplus = cells.slice(this.#columns);
    if (this.#isRejectsFile || !surplus.every(isBlank)) return cells;
    if (this.#surplus === undefined ? hasSplitNumber(cells) : surplus.length > this.#surplus) return cells;
    this.#surplus ??= surplus.length;
    return cells.slice(0, this.#columns);
  }

  #findProblem(cells: readonly string[], sizeBytes: number): RowProblem | undefined {
    if (cells.length !== this.#columns) return wrongCellCount(cells, this.#columns);
    if (sizeBytes > this.#maxCellLength) {
      const index = cells.findIndex((cell) => cell.length > this.#maxCellLength);
      if (index !== -1) return cellTooLong(cells[index]!, index, this.#maxCellLength);
    }
    if (this.#hasNul) {
      const index = cells.findIndex((cell) => cell.includes("\u0000"));
      if (index !== -1)
        return new RowProblem("nul_character", `${showCell(cells[index]!)} contains a NUL character`, index);
    }
    if (this.#isRejectsFile) {
      const index = cells.indexOf(missingCell);
      if (index !== -1) return new RowProblem("too_few_cells", `nothing was filled in for ${missingCell}`, index);
    }
    for (const index of this.#refusedIndexes) {
      if (!isBlank(cells[index]!))
        return new RowProblem(
          "too_many_cells",
          `${showCell(cells[index]!)} stands in column ${index + 1}, which has no name`,
          index,
        );
    }
    return undefined;
  }
}

function wrongCellCount(cells: readonly string[], columns: number): RowProblem {
  const has = `the row has ${cells.length} ${cells.length === 1 ? "cell" : "cells"}, the header ${columns}`;
  if (cells.length < columns) return new RowProblem("too_few_cells", has);
  return new RowProblem("too_many_cells", `${has}; put quotes around a cell that contains a comma`, columns);
}

function cellTooLong(cell: string, index: number, maxLength: number): RowProblem {
  const message = `${showCell(cell)} has ${cell.length} characters; at most ${maxLength} are taken`;
  return new RowProblem("cell_too_long", message, index);
}

const thousandsHead = /^\s*[¥￥+-]?\d{1,3}$/;
const thousandsTail = /^\d{3}(?:\.\d*)?\s*$/;

/** Whether two cells side by side could be one number, split at the comma between its thousands. */
const hasSplitNumber = (cells: readonly string[]): boolean =>
  cells.some((cell, index) => index > 0 && thousandsTail.test(cell) && thousandsHead.test(cells[index - 1]!));
