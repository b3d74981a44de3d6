import { usageError, type AccrueError } from "../shared/errors.ts";
import { cleanText, narrowWidth } from "./clean.ts";

/** A column that a file may have: what the program calls it, and every header name it goes by. */
export interface ColumnSpec<Key extends string = string> {
  readonly key: Key;
  /** The native name first, then its aliases. */
  readonly names: readonly string[];
  readonly required: boolean;
}

/** Where the columns of a file are. */
export interface HeaderMatch<Key extends string = string> {
  /** Position of each column in a row, counted from 0; -1 where the file does not have an optional column. */
  readonly columnIndex: Readonly<Record<Key, number>>;
  /** Header cells that no column goes by; their contents are not read. */
  readonly unknownColumns: readonly string[];
  /** Header cells that start with `_`: notes of a rejects file, never read. */
  readonly ignoredColumns: readonly string[];
  /** Positions whose header cell is blank. A row may have nothing but blanks there. */
  readonly unnamedIndexes: readonly number[];
}

/** A header name as it is compared: without wrapping, case, width, blanks, underscores and hyphens. */
export function normalizeName(name: string): string {
  return cleanText(narrowWidth(name)).toLowerCase().replace(/[\s_-]+/g, "");
}

/**
 * Finds each column in a header row.
 *
 * @param where the file, for messages
 * @throws AccrueError `csv_missing_column` or `csv_duplicate_column` (usage), naming what is needed and what was found
 */
export function matchHeader<Key extends string>(
  cells: readonly string[],
  specs: readonly ColumnSpec<Key>[],
  where: string,
): HeaderMatch<Key> {
  const keyByName = new Map(specs.flatMap((spec) => spec.names.map((name) => [normalizeName(name), spec] as const)));
  const columnIndex = Object.fromEntries(specs.map((spec) => [spec.key, -1])) as Record<Key, number>;
  const unknownColumns: string[] = [];
  const ignoredColumns: string[] = [];
  const unnamedIndexes: number[] = [];
  for (const [index, cell] of cells.entries()) {
    const name = cleanText(narrowWidth(cell));
    const spec = keyByName.get(normalizeName(cell));
    if (name === "") unnamedIndexes.push(index);
    else if (name.startsWith("_")) ignoredColumns.push(cell);
    else if (spec === undefined) unknownColumns.push(cell);
    else if (columnIndex[spec.key] !== -1) throw duplicateColumn(spec, cells, columnIndex[spec.key], index, where);
    else columnIndex[spec.key] = index;
  }
  const missing = specs.filter((spec) => spec.required && columnIndex[spec.key] === -1);
  if (missing.length > 0) throw missingColumn(missing, specs, cells, where);
  return { columnIndex, unknownColumns, ignoredColumns, unnamedIndexes };
}

/** The cell of a row at a matched column; the empty text where the file does not have that column. */
export function cellAt(cells: readonly string[], columnIndex: number): string {
  return columnIndex < 0 ? "" : (cells[columnIndex] ?? "");
}

function describe(spec: ColumnSpec): string {
  const [native, ...aliases] = spec.names;
  return aliases.length === 0 ? native! : `${native} (or ${aliases.join(", ")})`;
}

const maxNamesShown = 40;

function listFound(cells: readonly string[]): string {
  const named = cells.filter((cell) => cell.trim() !== "").map((cell) => cleanText(cell).slice(0, 40));
  if (named.length === 0) return "only blank cells";
  const more = named.length > maxNamesShown ? ` and ${named.length - maxNamesShown} more` : "";
  return named.slice(0, maxNamesShown).join(", ") + more;
}

function missingColumn(
  missing: readonly ColumnSpec[],
  specs: readonly ColumnSpec[],
  cells: readonly string[],
  where: string,
): AccrueError {
  const optional = specs.filter((spec) => !spec.required);
  const needed = specs.filter((spec) => spec.required);
  const optionalText = optional.length === 0 ? "" : `; may also have: ${optional.map(describe).join("; ")}`;
  return usageError(
    "csv_missing_column",
    `${where}: the header has no column ${missing.map(describe).join("; ")}. Found: ${listFound(cells)}`,
    {
      hint: `the first line must name its columns. Needed: ${needed.map(describe).join("; ")}${optionalText}`,
      details: { file: where, missing: missing.map((spec) => spec.key), found: [...cells] },
    },
  );
}

function duplicateColumn(
  spec: ColumnSpec,
  cells: readonly string[],
  first: number,
  second: number,
  where: string,
): AccrueError {
  return usageError(
    "csv_duplicate_column",
    `${where}: columns ${first + 1} (${cells[first]}) and ${second + 1} (${cells[second]}) both mean ${describe(spec)}`,
    {
      hint: "keep the one to be read, and rename or remove the other",
      details: { file: where, column: spec.key, found: [cells[first], cells[second]] },
    },
  );
}
