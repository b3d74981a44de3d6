import { cleanWord, type NumberStyle } from "../csv/clean.ts";
import type { ColumnSpec, TableFormat } from "../csv/table-format.ts";
import type { DateOrder } from "../csv/timestamp.ts";
import type { FileKind } from "../shared/file-kinds.ts";

/** Stands in a profile where somebody has to say something; reading such a profile is refused, and names the place. */
export const toFillIn = "?";

/** By what a file names the member of an order. An alias is a name that a platform knows the member by. */
export type MemberBy = (typeof memberIdentities)[number];

export const memberIdentities = ["number", "alias", "email", "phone"] as const;

/** By what a file names the merchant of an order. */
export type MerchantBy = "code" | "alias";

/**
 * How many rows make one order. Of several: `sum`, each is a part of the amount; `same`, each repeats the amount;
 * `first`, the first one says it all and the others leave it blank.
 */
export type RowsPerOrder = "one" | "sum" | "same" | "first";

/**
 * When an order was paid whose rows say different times: `same`, the rows contradict each other; else the first of the
 * times, or the last.
 */
export type RowsPaidAt = "same" | "earliest" | "latest";

/**
 * What becomes of an amount that is finer than a fen, once the rows of its order are summed: a reject, or rounded half
 * up.
 */
export type AmountRounding = "exact" | "half-up";

/** How the cells of a column are read, beyond the cleaning that every cell gets. Done in this order. */
export interface CellRule<Key extends string = string> {
  /** Cells that say nothing, such as `-` and `无退款申请`, in their compared form (`cleanWord`). */
  readonly nothing: ReadonlySet<string>;
  /** The characters, in either case, that those start with: a cell that starts bare with another is none of them. */
  readonly nothingStarts: ReadonlySet<number>;
  /** The column that is read where the cell says nothing. */
  readonly otherwise: Key | undefined;
  /** The columns whose cells stand after the cell, a blank before each: the time of a date. */
  readonly followedBy: readonly Key[];
  /** What is read stands before this mark, where the cell has it. */
  readonly before: string | undefined;
  /** What is read stands between these marks; a cell without them says nothing. */
  readonly between: readonly [start: string, end: string] | undefined;
  /** Taken off the start, or the end, where the cell has it; the first that fits. */
  readonly stripStart: readonly string[];
  readonly stripEnd: readonly string[];
  /** How the number is written; undefined: as usual. */
  readonly numberStyle: NumberStyle | undefined;
  /** The number is read with its sign turned. */
  readonly isNegated: boolean;
  /** The columns whose numbers, read as this one, are taken off it: discounts. */
  readonly less: readonly Key[];
  /**
   * What the words of this file mean, by the word as it is written and in its compared form. Other words are read as in
   * any file.
   */
  readonly words: ReadonlyMap<string, string>;
}

/** How one system writes one kind of file: where things are, and what its cells mean. */
export interface Profile<Key extends string = string> extends TableFormat<Key> {
  /** How cells are read, of the columns where the usual cleaning is not all. */
  readonly rules: ReadonlyMap<Key, CellRule<Key>>;
  /** What every row says without a column for it, such as the source of all its orders. */
  readonly constants: ReadonlyMap<Key, string>;
  /** The time zone of times without an offset; undefined: the platform's. */
  readonly zone: string | undefined;
  readonly dateOrder: DateOrder;
  /** Years of two digits below it are of this century; undefined: such years are refused. */
  readonly yearPivot: number | undefined;
  /** Bare numbers of a column of times are seconds or milliseconds since 1970. */
  readonly hasUnixTimes: boolean;
  /** Orders only, as the rest of it. */
  readonly memberBy: MemberBy;
  readonly merchantBy: MerchantBy;
  readonly rowsPerOrder: RowsPerOrder;
  readonly rowsPaidAt: RowsPaidAt;
  readonly rounding: AmountRounding;
  /** Why files like this are none of the kind, and what to do; undefined: they are. */
  readonly refused: string | undefined;
  /** As it is written down, with what the operator changed of it. */
  readonly written: ProfileText;
}

