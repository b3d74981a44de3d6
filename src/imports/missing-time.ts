import type { CsvSource } from "../csv/reader.ts";
import { CellProblem } from "../csv/problem.ts";
import { dateOrders, readTimestamp } from "../csv/timestamp.ts";
import { shellWord } from "../shared/shell-word.ts";

/** A date with marks between its parts: digits alone may be any number, and are for nobody to guess. */
const looksLikeDate = /^\s*["'=]{0,3}(?:\d{1,4}[-/.年 ]|[a-z]{3,9}[,. ])/i;
const maxNamed = 3;

/**
 * What to do about a row without the time that it needs: which of its own cells are times that nobody reads.
 *
 * @param key the column that should have it
 * @returns the end of a sentence
 */
export function whereTimesStand<Key extends string>(
  { header, match }: Pick<CsvSource<Key>, "header" | "match">,
  cells: readonly string[],
  key: Key,
): string {
  const read = new Set<number>(Object.values(match.columnIndex));
  const names = cells.flatMap((cell, index) =>
    read.has(index) || !isTime(cell) ? [] : [header[index]?.trim() || `#${index + 1}`],
  );
  const own = header[match.columnIndex[key]];
  const are = `${names.slice(0, maxNamed).join(", ")} ${names.length === 1 ? "is a time" : "are times"} in this row`;
  const mapping = shellWord(`${key}=${names[0] ?? "HEADER"}`);
  if (own === undefined)
    return names.length === 0
      ? `no other cell of this row is a time: add a column with it, and say which: --map ${mapping}`
      : `${are}: if that is the one, --map ${mapping} reads it`;
  return names.length === 0
    ? `write it into ${own}; no other cell of this row is a time`
    : `write it into ${own}; ${are}: a profile may read it where ${own} is blank ("otherwise"), --map ${mapping} reads it in every row`;
}

const isTime = (cell: string): boolean =>
  looksLikeDate.test(cell) &&
  dateOrders.some((order) => !(readTimestamp(cell, "UTC", { dateOrder: order }) instanceof CellProblem));
