import { parse } from "csv-parse/sync";
import { RowProblem } from "./problem.ts";
import { frameQuotedRecord, type Delimiter, type QuotedRecord } from "./quoted-record.ts";

/**
 * Takes one record: its cells, the physical line it starts on (from 1), its characters, and what is wrong with it as
 * text.
 */
export type RecordSink = (cells: string[], line: number, length: number, problem: RowProblem | undefined) => void;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const lineEndPattern = /\r\n|\r|\n/g;

/** How much of a line over the limit is kept to show. */
const maxKeptBytes = 4096;

/** A record that waits until its cells, or those of one before it, have been read. */
interface WaitingRecord {
  readonly cells: string[];
  readonly line: number;
  readonly length: number;
  readonly problem: RowProblem | undefined;
}

/**
 * Splits a text, in chunks cut anywhere, into records and numbers their physical lines.
 *
 * Where records and cells end is found here, and csv-parse reads what stands in quotes and is more than plain text.
 * Given whole files it would refuse a quote inside a cell or, where it is told not to (`relax_quotes`), have one that
 * is left open take the rows that follow with it; it counts a CRLF within quotes as two lines; and it looks at every
 * byte. Here a malformed quote costs one line, and so does a line over the size limit: it is handed on with a problem,
 * and reading goes on after it.
 */
export class Tokenizer {
  readonly #delimiter: Delimiter;
  readonly #maxRecordBytes: number;
  readonly #sink: RecordSink;
  /** What was fed after the last whole record. */
  #rest = "";
  /** Physical line that the last record ended on. */
  #line: number;
  /** The kept start of a line over the limit, while the rest of it is passed over. */
  #skipped: string | undefined;
  /** The last character taken was a CR, so an LF now belongs to the same line end. */
  #expectsLineFeed = false;
  /** Where cells are that are still as they are written: csv-parse reads all of a piece at once. */
  #unread: { readonly cells: string[]; readonly index: number }[] = [];
  /** The record of the first of them, and every one after it. */
  #waiting: WaitingRecord[] = [];

  /** @param linesBefore physical lines in front of the first piece fed */
  constructor(delimiter: Delimiter, linesBefore: number, maxRecordBytes: number, sink: RecordSink) {
    this.#delimiter = delimiter;
    this.#line = linesBefore;
    this.#maxRecordBytes = maxRecordBytes;
    this.#sink = sink;
  }

