import type { ColumnSpec } from "../csv/table-format.ts";
import type { FileKind } from "../shared/file-kinds.ts";
import type { AmountRounding, MemberBy, MerchantBy, RowsPerOrder } from "./profile.ts";
import type { DateOrder } from "../csv/timestamp.ts";

/**
 * A profile as it is written down: the built-in ones, and the JSON file of an operator's own. What it may say is in
 * `read-profile.ts`, and what each part means in `profile.ts`.
 */
export interface ProfileText {
  readonly profile: string;
  readonly kind: FileKind;
  readonly about?: string;
  /** By the key of the column: its header name, several in the order in which they are preferred, or a rule. */
  readonly columns: Readonly<Record<string, string | readonly string[] | ColumnText>>;
  /** Header names that are not read, and tell such files from others. */
  readonly other_headers?: readonly string[];
  /** Cells that say nothing, in any column. */
  readonly nothing?: readonly string[];
  readonly zone?: string;
  readonly date_order?: DateOrder;
  readonly year_pivot?: number;
  readonly member_by?: MemberBy;
  readonly merchant_by?: MerchantBy;
  readonly rows_per_order?: RowsPerOrder;
  readonly rounding?: AmountRounding;
  /** The row behind the header may explain it. */
  readonly explained_header?: boolean;
  /** How the row behind the last one starts. */
  readonly tail_marks?: readonly string[];
  /** The second header that stands above totals: what each of its columns is the total of, `rows` or the key of a column. */
  readonly totals_header?: Readonly<Record<string, string>>;
  /** Texts with totals in them, named where their numbers stand: `共{rows}笔,合计{amount}元`. */
  readonly totals_patterns?: readonly string[];
  /** The same for texts with totals of the rows of one type, by that type: `order`, `refund`. */
  readonly totals_patterns_of?: Readonly<Record<string, string>>;
}

/** How one column is read. */
export interface ColumnText {
  readonly names?: readonly string[];
  /** The names mean the same, and a file that has two of them is refused; by default they are preferred in their order. */
  readonly synonyms?: boolean;
  /** Whether a file without the column is none of this profile's. By default, what the kind needs is. */
  readonly required?: boolean;
  /** Header names of what is read where the cell says nothing. */
  readonly otherwise?: readonly string[];
  /** What every row says, without a column. */
  readonly constant?: string;
  readonly words?: Readonly<Record<string, string>>;
  readonly nothing?: readonly string[];
  readonly before?: string;
  readonly between?: readonly [start: string, end: string];
  readonly strip_start?: readonly string[];
  readonly strip_end?: readonly string[];
  readonly negate?: boolean;
}

/** The profile of the tool's own files: its columns as they are, and nothing else. */
export const nativeProfile = (kind: FileKind, columns: readonly ColumnSpec[]): ProfileText => ({
  profile: "native",
  kind,
  about: "the tool's own columns, in English or Chinese",
  columns: Object.fromEntries(columns.filter(({ names }) => names.length > 0).map(({ key, names }) => [key, { names, synonyms: true }])),
});
