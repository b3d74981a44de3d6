/** What may stand between cells. */
export const delimiters = [",", "\t", ";", "|"] as const;
export type Delimiter = (typeof delimiters)[number];

/** One record of a text: where its cells are. */
export interface QuotedRecord {
  /** The cells: those that are `unread`, and a malformed one, as they are written, with their quotes. */
  readonly cells: string[];
  /** Indexes of the cells in quotes that have a quote or a line end among their text: a parser has to read them. */
  readonly unread: number[];
  /** Index of the line end after the record, or the text's length. */
  end: number;
  /** Whether a cell has text after its closing quote. */
  isMalformed: boolean;
}

const quoteCode = 0x22;
const needsParser = /["\r\n]/;
const nextLineEnd = /[\r\n]|$/g;

/**
 * Finds the cells of the record that starts at `from`; it ends at the first line end that stands in no quotes. A quote
 * at the start of a cell opens it; one inside a cell is text, as in `="123"` and `5" pipe`.
 *
 * @param lineEnd where the line ends that the record starts on
 * @param isEnd whether nothing comes after the text
 * @returns undefined where the text ends before the record does, or before it is certain that it does
 */
export function frameQuotedRecord(
  text: string,
  from: number,
  lineEnd: number,
  delimiter: Delimiter,
  isEnd: boolean,
): QuotedRecord | undefined {
  const record: QuotedRecord = { cells: [], unread: [], end: lineEnd, isMalformed: false };
  let at: number | undefined = from;
  while (at <= record.end) {
    at =
      text.charCodeAt(at) === quoteCode
        ? takeQuotedCell(record, text, at, delimiter)
        : takeBareCells(record, text, at, delimiter);
    if (at === undefined || (record.end === text.length && !isEnd)) return undefined;
  }
  return record;
}

/** Takes all cells up to the next one in quotes; returns where that starts. */
function takeBareCells({ cells, end }: QuotedRecord, text: string, at: number, delimiter: Delimiter): number {
  const rest = text.slice(at, end);
  const length = rest.indexOf(`${delimiter}"`);
  for (const cell of (length === -1 ? rest : rest.slice(0, length)).split(delimiter)) cells.push(cell);
  return length === -1 ? end + 1 : at + length + 1;
}

/** Takes one cell in quotes; returns where the next one starts, undefined where no quote closes it. */
function takeQuotedCell(record: QuotedRecord, text: string, at: number, delimiter: Delimiter): number | undefined {
  const close = closingQuote(text, at + 1);
  if (close === -1) return undefined;
  if (close > record.end) {
    nextLineEnd.lastIndex = close;
    record.end = nextLineEnd.exec(text)!.index;
  }
  const cellEnd =
    close + 1 === record.end || text[close + 1] === delimiter
      ? close + 1
      : endOfCell(text, close + 1, record.end, delimiter);
  const inside = text.slice(at + 1, close);
  const isMalformed = cellEnd !== close + 1;
  const isUnread = !isMalformed && needsParser.test(inside);
  if (isMalformed) record.isMalformed = true;
  if (isUnread) record.unread.push(record.cells.length);
  record.cells.push(isMalformed || isUnread ? text.slice(at, cellEnd) : inside);
  return cellEnd + 1;
}

function endOfCell(text: string, from: number, lineEnd: number, delimiter: Delimiter): number {
  const length = text.slice(from, lineEnd).indexOf(delimiter);
  return length === -1 ? lineEnd : from + length;
}

/** Index of the quote that closes a cell opened before `from`; -1 when there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text.charCodeAt(at + 1) === quoteCode) at = text.indexOf('"', at + 2);
  return at;
}
