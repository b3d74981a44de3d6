import { RowProblem } from "./problem.ts";
import { hasTextBehindQuote, RecordParser, stopParsing, type Delimiter } from "./record-parser.ts";

/** Takes one record: its cells, the physical line it starts on (from 1), its size, and what is wrong with it as text. */
export type RecordSink = (cells: string[], line: number, sizeBytes: number, problem: RowProblem | undefined) => void;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const quoteCode = 0x22;
const nothing: Buffer = Buffer.alloc(0);
const newlinePattern = /\r\n|\r|\n/g;

/** How much of a line over the limit is kept to show. */
const maxKeptBytes = 4096;

/**
 * Splits valid UTF-8, in chunks cut anywhere, into records and numbers their physical lines.
 *
 * A malformed quote costs one line: that line is handed on as one cell with a problem, and parsing starts afresh behind
 * it, so an open quote never takes the rows that follow with it. The same holds for a line over the size limit.
 */
export class Tokenizer {
  readonly #delimiter: Delimiter;
  readonly #maxRecordBytes: number;
  readonly #sink: RecordSink;
  #parser: RecordParser;
  /** Bytes fed since the end of the last record; what is gone back to when the record turns out malformed. */
  #held: Buffer = nothing;
  /** Offset, in what the present parser was fed, of the first held byte and of the last record's end. */
  #heldFrom = 0;
  #recordEnd = 0;
  /** Physical line that the last record ended on. */
  #line: number;
  #parserLines = 0;
  #emptyLines = 0;
  /** The kept start of a line over the limit, while the rest of it is passed over. */
  #skipped: Buffer | undefined;
  /** The last byte taken was a CR, so an LF now belongs to the same line end. */
  #expectsLineFeed = false;

  /** @param linesBefore physical lines in front of the first bytes fed */
  constructor(delimiter: Delimiter, linesBefore: number, maxRecordBytes: number, sink: RecordSink) {
    this.#delimiter = delimiter;
    this.#line = linesBefore;
    this.#maxRecordBytes = maxRecordBytes;
    this.#sink = sink;
    this.#parser = this.#newParser();
  }

  /** Parses the next bytes; the sink is called before this returns. */
  feed(bytes: Buffer): void {
    let rest = bytes;
    if (this.#expectsLineFeed && rest.length > 0) {
      this.#expectsLineFeed = false;
      if (rest[0] === lineFeed) rest = rest.subarray(1);
    }
    if (this.#skipped !== undefined) rest = this.#skipLine(rest);
    while (rest.length > 0) rest = this.#parse(rest);
  }

  /** Parses what is left at the end of the input. */
  end(): void {
    while (!this.#parser.finish()) {
      this.#dropRead();
      let rest = this.#recover(true);
      while (rest.length > 0) rest = this.#parse(rest);
    }
    if (this.#skipped !== undefined) this.#emitTooLong(this.#skipped);
  }

  #newParser(): RecordParser {
    return new RecordParser(this.#delimiter, this.#maxRecordBytes, (cells) => this.#take(cells));
  }

  /** Feeds the parser; returns what has to be parsed again, behind a malformed line. */
  #parse(bytes: Buffer): Buffer {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const isWell = this.#parser.feed(bytes);
    this.#dropRead();
    return isWell ? nothing : this.#recover(false);
  }

  #dropRead(): void {
    this.#held = this.#held.subarray(this.#recordEnd - this.#heldFrom);
    this.#heldFrom = this.#recordEnd;
  }

  #take(cells: string[]): void {
    const { lines, bytes } = this.#parser.info;
    const sizeBytes = bytes - this.#recordEnd;
    const isMalformed = cells.some(startsWithQuote) && hasTextBehindQuote(this.#textUpTo(bytes), this.#delimiter);
    let startLine = this.#line + 1;
    let endLine = startLine;
    if (lines - this.#parserLines !== 1) {
      // The parser counts a quoted CRLF twice, so lines are counted here: blank ones before, line ends within.
      startLine += this.#parser.info.empty_lines - this.#emptyLines;
      endLine = startLine + countLineEnds(cells);
      if (isMalformed && endLine > startLine) throw stopParsing;
      this.#emptyLines = this.#parser.info.empty_lines;
    }
    this.#parserLines = lines;
    this.#line = endLine;
    this.#recordEnd = bytes;
    this.#sink(cells, startLine, sizeBytes, isMalformed ? malformedQuote() : undefined);
  }

