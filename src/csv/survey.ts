import { isBlank } from "./clean.ts";
import { openInput, type Input, type InputOptions, type InputText } from "./input/input.ts";
import type { CsvInput } from "./input/raw-file.ts";
import { delimiters, type Delimiter } from "./quoted-record.ts";
import { looksLikeTotals } from "./row-sorter.ts";
import { Tokenizer } from "./tokenizer.ts";

/** What a file looks like to somebody who knows nothing about it. It is open, and to be closed. */
export interface Survey {
  readonly encoding: string;
  readonly delimiter: Delimiter;
  /** Physical line of what looks like the header, from 1; of the first row of the table, where nothing does. */
  readonly headerLine: number;
  /** Undefined where no line looks like one. */
  readonly header: readonly string[] | undefined;
  /** The first lines of the table, the header among them. */
  readonly firstLines: readonly SurveyedRow[];
  /**
   * Reads the rows below the header, from the first on at every call, as far as all of them have no more text than
   * `maxTextLength`.
   *
   * @param each takes rows that are as wide as the header, without what is blank beyond that
   * @returns how many were read, and whether those are all
   */
  readRows(maxRows: number, each: (cells: readonly string[]) => void): Promise<ReadRows>;
  close(): Promise<void>;
}

/** A row as it stands in the file. */
export interface SurveyedRow {
  readonly cells: readonly string[];
  /** Physical line, from 1. */
  readonly line: number;
}

export interface ReadRows {
  readonly rows: number;
  readonly isWhole: boolean;
}

const headLength = 64 * 1024;
const maxRecordBytes = 32 * 1024;
const maxLinesShown = 4;
/** Characters of the rows that are read: what is kept of them in thousands of columns must fit into memory. */
const maxTextLength = 16 * 1024 * 1024;

/**
 * Looks at the first part of a file, or of the first text in an archive. The cells are separated by what splits most
 * rows into equally many, and the header is the first row about as wide as that which holds names and no data.
 *
 * @returns undefined where there is no row at all
 * @throws AccrueError (usage): what `openInput` throws
 */
export async function openSurvey(input: CsvInput, options: InputOptions = {}): Promise<Survey | undefined> {
  const opened = await openInput(input, options);
  try {
    const survey = await surveyOf(opened, opened.texts[0]);
    if (survey === undefined) await opened.close();
    return survey;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

async function surveyOf(opened: Input, text: InputText | undefined): Promise<Survey | undefined> {
  if (text === undefined) return undefined;
  const head = await headOf(text);
  const [best] = delimiters
    .map((delimiter) => tableBy(head, delimiter))
    .toSorted((one, other) => other.cells - one.cells);
  const { delimiter, width, rows } = best!;
  const ofTable = rows.filter(({ cells }) => cells.length === width);
  if (ofTable.length === 0) return undefined;
  const header = rows.find(({ cells }) => isHeader(cells, width));
  const first = header ?? ofTable[0]!;
  return {
    encoding: text.encoding,
    delimiter,
    headerLine: first.line,
    header: header?.cells,
    firstLines: rows.slice(rows.indexOf(first), rows.indexOf(first) + maxLinesShown),
    readRows: (maxRows, each) => readRows(text, delimiter, first, maxRows, each),
    close: () => opened.close(),
  };
}

async function headOf(text: InputText): Promise<string> {
  let head = "";
  for await (const piece of text.chunks()) {
    head += piece;
    if (head.length >= headLength) return head.slice(0, Math.max(head.lastIndexOf("\n"), head.lastIndexOf("\r")) + 1);
  }
  return head;
}

interface Table {
  readonly delimiter: Delimiter;
  /** How many cells most rows have. */
  readonly width: number;
  /** All rows that are not blank. */
  readonly rows: readonly SurveyedRow[];
  /** Cells of the rows that are so wide. */
  readonly cells: number;
}

/** The rows of a text that is split at a delimiter, and how wide most of them are. */
function tableBy(head: string, delimiter: Delimiter): Table {
  const rowsOfWidth = new Map<number, number>();
  const rows: SurveyedRow[] = [];
  const tokenizer = new Tokenizer(delimiter, 0, maxRecordBytes, (cells, line, _length, problem) => {
    if (problem !== undefined || cells.every(isBlank)) return;
    rowsOfWidth.set(cells.length, (rowsOfWidth.get(cells.length) ?? 0) + 1);
    rows.push({ cells, line });
  });
  tokenizer.feed(head);
  tokenizer.end();
  const [[width, count] = [0, 0]] = [...rowsOfWidth].toSorted(
    ([one, ones], [other, others]) => other * others - one * ones,
  );
  // A text without the delimiter is rows of one cell each: any other way to split them says more.
  return { delimiter, width, rows, cells: width > 1 ? width * count : 0 };
}

/** How many blank cells rows may have beyond the header's. */
const maxSurplus = 2;
const dataPattern = /^[-+]?[¥￥$€£]?\s?\d[\d.,:/\s+-]*$/u;

/** Whether a row names columns: most of its cells are filled in, each with another text, and none is data. */
function isHeader(cells: readonly string[], width: number): boolean {
  if (cells.length > width || cells.length < width - maxSurplus) return false;
  const names = cells.filter((cell) => !isBlank(cell)).map((cell) => cell.trim());
  return (
    names.length * 2 > width &&
    names.every((name) => name.length <= 80 && !dataPattern.test(name) && !name.includes("@")) &&
    new Set(names).size * 2 > names.length
  );
}

async function readRows(
  text: InputText,
  delimiter: Delimiter,
  { cells: header, line: headerLine }: SurveyedRow,
  maxRows: number,
  each: (cells: readonly string[]) => void,
): Promise<ReadRows> {
  let rows = 0;
  let textLength = 0;
  let isWhole = true;
  const tokenizer = new Tokenizer(delimiter, 0, maxRecordBytes, (cells, line, length, problem) => {
    if (line <= headerLine || problem !== undefined || cells.every(isBlank)) return;
    if (cells.length < header.length || !cells.slice(header.length).every(isBlank) || looksLikeTotals(cells)) return;
    textLength += length;
    if (rows === maxRows || textLength > maxTextLength) isWhole = false;
    else {
      rows += 1;
      each(cells.slice(0, header.length));
    }
  });
  for await (const piece of text.chunks()) {
    tokenizer.feed(piece);
    if (!isWhole) return { rows, isWhole };
  }
  tokenizer.end();
  return { rows, isWhole };
}
