import { isBlank } from "./clean.ts";
import { openInput, type InputOptions, type InputText } from "./input/input.ts";
import type { CsvInput } from "./input/raw-file.ts";
import { delimiters, type Delimiter } from "./quoted-record.ts";
import { Tokenizer } from "./tokenizer.ts";

/** What a file looks like to somebody who knows nothing about it. */
export interface Survey {
  readonly encoding: string;
  readonly delimiter: Delimiter;
  /** Physical line of what looks like the header, from 1. */
  readonly headerLine: number;
  readonly header: readonly string[];
  /** The first rows below it that are as wide. */
  readonly rows: readonly (readonly string[])[];
}

const headLength = 64 * 1024;
const maxRecordBytes = 32 * 1024;
const maxRows = 100;

interface Row {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * Looks at the first part of a file, or of the first text in an archive. The cells are separated by what splits most
 * rows into equally many, and the first row as wide as that is the header.
 *
 * @returns undefined where there is no row at all
 * @throws AccrueError (usage): what `openInput` throws
 */
export async function surveyFile(input: CsvInput, options: InputOptions = {}): Promise<Survey | undefined> {
  const opened = await openInput(input, options);
  try {
    const [text] = opened.texts;
    if (text === undefined) return undefined;
    const head = await headOf(text);
    const [best] = delimiters
      .map((delimiter) => tableBy(head, delimiter))
      .toSorted((one, other) => other.cells - one.cells);
    const [header, ...rows] = best!.rows;
    if (header === undefined) return undefined;
    return {
      encoding: text.encoding,
      delimiter: best!.delimiter,
      headerLine: header.line,
      header: header.cells,
      rows: rows.slice(0, maxRows).map(({ cells }) => cells),
    };
  } finally {
    await opened.close();
  }
}

async function headOf(text: InputText): Promise<string> {
  let head = "";
  for await (const piece of text.chunks()) {
    head += piece;
    if (head.length >= headLength) return head.slice(0, Math.max(head.lastIndexOf("\n"), head.lastIndexOf("\r")) + 1);
  }
  return head;
}

/** The rows that are as wide as most are, when they are split at a delimiter. */
function tableBy(
  head: string,
  delimiter: Delimiter,
): { readonly delimiter: Delimiter; readonly rows: readonly Row[]; readonly cells: number } {
  const byWidth = new Map<number, Row[]>();
  const tokenizer = new Tokenizer(delimiter, 0, maxRecordBytes, (cells, line, _length, problem) => {
    if (problem !== undefined || cells.every(isBlank)) return;
    const others = byWidth.get(cells.length);
    if (others === undefined) byWidth.set(cells.length, [{ cells, line }]);
    else others.push({ cells, line });
  });
  tokenizer.feed(head);
  tokenizer.end();
  const [[width, rows] = [0, []]] = [...byWidth].toSorted(
    ([one, ones], [other, others]) => other * others.length - one * ones.length,
  );
  // A text without the delimiter is rows of one cell each: any other way to split them says more.
  return { delimiter, rows, cells: width > 1 ? width * rows.length : 0 };
}