  /** The text from the end of the last record on; blank lines in front do no harm to what is asked of it. */
  #textUpTo(end: number): string {
    return this.#held.toString("utf8", this.#recordEnd - this.#heldFrom, end - this.#heldFrom);
  }

  /** Hands on the first held line as malformed, starts a new parser, and returns the held bytes behind that line. */
  #recover(isEnd: boolean): Buffer {
    const blank = blankLines(this.#held);
    const held = this.#held.subarray(blank.length);
    this.#line += blank.lines;
    this.#parser = this.#newParser();
    this.#held = nothing;
    this.#heldFrom = this.#recordEnd = this.#parserLines = this.#emptyLines = 0;
    const length = lineLength(held);
    if (length === -1 && !isEnd) {
      this.#skipped = keepStart(held);
      return nothing;
    }
    const line = length === -1 ? held : held.subarray(0, length);
    if (line.length > this.#maxRecordBytes) {
      this.#emitTooLong(keepStart(line));
    } else {
      this.#line += 1;
      this.#sink([line.toString("utf8")], this.#line, line.length, malformedQuote());
    }
    return this.#behindLine(held, line.length);
  }

  /** Passes over the rest of a line over the limit. */
  #skipLine(bytes: Buffer): Buffer {
    const length = lineLength(bytes);
    if (length === -1) return nothing;
    this.#emitTooLong(this.#skipped!);
    return this.#behindLine(bytes, length);
  }

  #behindLine(bytes: Buffer, length: number): Buffer {
    const isCarriageReturn = bytes[length] === carriageReturn;
    this.#expectsLineFeed = isCarriageReturn && length + 1 === bytes.length;
    return bytes.subarray(length + (isCarriageReturn && bytes[length + 1] === lineFeed ? 2 : 1));
  }

  #emitTooLong(kept: Buffer): void {
    this.#skipped = undefined;
    this.#line += 1;
    const message = `the line has more than ${this.#maxRecordBytes} bytes; only its start is kept`;
    this.#sink([kept.toString("utf8")], this.#line, kept.length, new RowProblem("record_too_long", message));
  }
}

function malformedQuote(): RowProblem {
  return new RowProblem(
    "malformed_quote",
    'a quoted cell is not closed, or has text behind its closing quote; write a quote inside quotes twice ("")',
  );
}

function startsWithQuote(cell: string): boolean {
  return cell.charCodeAt(0) === quoteCode;
}

function countLineEnds(cells: readonly string[]): number {
  let count = 0;
  for (const cell of cells) count += cell.match(newlinePattern)?.length ?? 0;
  return count;
}

/** The blank lines that bytes start with. */
function blankLines(bytes: Buffer): { lines: number; length: number } {
  let length = 0;
  let lines = 0;
  while (bytes[length] === lineFeed || bytes[length] === carriageReturn) {
    length += bytes[length] === carriageReturn && bytes[length + 1] === lineFeed ? 2 : 1;
    lines += 1;
  }
  return { lines, length };
}

/** Bytes before the first line end; -1 when there is none. */
function lineLength(bytes: Buffer): number {
  const lf = bytes.indexOf(lineFeed);
  const cr = (lf === -1 ? bytes : bytes.subarray(0, lf)).indexOf(carriageReturn);
  return cr === -1 ? lf : cr;
}

/** The first bytes of a long line, cut between characters. Copied, so that the chunk behind them can be freed. */
function keepStart(line: Buffer): Buffer {
  let length = Math.min(line.length, maxKeptBytes);
  while (length > 0 && length < line.length && (line[length]! & 0xc0) === 0x80) length -= 1;
  return Buffer.from(line.subarray(0, length));
}
