import type { CopyValue } from "../csv/copy-text.ts";
import type { CellProblem } from "../csv/problem.ts";
import type { Transaction } from "../db/database.ts";
import type { FileKind } from "../shared/file-kinds.ts";
import type { Guessing } from "./guessing/draft.ts";
import type { KindColumn } from "./kind-column.ts";
import type { Profile, ProfileText, SaidOptions } from "./profile.ts";

export type { KindColumn } from "./kind-column.ts";

/** Gives the cell of a column, as it stands in the file; the empty text where the file has no such column. */
export type CellOf<Key extends string> = (key: Key) => string;

/** What a row turned into: what to stage, with the business key that finds repeats of it. */
export interface StagedRow {
  readonly key: string;
  /** In the order of the kind's staged columns. */
  readonly values: readonly CopyValue[];
}

/**
 * Why a row is not taken, whether its reader says so or the merge. It is a class so that a hot loop can tell it from a
 * value.
 */
export class Refusal<Key extends string = string> {
  /** The cell to look at; undefined where it is the whole row. */
  readonly column: Key | undefined;
  readonly code: string;
  readonly message: string;
  /**
   * The first values of the row, which name the thing that it is a part of: a part that is refused takes the others
   * with it.
   */
  readonly partOf: readonly CopyValue[] | undefined;

  constructor(column: Key | undefined, code: string, message: string, partOf?: readonly CopyValue[]) {
    this.column = column;
    this.code = code;
    this.message = message;
    this.partOf = partOf;
  }
}

/**
 * A refusal for a cell that could not be read. Its code names the column: what operators count is `member_no_empty`,
 * not `empty`.
 */
export const cellRefusal = <Key extends string>(column: Key, { code, message }: CellProblem): Refusal<Key> =>
  new Refusal(column, `${column}_${code}`, message);

/** A row that is none of this kind: an advert's fee among orders. It is counted under its own word, and not as read. */
export interface OtherRow {
  /** What the file calls such rows. */
  readonly other: string;
}

/** Reads one row. Called for every row of a file: it allocates little and never throws. */
export type RowReader<Key extends string = string> = (cell: CellOf<Key>) => StagedRow | Refusal<Key> | OtherRow;

/** A row that is not taken, by its number. */
export interface Reject<Key extends string = string> {
  readonly record: number;
  /** Undefined where the reader refuses the row: then it says why. */
  readonly refusal: Refusal<Key> | undefined;
}

/** What became of some rows: each of them is in exactly one of the four. */
export interface Merged<Key extends string = string> {
  readonly inserted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejects: readonly Reject<Key>[];
  /** Members registered for rows that named unknown ones. */
  readonly membersCreated?: number;
}

/** Orders whose refunds add up to more than their amount, and the numbers of some of them. */
export interface OverRefunded {
  readonly orders: number;
  readonly such_as: readonly string[];
}

/** What a statement of an account says, as reports have it. */
export interface StatementFacts {
  readonly money_account: string;
  /** Yuan before its first line, and after its last one. */
  readonly opening: string;
  readonly closing: string;
  /** Where statements of the account do not join: another one is missing there. */
  readonly gaps: readonly { readonly after: string; readonly before: string; readonly amount: string }[];
}

/** What the new payments of a channel's bill say of orders, as reports have it. */
export interface EvidenceFacts {
  /** How many say what. */
  readonly states: Readonly<Record<string, number>>;
  /** A sum of hashes over all that they say. */
  readonly digest: string;
}

/** What is merged at the end of a file; its rejects are handed over before, a page at a time. */
export interface MergedAtEnd extends Omit<Merged, "rejects"> {
  /** How many orders the rows make, where several rows make one. */
  readonly orders?: number | undefined;
  readonly overRefunded?: OverRefunded | undefined;
  readonly statement?: StatementFacts;
  readonly evidence?: EvidenceFacts;
}

/** Rows that have been read and are still to be written: an import is not done when its file is read. */
export interface Unwritten {
  readonly rows: number;
  /**
   * What writing a row takes, where reading and judging one takes 1. Measured; it says how much time is left, and
   * nothing else.
   */
  readonly weight: number;
}

