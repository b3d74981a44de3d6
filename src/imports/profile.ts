import type { ColumnSpec } from "../csv/header.ts";
import type { TableFormat } from "../csv/table-format.ts";

/** Which part of a date comes first. `ymd` also means: a date that begins with anything but the year is not read. */
export type DateOrder = "ymd" | "mdy" | "dmy";

/** By what a file names the member of an order. An alias is a name that a platform knows the member by. */
export type MemberBy = "number" | "alias" | "email" | "phone";

/** By what a file names the merchant of an order. */
export type MerchantBy = "code" | "alias";

/**
 * How many rows make one order. Of several: `sum`, each is a part of the amount; `same`, each repeats the amount; `first`,
 * the first one says it all and the others leave it blank.
 */
export type RowsPerOrder = "one" | "sum" | "same" | "first";

/** What becomes of an amount that is finer than a fen once the rows of its order are summed: a reject, or rounded half up. */
export type AmountRounding = "exact" | "half-up";

/** How the cells of a column are read, beyond the cleaning that every cell gets. In this order. */
export interface CellRule {
  /** Cells that say nothing, such as `-` and `无退款申请`. */
  readonly nothing: ReadonlySet<string>;
  /** What is read stands before this mark, where the cell has it. */
  readonly before: string | undefined;
  /** What is read stands between these marks; a cell without them says nothing. */
  readonly between: readonly [start: string, end: string] | undefined;
  /** Taken off the start, or the end, where the cell has it; the first that fits. */
  readonly stripStart: readonly string[];
  readonly stripEnd: readonly string[];
  /** The number is read with its sign turned. */
  readonly isNegated: boolean;
  /** What the words of this file mean, by the word without case; undefined where the column has no words of its own. */
  readonly words: ReadonlyMap<string, string> | undefined;
}

/** How one system writes one kind of file: where things are, and what its cells mean. */
export interface Profile<Key extends string = string> extends TableFormat<Key> {
  /** How cells are read, of the columns where the usual cleaning is not all. */
  readonly rules: ReadonlyMap<Key, CellRule>;
  /** What every row says without a column for it, such as the source of all its orders. */
  readonly constants: ReadonlyMap<Key, string>;
  /** The time zone of times without an offset; undefined: the platform's. */
  readonly zone: string | undefined;
  readonly dateOrder: DateOrder;
  /** Orders only, as the rest of it. */
  readonly memberBy: MemberBy;
  readonly merchantBy: MerchantBy;
  readonly rowsPerOrder: RowsPerOrder;
  readonly rounding: AmountRounding;
}

/** The profile of the tool's own files: its columns as they are, and nothing else. */
export function nativeProfile<Key extends string>(columns: readonly ColumnSpec<Key>[]): Profile<Key> {
  return {
    name: "native",
    columns: columns.filter(({ names }) => names.length > 0),
    rules: new Map(),
    constants: new Map(),
    zone: undefined,
    dateOrder: "ymd",
    memberBy: "number",
    merchantBy: "code",
    rowsPerOrder: "one",
    rounding: "exact",
  };
}