  /** Splits the next piece; the sink is called before this returns. */
  feed(piece: string): void {
    if (piece === "") return;
    let text = piece;
    if (this.#expectsLineFeed && text.charCodeAt(0) === lineFeed) text = text.slice(1);
    this.#expectsLineFeed = false;
    if (this.#skipped !== undefined) text = this.#skipLine(text);
    this.#rest = this.#frame(this.#rest + text, false);
    this.#handOn();
  }

  /** Splits what is left at the end of the input. */
  end(): void {
    this.#rest = this.#frame(this.#rest, true);
    if (this.#skipped !== undefined) this.#emitTooLong(this.#skipped);
    this.#handOn();
  }

  /** Finds the records of a text; returns what follows the last whole one. */
  #frame(text: string, isEnd: boolean): string {
    const lineEnds = new LineEnds(text);
    const quotes = new Places(text, '"');
    let at = 0;
    while (at < text.length) {
      const lineEnd = lineEnds.from(at);
      if (lineEnd === at) {
        this.#line += 1;
        at = this.#behindLine(text, lineEnd);
      } else if (quotes.from(at) < lineEnd) {
        const record = frameQuotedRecord(text, at, lineEnd, this.#delimiter, isEnd);
        if (record === undefined && !isEnd && !this.#isOverLimit(text, at, text.length)) return text.slice(at);
        const isLost =
          record === undefined ||
          (record.isMalformed && record.end > lineEnd) ||
          this.#isOverLimit(text, at, record.end);
        at = isLost ? this.#giveUpLine(text, at, lineEnd, isEnd) : this.#takeQuoted(text, at, lineEnd, record);
      } else if (this.#isOverLimit(text, at, lineEnd)) {
        at = this.#giveUpLine(text, at, lineEnd, isEnd);
      } else if (lineEnd === text.length && !isEnd) {
        return text.slice(at);
      } else {
        this.#line += 1;
        this.#emit(text.slice(at, lineEnd).split(this.#delimiter), this.#line, lineEnd - at);
        at = this.#behindLine(text, lineEnd);
      }
    }
    return "";
  }

  #takeQuoted(text: string, at: number, lineEnd: number, { cells, unread, end, isMalformed }: QuotedRecord): number {
    this.#line += 1;
    for (const index of unread) this.#unread.push({ cells, index });
    this.#emit(cells, this.#line, end - at, isMalformed ? malformedQuote() : undefined);
    if (end > lineEnd) this.#line += text.slice(at, end).match(lineEndPattern)!.length;
    return this.#behindLine(text, end);
  }

  #emit(cells: string[], line: number, length: number, problem?: RowProblem): void {
    if (this.#unread.length === 0) this.#sink(cells, line, length, problem);
    else this.#waiting.push({ cells, line, length, problem });
  }

  /** Reads the cells that need a parser, a row each, and hands on what waits for them. */
  #handOn(): void {
    if (this.#unread.length === 0) return;
    const rows = parse(this.#unread.map(({ cells, index }) => cells[index]!).join("\n"), { record_delimiter: "\n" });
    for (const [place, { cells, index }] of this.#unread.entries()) cells[index] = rows[place]![0]!;
    for (const { cells, line, length, problem } of this.#waiting) this.#sink(cells, line, length, problem);
    this.#unread = [];
    this.#waiting = [];
  }

  /** Hands on one line as a single cell with what is wrong with it. Returns where reading goes on. */
  #giveUpLine(text: string, at: number, lineEnd: number, isEnd: boolean): number {
    if (!this.#isOverLimit(text, at, lineEnd)) {
      this.#line += 1;
      this.#emit([text.slice(at, lineEnd)], this.#line, lineEnd - at, malformedQuote());
    } else if (lineEnd < text.length || isEnd) {
      this.#emitTooLong(keepStart(text.slice(at, lineEnd)));
    } else {
      this.#skipped = keepStart(text.slice(at));
      return text.length;
    }
    return this.#behindLine(text, lineEnd);
  }

  /** Passes over the rest of a line over the limit; returns what follows it. */
  #skipLine(text: string): string {
    const lineEnd = new LineEnds(text).from(0);
    if (lineEnd === text.length) return "";
    this.#emitTooLong(this.#skipped!);
    return text.slice(this.#behindLine(text, lineEnd));
  }

  #behindLine(text: string, lineEnd: number): number {
    if (text.charCodeAt(lineEnd) !== carriageReturn) return lineEnd + 1;
    this.#expectsLineFeed = lineEnd + 1 === text.length;
    return text.charCodeAt(lineEnd + 1) === lineFeed ? lineEnd + 2 : lineEnd + 1;
  }

  /** A character has one to three bytes for each of its code units, so most texts need no counting. */
  #isOverLimit(text: string, from: number, to: number): boolean {
    return (to - from) * 3 > this.#maxRecordBytes && Buffer.byteLength(text.slice(from, to)) > this.#maxRecordBytes;
  }

  #emitTooLong(kept: string): void {
    this.#skipped = undefined;
    this.#line += 1;
    const message = `the line has more than ${this.#maxRecordBytes} bytes; only its start is kept`;
    this.#emit([kept], this.#line, kept.length, new RowProblem("record_too_long", message));
  }
}

function malformedQuote(): RowProblem {
  return new RowProblem(
    "malformed_quote",
    'a quoted cell is not closed, or has text after its closing quote; write a quote inside quotes twice ("")',
  );
}

/**
 * Where a character stands in a text, asked for from places that never go back: what was found serves until it is
 * passed.
 */
class Places {
  readonly #text: string;
  readonly #character: string;
  #next = -1;

  constructor(text: string, character: string) {
    this.#text = text;
    this.#character = character;
  }

  /** Index of the next one at or after a place; the text's length where there is none. */
  from(place: number): number {
    if (this.#next < place) {
      const found = this.#text.indexOf(this.#character, place);
      this.#next = found === -1 ? this.#text.length : found;
    }
    return this.#next;
  }
}

/** Where the lines of a text end, whichever way they do. */
class LineEnds {
  readonly #lineFeeds: Places;
  readonly #carriageReturns: Places;

  constructor(text: string) {
    this.#lineFeeds = new Places(text, "\n");
    this.#carriageReturns = new Places(text, "\r");
  }

  from(place: number): number {
    return Math.min(this.#lineFeeds.from(place), this.#carriageReturns.from(place));
  }
}

/** The first bytes of a long line, cut between characters. */
function keepStart(line: string): string {
  const bytes = Buffer.from(line.slice(0, maxKeptBytes));
  let length = Math.min(bytes.length, maxKeptBytes);
  while (length > 0 && length < bytes.length && (bytes[length]! & 0xc0) === 0x80) length -= 1;
  return bytes.toString("utf8", 0, length);
}
