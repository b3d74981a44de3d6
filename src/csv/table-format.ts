import type { TotalsText } from "./totals-text.ts";

/** A column that a file may have: what the program calls it, and every header name it goes by. */
export interface ColumnSpec<Key extends string = string> {
  readonly key: Key;
  /** The usual name first. */
  readonly names: readonly string[];
  readonly required: boolean;
  /**
   * The names are other columns, the better one first: the first that the file has is read. Without this they are one
   * column, and two of them are refused.
   */
  readonly areInOrder?: boolean;
  /** The operator says where this column is: that says nothing about what kind of file it is. */
  readonly isSaid?: boolean;
}

/**
 * How one kind of file lays out its table: what it calls its columns, and what stands around the rows. A reader is
 * given several and finds the header by seeing which of them fits which line best.
 */
export interface TableFormat<Key extends string = string> {
  /** `native`, `taobao`; named in reports. */
  readonly name: string;
  readonly columns: readonly ColumnSpec<Key>[];
  /** Further header names that such files have. They are not read; they tell formats with like columns apart. */
  readonly knownNames?: readonly string[];
  /** The row after the header may explain the columns: it is passed over where its required cells are blank. */
  readonly mayExplainHeader?: boolean;
  readonly tail?: TailFormat<Key>;
}

/** What follows the last row. Rows that start with a word for a total (合计, total) are such a tail in any file. */
export interface TailFormat<Key extends string = string> {
  /** The first row whose first cell starts with one of these ends the data, until the header comes again. */
  readonly marks: readonly string[];
  readonly totals: readonly TailTotals<Key>[];
}

/** What a total is of: the number of rows, or the sum of a column. */
export type TotalOf<Key extends string = string> = "rows" | Key;

/** Where a tail declares totals: under a second header, or in a text. */
export type TailTotals<Key extends string = string> =
  | { readonly header: Readonly<Record<string, TotalOf<Key>>> }
  /** Each name in the text is a total. Of all rows, or of those of one type only. */
  | { readonly text: TotalsText; readonly of: readonly TotalOf<Key>[]; readonly rowType?: string };

/** A total that a file declares, as it is written there. */
export interface DeclaredTotal<Key extends string = string> {
  readonly of: TotalOf<Key>;
  /** Set where it is the total of the rows of one type. */
  readonly rowType?: string;
  readonly text: string;
  readonly line: number;
}
