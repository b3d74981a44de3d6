import { usageError, type AccrueError } from "../shared/errors.ts";
import { cleanText, narrowWidth } from "./clean.ts";
import type { ColumnSpec, TableFormat } from "./table-format.ts";

/** Where the columns of a file are. */
export interface HeaderMatch<Key extends string = string> {
  /**
   * Position of each column in a row, counted from 0; -1 where the file does not have an optional column (a later
   * header may).
   */
  readonly columnIndex: Record<Key, number>;
  /** Header cells that no column goes by; their contents are not read. */
  readonly unknownColumns: readonly string[];
  /** Header cells that start with `_`: notes of a rejects file, never read. */
  readonly ignoredColumns: readonly string[];
}

/** A header name as it is compared: without wrapping, case, width, blanks, underscores and hyphens. */
export function normalizeName(name: string): string {
  return cleanText(narrowWidth(name))
    .toLowerCase()
    .replace(/[\s_-]+/g, "");
}

const isNote = (name: string): boolean => cleanText(narrowWidth(name)).startsWith("_");

/** What a column goes by whose header cell is blank, and any other may: its number, as in `#3`. */
const nameByNumber = (index: number): string => `#${index + 1}`;
const numberPattern = /^#(\d{1,5})$/;

/** Positions of each name in a header row; notes of a rejects file are no names of columns. */
function positionsByName(cells: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const positions = new Map<string, number[]>();
  for (const [index, cell] of cells.entries()) {
    const name = normalizeName(cell) || nameByNumber(index);
    if (isNote(cell)) continue;
    const others = positions.get(name);
    if (others === undefined) positions.set(name, [index]);
    else others.push(index);
  }
  return positions;
}

/** Whether a name is the number of a column. */
export const isNumber = (name: string): boolean => numberPattern.test(name);

/** The position that a name says by its number, in a row of so many cells. */
function numbered(name: string, width: number): readonly number[] {
  const index = Number(numberPattern.exec(name)?.[1] ?? 0) - 1;
  return index >= 0 && index < width ? [index] : [];
}

/** Where a column stands in a header row: no position, one, or several that contradict each other. */
function positionsOf(
  { names, areInOrder }: ColumnSpec,
  positions: ReadonlyMap<string, readonly number[]>,
  width: number,
): readonly number[] {
  const found = [...new Set(names.map(normalizeName))].map((name) => positions.get(name) ?? numbered(name, width));
  return areInOrder === true
    ? (found.find((indexes) => indexes.length > 0) ?? [])
    : found.flat().toSorted((one, other) => one - other);
}

/**
 * Finds each column in a header row.
 *
 * @param where the file, for messages
 * @param isKnown whether any cell is a name of a column. Of a row without one nothing is said: it may be no header, and
 * private
 * @param asked formats that the row fits, for what is to be done
 * @throws AccrueError `csv_missing_column` or `csv_duplicate_column` (usage), naming what is needed and what was found
 */
export function matchHeader<Key extends string>(
  cells: readonly string[],
  specs: readonly ColumnSpec<Key>[],
  where: string,
  isKnown: boolean,
  asked: readonly string[] = [],
): HeaderMatch<Key> {
  const positions = positionsByName(cells);
  const columnIndex = {} as Record<Key, number>;
  // A number is in any row, one of data as well: it counts beside a name only.
  const isNamed = specs.some(({ names }) => names.some((name) => positions.has(normalizeName(name))));
  for (const spec of specs) {
    const [first = -1, second] = positionsOf(spec, positions, isNamed ? cells.length : 0);
    if (second !== undefined) throw duplicateColumn(spec, cells, first, second, where);
    columnIndex[spec.key] = first;
  }
  const missing = specs.filter((spec) => spec.required && columnIndex[spec.key] === -1);
  if (missing.length > 0) throw missingColumn(missing, specs, isKnown ? cells : undefined, where, asked);
  return { columnIndex, ...sortUnread(cells, new Set(Object.values<number>(columnIndex))) };
}

function sortUnread(cells: readonly string[], readIndexes: ReadonlySet<number>): Omit<HeaderMatch, "columnIndex"> {
  const unknownColumns: string[] = [];
  const ignoredColumns: string[] = [];
  for (const [index, cell] of cells.entries()) {
    if (isNote(cell)) ignoredColumns.push(cell);
    else if (!readIndexes.has(index) && normalizeName(cell) !== "") unknownColumns.push(cell);
  }
  return { unknownColumns, ignoredColumns };
}