/** The words of a column as they are written, with what they mean. Their compared forms come right after them. */
export function wordsOf(rule: CellRule | undefined): ReadonlyMap<string, string> {
  const written = new Map<string, string>();
  const seen = new Set<string>();
  for (const [word, meaning] of rule?.words ?? []) {
    if (!seen.has(cleanWord(word))) written.set(word, meaning);
    seen.add(cleanWord(word));
  }
  return written;
}

/** Whether a file can say something: in a column that its profile knows, or in every row the same. */
export const canSay = <Key extends string>({ columns, constants }: Profile<Key>, key: Key): boolean =>
  constants.has(key) || columns.some((column) => column.key === key);

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
  readonly unix_times?: boolean;
  readonly member_by?: MemberBy;
  readonly merchant_by?: MerchantBy;
  readonly rows_per_order?: RowsPerOrder;
  readonly rows_paid_at?: RowsPaidAt;
  readonly rounding?: AmountRounding;
  /** What to do about such a file: it looks like one of the kind, and is refused. */
  readonly refused?: string;
  /** The row after the header may explain it. */
  readonly explained_header?: boolean;
  /** How the row after the last one starts. */
  readonly tail_marks?: readonly string[];
  /**
   * The second header that stands above totals: what each of its columns is the total of, `rows` or the key of a
   * column.
   */
  readonly totals_header?: Readonly<Record<string, string>>;
  /** Texts with totals in them, named where their numbers stand: `共{rows}笔,合计{amount}元`. */
  readonly totals_patterns?: readonly string[];
  /** The same for texts with totals of the rows of one type, by that type: `order`, `refund`. */
  readonly totals_patterns_of?: Readonly<Record<string, string>>;
}

/** How one column is read. */
export interface ColumnText {
  readonly names?: readonly string[];
  /**
   * The names mean the same, and a file that has two of them is refused; by default they are preferred in their order.
   */
  readonly synonyms?: boolean;
  /** Whether a file without the column is none of this profile's. By default, what the kind needs is. */
  readonly required?: boolean;
  /** Header names of what is read where the cell says nothing. */
  readonly otherwise?: readonly string[];
  /** Header names of what follows the cell, each after a blank; a file without one of them is none of this profile's. */
  readonly followed_by?: readonly string[];
  /** What every row says, without a column. */
  readonly constant?: string;
  readonly words?: Readonly<Record<string, string>>;
  readonly nothing?: readonly string[];
  readonly before?: string;
  readonly between?: readonly [start: string, end: string];
  readonly strip_start?: readonly string[];
  readonly strip_end?: readonly string[];
  /** The character before decimals; the point when not given. */
  readonly decimal?: "point" | "comma";
  /** What an amount is a number of; yuan when not given. */
  readonly unit?: "yuan" | "fen";
  readonly negate?: boolean;
  /** Header names of numbers that are taken off; a file without one of them is none of this profile's. */
  readonly less?: readonly string[];
}

/** What an operator said of a file, by the words of the options: `{ "map": ["amount=应付金额"], "create_members": true }`. */
export type SaidOptions = Readonly<Record<string, string | true | readonly string[]>>;

/**
 * How a file is read: all that its rows come to depends on, beside its bytes and the database. The same bytes read the
 * same way are the same import; read another way, they are another one.
 */
export interface Reading {
  readonly encoding: string;
  /** Of times without an offset. */
  readonly zone: string;
  /** What the import was asked to do beside reading. */
  readonly options: SaidOptions;
  /** The profile in force, whatever it is called: with the operator's own columns and rules. */
  readonly profile: Omit<ProfileText, "profile" | "kind" | "about">;
  /**
   * What its rows are known by, so that they are found when they come again: by column, a constant, or the heading and
   * how its cells are read. Times too, where they tell rows apart.
   */
  readonly known_by: Readonly<Record<string, unknown>>;
}

/** The profile of the tool's own files: its columns as they are, and nothing else. */
export const nativeProfile = (kind: FileKind, columns: readonly ColumnSpec[]): ProfileText => ({
  profile: "native",
  kind,
  about: "the tool's own columns, in English or Chinese",
  columns: Object.fromEntries(
    columns.filter(({ names }) => names.length > 0).map(({ key, names }) => [key, { names, synonyms: true }]),
  ),
});