/** What the end of a merge goes by. */
export interface MergeEnd<Key extends string = string> {
  /** How many rows the file has. */
  readonly rows: number;
  readonly signal: AbortSignal;
  /** Takes rejects, in the order of the file. */
  readonly reject: (rows: readonly Reject<Key>[]) => Promise<void>;
  readonly tellProgress: () => void;
}

/** The merge of one file: made when its import begins. Set-based: a few statements, whatever the number of rows. */
export interface FileMerge<Key extends string = string> {
  /**
   * Merges the rows that were staged last, no two of them with the same key. Without it, rows mean something only
   * together: all of them, refused ones too, wait in the staging table for `finish`.
   */
  merge?(): Promise<Merged<Key>>;
  /** Runs once, after the last row: writes what is buffered, and merges what waited. */
  finish?(end: MergeEnd<Key>): Promise<MergedAtEnd | undefined>;
  unwritten?(): Unwritten;
}

/**
 * Thrown by a merge that takes rows as they come, where what a row comes to would depend on those before it: nothing of
 * the file may be kept then, and all its rows are judged together.
 */
export class RowsContradict extends Error {}

/** What a merge may know beside the staged rows. */
export interface MergeFacts {
  readonly importId: bigint;
  /** How the file is read: what it names members and merchants by, how many rows make an order. */
  readonly profile: Profile;
  readonly zone: string;
  readonly operator: string;
  readonly host: string;
  readonly now: Date;
}

/** Where rows are staged. */
export interface Staging {
  readonly table: string;
  /**
   * Its columns after `record` and `line` (and `is_refused`, where rows wait for the end), in the order of
   * `StagedRow.values`.
   */
  readonly columns: readonly string[];
}

/**
 * One kind of file: its columns, how a row becomes a staged row, and how staged rows are merged into what is there.
 * Everything else about an import is the same for all kinds (`run-import.ts`).
 */
export interface ImportKind<Key extends string = string> {
  readonly kind: FileKind;
  readonly columns: readonly KindColumn<Key>[];
  /** What the operator wants done with the rows, where it decides what becomes of them. */
  readonly options?: SaidOptions;
  /**
   * What the rows of a file are known by, where that is not always the columns that say so of themselves.
   *
   * @param isRead whether the file says something of a column
   */
  knownBy?(isRead: (key: Key) => boolean): { readonly columns: readonly Key[]; readonly hasTimes: boolean };
  /** Every way that such files are known to be written, the native one first. */
  readonly profiles: readonly ProfileText[];
  /** The most rows of a chunk, for a kind whose merge holds the rows of one in memory here. */
  readonly chunkRows?: number;
  /** Whether such a file goes in whole or not at all, however many rejects an operator allows. */
  readonly isWhole?: boolean;
  /** Refuses a file that was imported before, as another thing than it is to be imported as now. */
  refuseOther?(tx: Transaction, earlierImportId: bigint): Promise<void>;
  /** The column of ids that may be longer than what a spreadsheet can hold. */
  readonly longIds?: Key;
  /** What a file has to say, where that is not what the columns say of themselves. */
  needs?(profile: Profile<Key>): readonly Key[] | undefined;
  /** What helps to guess which column of an unknown file is which. */
  guessing?(): Promise<Guessing<Key>>;
  /** The same kind of file where all its rows are judged together, for a file with `RowsContradict`. */
  readonly together?: ImportKind<Key>;
  staging(profile: Profile<Key>): Staging;
  /**
   * Makes what reads the rows of one file.
   *
   * @param zone of the platform: times without an offset are in it unless the profile names another
   */
  rowReader(profile: Profile<Key>, zone: string): RowReader<Key>;
  /** Creates the temporary tables (`ON COMMIT DROP`) and whatever else the merge of a file needs. */
  begin(tx: Transaction, facts: MergeFacts): Promise<FileMerge<Key>>;
}
