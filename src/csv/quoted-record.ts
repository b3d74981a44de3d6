/** What may stand between cells. */
export type Delimiter = "," | "\t" | ";";

/** One record of a text, as far as quotes allow. */
export interface QuotedRecord {
  readonly cells: string[];
  /** Index of the line end behind it, or the text's length. */
  readonly end: number;
  /** Whether a cell has text behind its closing quote; such a cell is given as it stands. */
  readonly isMalformed: boolean;
}

const quote = '"';
const quoteCode = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads the record that starts at `from`. Within quotes a doubled quote is a quote, and delimiters and line ends are text;
 * a quote inside an unquoted cell is text: `="123"` is written so.
 *
 * @param isEnd whether nothing comes behind the text
 * @returns undefined where the text ends before the record does, or before it is certain that it does
 */
export function readQuotedRecord(text: string, from: number, delimiter: Delimiter, isEnd: boolean): QuotedRecord | undefined {
  const cells: string[] = [];
  let isMalformed = false;
  let at = from;
  for (;;) {
    let start = at;
    if (text.charCodeAt(at) === quoteCode) {
      const close = closingQuote(text, at + 1);
      // A quote at the very end of what is there may be the first half of a doubled one.
      if (close === -1 || (close + 1 === text.length && !isEnd)) return undefined;
      start = close + 1;
    }
    const end = cellEnd(text, start, delimiter);
    if (end === text.length && !isEnd) return undefined;
    if (start > at && start === end) {
      cells.push(text.slice(at + 1, end - 1).replaceAll('""', quote));
    } else {
      isMalformed ||= start > at;
      cells.push(text.slice(at, end));
    }
    if (text[end] !== delimiter) return { cells, end, isMalformed };
    at = end + 1;
  }
}

/** Index of the quote that closes a cell opened before `from`; -1 when there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf(quote, from);
  while (at !== -1 && text.charCodeAt(at + 1) === quoteCode) at = text.indexOf(quote, at + 2);
  return at;
}

function cellEnd(text: string, from: number, delimiter: Delimiter): number {
  const delimiterCode = delimiter.charCodeAt(0);
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === delimiterCode || code === lineFeed || code === carriageReturn) break;
    at += 1;
  }
  return at;
}
