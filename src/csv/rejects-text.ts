import { guardedCell } from "../shared/text.ts";
import { missingCell, rejectColumns } from "./reject-columns.ts";

/** One rejected row, with what to tell about it. */
export interface Reject {
  /** The raw cells of the row. */
  readonly cells: readonly string[];
  readonly record: number;
  readonly line: number;
  /** Header name of the cell that is to blame; empty where it is the whole row. */
  readonly column: string;
  /** A sentence for the operator. */
  readonly reason: string;
}

const needsQuotes = /[",\r\n]/;

/** Writes one row of a CSV file (RFC 4180) with its newline. */
export function encodeCsvRow(cells: readonly string[]): string {
  let row = "";
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index]!;
    if (index > 0) row += ",";
    row += needsQuotes.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  }
  return `${row}\n`;
}

/**
 * Writes rejected rows as they came: the original cells, and behind them the columns that say where and why. People open the file
 * in a spreadsheet, so what one would take for a formula is guarded; the importer knows the file by those columns, and takes the
 * guards off.
 */
export class RejectsEncoder {
  readonly #width: number;
  /** Positions of an earlier round's notes, when the input was a rejects file itself: replaced, not piled up. */
  readonly #oldNotes: ReadonlySet<number>;
  /** The first line of the file. */
  readonly header: string;

  /** @param header the original header cells */
  constructor(header: readonly string[]) {
    const notes: readonly string[] = rejectColumns;
    this.#width = header.length;
    this.#oldNotes = new Set(header.flatMap((cell, index) => (notes.includes(cell) ? [index] : [])));
    this.header = encodeGuarded([...this.#withoutOldNotes(header), ...rejectColumns]);
  }

  /**
   * One row. Surplus cells go behind the notes, where they have no column name: there they are seen, and refused when the
   * file is imported again without having been mended.
   */
  row({ cells, record, line, column, reason }: Reject): string {
    const own = cells.slice(0, this.#width);
    while (own.length < this.#width) own.push(missingCell);
    return encodeGuarded([...this.#withoutOldNotes(own), String(record), String(line), column, reason, ...cells.slice(this.#width)]);
  }

  #withoutOldNotes(cells: readonly string[]): readonly string[] {
    return this.#oldNotes.size === 0 ? cells : cells.filter((_, index) => !this.#oldNotes.has(index));
  }
}

const encodeGuarded = (cells: readonly string[]): string => encodeCsvRow(cells.map(guardedCell));

/** A whole rejects file. */
export function encodeRejectsFile(header: readonly string[], rejects: readonly Reject[]): string {
  const encoder = new RejectsEncoder(header);
  return encoder.header + rejects.map((reject) => encoder.row(reject)).join("");
}
