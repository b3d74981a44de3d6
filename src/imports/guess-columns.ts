import { readAmountFen } from "../csv/cells.ts";
import { isBlank } from "../csv/clean.ts";
import { normalizeName } from "../csv/header.ts";
import { CellProblem } from "../csv/problem.ts";
import type { Survey } from "../csv/survey.ts";
import { dateOrders, readTimestamp, type DateOrder } from "../csv/timestamp.ts";
import type { ImportKind } from "./kind.ts";
import type { Profile } from "./profile.ts";

/** What a column of an unknown file could be. */
export interface ColumnGuess<Key extends string> {
  /** What it goes by in `--map`: its name, or its number where it has none. */
  readonly header: string;
  /** Its first cells that say something. */
  readonly samples: readonly string[];
  /** Undefined where nothing of ours is like it. */
  readonly key: Key | undefined;
}

export interface FileGuess<Key extends string> {
  readonly columns: readonly ColumnGuess<Key>[];
  /** Columns that the kind needs, and none looks like. */
  readonly lacking: readonly Key[];
  /** The orders by which all times of the file are read; none where it takes none to be named. */
  readonly dateOrders: readonly DateOrder[];
}

const maxSamples = 3;

/**
 * Guesses which column of an unknown file is which of ours: by the names that any profile knows it by, by names that
 * are parts of one another, and by what its cells can be read as.
 *
 * @param profiles those that the file may be read by, with what the operator maps
 */
export function guessColumns<Key extends string>(
  kind: Pick<ImportKind<Key>, "columns">,
  profiles: readonly Profile<Key>[],
  { header, rows }: Survey,
): FileGuess<Key> {
  const cellsOf = header.map((_, index) => rows.map((cells) => cells[index]!).filter((cell) => !isBlank(cell)));
  const taken = new Map<number, Key>();
  const wanted = kind.columns
    .filter(({ names }) => names.length > 0)
    .toSorted((one, other) => Number(other.required) - Number(one.required));
  for (const { key, required } of wanted) {
    // What a profile reads by a rule, such as a refund out of an amount, its header alone does not say.
    const plain = profiles.filter(({ rules }) => required || !rules.has(key));
    const names = plain.flatMap(({ columns }) =>
      columns.filter((column) => column.key === key).flatMap((column) => column.names.map(normalizeName)),
    );
    const scores = header.map((name, index) =>
      taken.has(index) || !canBe(key, cellsOf[index]!) ? 0 : likeness(normalizeName(name), names),
    );
    const best = Math.max(...scores);
    if (best > 0) taken.set(scores.indexOf(best), key);
  }
  const found = new Set(taken.values());
  const times = [...taken].flatMap(([index, key]) => (isTime(key) ? cellsOf[index]! : []));
  const orders = dateOrders.filter((order) => areTimes(times, order));
  return {
    columns: header.map((name, index) => ({
      header: isBlank(name) ? `#${index + 1}` : name,
      samples: cellsOf[index]!.slice(0, maxSamples),
      key: taken.get(index),
    })),
    lacking: wanted.filter(({ key, required }) => required && !found.has(key)).map(({ key }) => key),
    dateOrders: orders.includes("ymd") ? [] : orders,
  };
}

const exactly = 1000;

/** How like a name is to any of those: the same, or as long as the part that one has of the other. */
const likeness = (name: string, names: readonly string[]): number =>
  Math.max(
    0,
    ...names.map((known) =>
      name === known
        ? exactly
        : name.length > 1 && (known.includes(name) || name.includes(known))
          ? Math.min(name.length, known.length)
          : 0,
    ),
  );

const isTime = (key: string): boolean => key.endsWith("_at");
const areTimes = (cells: readonly string[], order: DateOrder): boolean =>
  cells.every((cell) => !(readTimestamp(cell, "UTC", order) instanceof CellProblem));

/** Whether a column's cells can be what one of ours holds. */
function canBe(key: string, cells: readonly string[]): boolean {
  if (isTime(key)) return dateOrders.some((order) => areTimes(cells, order));
  return !/(?:amount|price)$/.test(key) || cells.every((cell) => !(readAmountFen(cell) instanceof CellProblem));
}
