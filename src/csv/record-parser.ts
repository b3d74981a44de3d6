import { Parser } from "csv-parse";

/** What may stand between cells. */
export type Delimiter = "," | "\t" | ";";

/** Thrown through csv-parse by a record callback to leave it at once. */
export const stopParsing = new Error("parsing stopped");

/**
 * csv-parse without its stream: bytes go in and records come out in the same call. Its stream API costs a good deal
 * per record, and its `info` option more than the parsing itself; `info` read from the parser is free.
 */
export class RecordParser extends Parser {
  readonly #onRecord: (cells: string[]) => void;

  /**
   * @param delimiter one character between cells
   * @param maxRecordBytes a record that grows past it fails, so that an open quote cannot swallow a file
   * @param onRecord called for each record while `feed` or `finish` runs; may throw `stopParsing`
   */
  constructor(delimiter: Delimiter, maxRecordBytes: number, onRecord: (cells: string[]) => void) {
    super({
      delimiter,
      record_delimiter: ["\r\n", "\n", "\r"],
      relax_column_count: true,
      // A quote inside an unquoted cell is text: `="123"` is written so. Text behind a closing quote is let through
      // here as well, and found by `hasTextBehindQuote`.
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: maxRecordBytes,
    });
    this.#onRecord = onRecord;
  }

  override push(record: unknown): boolean {
    if (record !== null) this.#onRecord(record as string[]);
    return true;
  }

  /** Parses the next bytes. Returns whether all is well: false on a record over the limit, or after `stopParsing`. */
  feed(bytes: Buffer): boolean {
    return this.#run((done) => this._transform(bytes, "utf8", done));
  }

  /** Parses what is left at the end of the input. Returns false when a quote was never closed, too. */
  finish(): boolean {
    return this.#run((done) => this._flush(done));
  }

  #run(step: (done: (error?: Error | null) => void) => void): boolean {
    let failure: Error | null | undefined;
    try {
      step((error) => (failure = error));
    } catch (error) {
      if (error !== stopParsing) throw error;
      return false;
    }
    return failure === undefined || failure === null;
  }
}

const quote = '"';
const endsCell: Readonly<Record<Delimiter, RegExp>> = { ",": /[,\r\n]/, "\t": /[\t\r\n]/, ";": /[;\r\n]/ };

/**
 * Whether in the text of one record something stands between a closing quote and the end of its cell, or a quote is
 * not closed. Slow, and asked only of records with a cell that starts with a quote.
 */
export function hasTextBehindQuote(text: string, delimiter: Delimiter): boolean {
  const end = endsCell[delimiter];
  let at = 0;
  while (at < text.length) {
    if (text.charAt(at) === quote) {
      const close = closingQuote(text, at + 1);
      const next = text.charAt(close + 1);
      if (close === -1 || (next !== "" && !end.test(next))) return true;
      at = close + 1;
    } else {
      const rest = text.slice(at).search(end);
      if (rest === -1) return false;
      at += rest;
    }
    at += 1;
  }
  return false;
}

/** Index of the quote that closes a cell opened before `from`, a doubled quote being text; -1 when there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf(quote, from);
  while (at !== -1 && text.charAt(at + 1) === quote) at = text.indexOf(quote, at + 2);
  return at;
}