/** How well a row does as the header of a format. */
export interface HeaderFit {
  /** Needed columns that it lacks. */
  readonly missing: number;
  /** Cells that are names of the format. */
  readonly known: number;
  /** Those of them that no other format has. */
  readonly own: number;
}

/** Every name that formats have for columns, as names are compared. */
export const namesOf = (formats: readonly TableFormat[]): ReadonlySet<string> =>
  new Set(
    formats
      .flatMap(({ columns, knownNames = [] }) => [...columns.flatMap(({ names }) => names), ...knownNames])
      .map(normalizeName),
  );

/** The names by which formats are known. A format's do not change, and each file is held against a dozen formats. */
const ownNames = new WeakMap<TableFormat, readonly string[]>();

/** The names by which a format is known: not those that the operator gives to columns. */
function ownNamesOf(format: TableFormat): readonly string[] {
  let names = ownNames.get(format);
  if (names === undefined) {
    const { columns, knownNames = [] } = format;
    const written = [...columns.filter(({ isSaid }) => isSaid !== true).flatMap(({ names }) => names), ...knownNames];
    names = [...new Set(written.map(normalizeName))];
    ownNames.set(format, names);
  }
  return names;
}

/** The names in a row, were it a header. */
export const headerNames = (cells: readonly string[]): ReadonlySet<string> => new Set(positionsByName(cells).keys());

/**
 * Judges the names of rows as headers of one format. Asked of thousands of rows: what the format needs is settled once.
 *
 * @param formats all that the file may be
 */
export function headerJudge(
  format: TableFormat,
  formats: readonly TableFormat[],
): (names: ReadonlySet<string>, width: number) => HeaderFit {
  const known = new Set(ownNamesOf(format));
  const shared = new Set(formats.filter((other) => other !== format).flatMap(ownNamesOf));
  const needed = format.columns.filter(({ required }) => required).map((spec) => spec.names.map(normalizeName));
  return (names, width) => {
    const fit = { missing: 0, known: 0, own: 0 };
    for (const name of names) {
      if (!known.has(name)) continue;
      fit.known += 1;
      if (!shared.has(name)) fit.own += 1;
    }
    const lacking = needed.filter((aliases) => !aliases.some((name) => names.has(name)));
    const isNamed = fit.known > 0 || lacking.length < needed.length;
    fit.missing = isNamed
      ? lacking.filter((aliases) => !aliases.some((name) => numbered(name, width).length > 0)).length
      : lacking.length;
    return fit;
  };
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
  const named = cells.map((cell, index) => cleanText(cell).slice(0, 40) || nameByNumber(index));
  const more = named.length > maxNamesShown ? ` and ${named.length - maxNamesShown} more` : "";
  return named.slice(0, maxNamesShown).join(", ") + more;
}

function missingColumn(
  missing: readonly ColumnSpec[],
  specs: readonly ColumnSpec[],
  cells: readonly string[] | undefined,
  where: string,
  asked: readonly string[],
): AccrueError {
  const found =
    cells === undefined
      ? "no line names any of the columns"
      : `the header has no column ${missing.map(describe).join("; ")}. Found: ${listFound(cells)}`;
  const optional = specs.filter((spec) => !spec.required);
  const needed = specs.filter((spec) => spec.required);
  const optionalText = optional.length === 0 ? "" : `; may also have: ${optional.map(describe).join("; ")}`;
  const profiles =
    asked.length === 0 ? "" : `--profile ${asked.join(" or ")} reads such a header, if that is what the file is; `;
  return usageError("csv_missing_column", `${where}: ${found}`, {
    hint:
      `${profiles}a line above the rows must name the columns (an import shows with --explain what is in the file). ` +
      `Needed: ${needed.map(describe).join("; ")}${optionalText}`,
    details: { file: where, missing: missing.map((spec) => spec.key), found: [...(cells ?? [])] },
  });
}

function duplicateColumn(
  spec: ColumnSpec,
  cells: readonly string[],
  first: number,
  second: number,
  where: string,
): AccrueError {
  const byNumber = [first, second].map((index) => `--map ${spec.key}=${nameByNumber(index)}`).join(" or ");
  // What is read beside a column has a key that nobody can say.
  const wayOut = spec.key.includes(" ") ? "" : `say which is to be read by its number, ${byNumber}, or `;
  return usageError(
    "csv_duplicate_column",
    `${where}: columns ${first + 1} (${cells[first]}) and ${second + 1} (${cells[second]}) both mean ${describe(spec)}`,
    {
      hint: `${wayOut}rename or remove the other`,
      details: { file: where, column: spec.key, found: [cells[first], cells[second]] },
    },
  );
}
