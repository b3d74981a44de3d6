import { isLongNumber, zeroedTailOf } from "../csv/cells.ts";
import { CellProblem, showCell } from "../csv/problem.ts";
import { cellRefusal, type CellOf, type RowReader } from "./kind.ts";

/** Of this many long ids, one that ends in zeros may be chance; more are not. */
const oneIn = 20;

/**
 * Finds out whether a file went through a spreadsheet, which keeps 15 digits of an id and puts zeros in place of the
 * rest: two such ids at least, and a twentieth of all long ones. Only the whole file shows it, so a file is read as if
 * its ids were good, and once more from the front when they turn out not to be; how it is cut into chunks makes no
 * difference.
 */
export class LongIds {
  #long = 0;
  #zeroed = 0;
  #firstZeroed: string | undefined;
  #hasSeveral = false;

  /** Whether the ids counted so far show it. */
  get areTruncated(): boolean {
    return this.#hasSeveral && this.#zeroed * oneIn >= this.#long;
  }

  /** Makes what counts the id of a row. */
  counter<Key extends string>(column: Key): (cell: CellOf<Key>) => void {
    return (cell) => {
      const id = cell(column);
      if (isLongNumber(id)) this.#count(id);
    };
  }

  #count(id: string): void {
    this.#long += 1;
    if (!zeroedTailOf(id)) return;
    this.#zeroed += 1;
    this.#firstZeroed ??= id.trim();
    this.#hasSeveral ||= id.trim() !== this.#firstZeroed; // the rows of one order are one id
  }
}

/** Makes a reader refuse ids that end in zeros: of a file that is known to have gone through a spreadsheet. */
export const refusingZeroed =
  <Key extends string>(column: Key, readRow: RowReader<Key>): RowReader<Key> =>
  (cell) => {
    const id = cell(column);
    // Asked all the same: what the next row says may depend on this one.
    const row = readRow(cell);
    return zeroedTailOf(id) ? cellRefusal(column, zeroedTail(id)) : row;
  };

function zeroedTail(id: string): CellProblem {
  const shown = showCell(id.trim());
  return new CellProblem(
    "zeroed_tail",
    `${shown} ends in zeros from its 16th digit on, like others of this file: a spreadsheet has put them in place of the real ones; ` +
      `export it again with the column as text, or write ="${id.trim()}" where the number is genuine`,
  );
}
