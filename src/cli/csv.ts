import { byteOrderMark, encodeCsvRow } from "../csv/rejects-text.ts";
import { guardedCell } from "../shared/text.ts";
import { toJson } from "../ui/json.ts";

/** What a cell is made of: a value as JSON has it, and whether it is an id. */
interface CsvField<Row> {
  readonly of: (row: Row) => unknown;
  readonly isId?: boolean;
}

/**
 * Things as CSV for a spreadsheet: a mark that says UTF-8, a row of the fields' names, then a row for each thing. The
 * values are those of JSON; what is no single value stands in its cell as JSON has it.
 *
 * @param names the fields; all of them when not given
 * @param pages the things, some at a time, so that there may be any number of them
 */
export async function* csvOf<Row>(
  fields: Readonly<Record<string, CsvField<Row>>>,
  names: readonly string[] = Object.keys(fields),
  pages: Iterable<readonly Row[]> | AsyncIterable<readonly Row[]>,
): AsyncGenerator<string, void, undefined> {
  yield `${byteOrderMark}${encodeCsvRow(names)}`;
  const columns = names.map((name) => fields[name]!);
  const line = (row: Row): string => encodeCsvRow(columns.map((field) => cellOf(field, row)));
  for await (const rows of pages) yield rows.map(line).join("");
}

function cellOf<Row>({ of, isId }: CsvField<Row>, row: Row): string {
  const value = of(row);
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return guardedCell(value.join(", "));
  if (typeof value === "object") return toJson(value);
  if (typeof value !== "string") return String(value);
  return isId === true ? idCell(value) : textCell(value);
}

/** A spreadsheet makes 2.026E+16 of a long number and 7 of 007, unless the cell is a formula for that text. */
const idCell = (text: string): string => (/^\d[\w.:/-]*$/.test(text) ? `="${text}"` : guardedCell(text));

/** An amount below zero or a rate begins like a formula, and is a number all the same. */
const textCell = (text: string): string => (/^-\d+(\.\d+)?%?$/.test(text) ? text : guardedCell(text));
