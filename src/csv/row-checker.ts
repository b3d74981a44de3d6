import { cleanText } from "./clean.ts";
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

/** Numbers the data rows and holds each to the shape of the header. */
export class RowChecker {
  readonly #maxCellLength: number;
  readonly #columns: number;
  readonly #unnamedIndexes: readonly number[];
  readonly #isRejectsFile: boolean;
  #hasNul = false;
  #recordsSeen = 0;

  /** @param maxCellLength the longest cell, in characters */
  constructor(header: readonly string[], maxCellLength: number) {
    this.#maxCellLength = maxCellLength;
    this.#columns = header.length;
    this.#unnamedIndexes = header.flatMap((cell, index) => (cleanText(cell) === "" ? [index] : []));
    this.#isRejectsFile = isRejectsHeader(header);
  }

  get recordsSeen(): number {
    return this.#recordsSeen;
  }

  /** Looks through a piece of the text, so that rows need not be searched for NUL characters where a file has none. */
  look(piece: string): void {
    this.#hasNul ||= piece.includes("\u0000");
  }

  /** Makes a record of the cells of one row. */
  check(cells: string[], line: number, sizeBytes: number, problem: RowProblem | undefined): CsvRecord {
    this.#recordsSeen += 1;
    return { cells, record: this.#recordsSeen, line, problem: problem ?? this.#findProblem(cells, sizeBytes) };
  }

  #findProblem(cells: readonly string[], sizeBytes: number): RowProblem | undefined {
    if (cells.length !== this.#columns) return wrongCellCount(cells, this.#columns);
    if (sizeBytes > this.#maxCellLength) {
      const index = cells.findIndex((cell) => cell.length > this.#maxCellLength);
      if (index !== -1) return cellTooLong(cells[index]!, index, this.#maxCellLength);
    }
    if (this.#hasNul) {
      const index = cells.findIndex((cell) => cell.includes("\u0000"));
      if (index !== -1) return new RowProblem("nul_character", `${showCell(cells[index]!)} contains a NUL character`, index);
    }
    if (this.#isRejectsFile) {
      const index = cells.indexOf(missingCell);
      if (index !== -1) return new RowProblem("too_few_cells", `nothing was filled in for ${missingCell}`, index);
    }
    for (const index of this.#unnamedIndexes) {
      if (cells[index]!.trim() !== "") return cellWithoutName(cells[index]!, index);
    }
    return undefined;
  }
}

function wrongCellCount(cells: readonly string[], columns: number): RowProblem {
  const has = `the row has ${cells.length} ${cells.length === 1 ? "cell" : "cells"}, the header ${columns}`;
  if (cells.length < columns) return new RowProblem("too_few_cells", has);
  // Blank surplus cells are refused as well: an unquoted comma in a row whose last cell is blank looks just like that,
  // and would move an amount into the wrong column.
  return new RowProblem("too_many_cells", `${has}; put quotes around a cell that contains a comma`, columns);
}

function cellTooLong(cell: string, index: number, maxLength: number): RowProblem {
  const message = `${showCell(cell)} has ${cell.length} characters; at most ${maxLength} are taken`;
  return new RowProblem("cell_too_long", message, index);
}

function cellWithoutName(cell: string, index: number): RowProblem {
  return new RowProblem("too_many_cells", `${showCell(cell)} stands in column ${index + 1}, which has no name`, index);
}
