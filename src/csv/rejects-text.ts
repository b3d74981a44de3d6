import { guardedCell } from "../shared/text.ts";
import { missingCell, rejectColumns } from "./reject-columns.ts";

/** Spreadsheets recognize UTF-8 by the byte-order mark that a file begins with. */
export const byteOrderMark = "\ufeff";

/** One rejected row, with what to say about it. */
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
 * Writes rejected rows as they came: the original cells, and after them the columns that say where and why. People
 * open the file in a spreadsheet, so what one would take for a formula is guarded; the importer knows the file by those
 * columns, and takes the guards off.
 */
export class RejectsEncoder {
  readonly #header: readonly string[];
  /** How many columns the file's first header has. */
  readonly #firstWidth: number;
  /** How many columns the header written last has. */
  #width = 0;
  /** Positions of an earlier round's notes, when the input was a rejects file itself: replaced, not piled up. */
  readonly #oldNotes: ReadonlySet<number>;

  /** @param header the original header cells: read for every row, since a file's later headers may add columns */
  constructor(header: readonly string[]) {
    const notes: readonly string[] = rejectColumns;
    this.#header = header;
    this.#firstWidth = header.length;
    this.#oldNotes = new Set(header.flatMap((cell, index) => (notes.includes(cell) ? [index] : [])));
  }

  /** The header line, the first one after the mark of UTF-8; empty where the one that was written last still holds. */
  header(): string {
    if (this.#width === this.#header.length) return "";
    const mark = this.#width === 0 ? byteOrderMark : "";
    this.#width = this.#header.length;
    return mark + encodeGuarded([...this.#withoutOldNotes(this.#header), ...rejectColumns]);
  }

  /**
   * One row. Surplus cells go after the notes, where they have no column name: there they are seen, and refused when
   * the file is imported again without having been mended.
   */
  row({ cells, record, line, column, reason }: Reject): string {
    const own = cells.slice(0, this.#header.length);
    const lacking = own.length === this.#firstWidth ? "" : missingCell;
    while (own.length < this.#header.length) own.push(lacking);
    return encodeGuarded([
      ...this.#withoutOldNotes(own),
      String(record),
      String(line),
      column,
      reason,
      ...cells.slice(this.#header.length),
    ]);
  }

  #withoutOldNotes(cells: readonly string[]): readonly string[] {
    return this.#oldNotes.size === 0 ? cells : cells.filter((_, index) => !this.#oldNotes.has(index));
  }
}

const encodeGuarded = (cells: readonly string[]): string => encodeCsvRow(cells.map(guardedCell));

/** A whole rejects file. */
export function encodeRejectsFile(header: readonly string[], rejects: readonly Reject[]): string {
  const encoder = new RejectsEncoder(header);
  return encoder.header() + rejects.map((reject) => encoder.row(reject)).join("");
}
