import type { Transaction } from "../db/database.ts";
import type { CopyValue } from "../csv/copy-text.ts";
import type { ColumnSpec } from "../csv/table-format.ts";
import type { CellProblem } from "../csv/problem.ts";
import type { ChunkLimits } from "./chunk.ts";
import type { Profile } from "./profile.ts";
import type { FileKind, ProfileText } from "./profile-text.ts";

/** What a row turned into: what to stage, with the business key that finds repeats of it within a chunk. */
export interface StagedRow {
  readonly key: string;
  /** In the order of the kind's `stagedColumns`. */
  readonly values: readonly CopyValue[];
}

/** Why a row was not staged. `column` is the key of the cell to look at; undefined where it is the whole row. */
export interface RowRefusal<Key extends string = string> {
  readonly column: Key | undefined;
  readonly problem: { readonly code: string; readonly message: string };
  /** The order that the row is a part of, where that could be read: a part that is refused takes the other parts with it. */
  readonly orderKey?: { readonly orderNo: string; readonly source: string };
}

/** A row that is none of this kind: an advert's fee among orders. It is counted under its own word, and not as read. */
export interface OtherRow {
  /** What the file calls such rows. */
  readonly other: string;
}

/** Gives the cell of a column, as it stands in the file; the empty text where the file has no such column. */
export type CellOf<Key extends string> = (key: Key) => string;

/** Reads one row. Called for every row of a file: it allocates little and never throws. */
export type RowReader<Key extends string = string> = (cell: CellOf<Key>) => StagedRow | RowRefusal<Key> | OtherRow;

/** Why the merge did not take a staged row. */
export interface MergeReject<Key extends string = string> {
  readonly record: number;
  readonly code: string;
  readonly column: Key | undefined;
  readonly message: string;
}

/** What a merge did with the staged rows: every one of them is in exactly one of the four. */
export interface MergeOutcome<Key extends string = string> {
  readonly inserted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejects: readonly MergeReject<Key>[];
  /** Members registered for rows that named unknown ones. */
  readonly membersCreated?: number;
}

/** What a merge may know beside the staged rows. */
export interface MergeFacts {
  readonly importId: bigint;
  /** How the file is read: what it names members and merchants by, how many rows make an order. */
  readonly profile: Profile;
  readonly zone: string;
  readonly operator: string;
  readonly now: Date;
}

/** Something that a row can say: its native names, and none where only other systems' files have it. */
export interface KindColumn<Key extends string = string> extends ColumnSpec<Key> {
  /** What a profile's words for it may mean; any text where this is not said. */
  readonly meanings?: readonly string[];
  /** Columns that together stand in for one that is needed. */
  readonly standIns?: readonly Key[];
}

/** Orders whose refunds add up to more than their amount, and the numbers of some of them. */
export interface OverRefunded {
  readonly orders: number;
  readonly such_as: readonly string[];
}

/** Rows that have been read and are still to be written: an import is not done when its file is read. */
export interface Unwritten {
  readonly rows: number;
  /** What writing a row takes, where reading and judging one takes 1. Measured; it says how much time is left, and nothing else. */
  readonly weight: number;
}

/** What came of merging gathered rows: counts of rows, and how many orders they make. */
export interface GatheredOutcome {
  readonly inserted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly orders: number;
  readonly overRefunded: OverRefunded;
  readonly membersCreated: number;
}

/** Why a gathered row is not taken. */
export interface GatheredReject<Key extends string = string> extends Omit<MergeReject<Key>, "column"> {
  /** A column's key, or its heading where the row could not even be read. */
  readonly column: Key | { readonly heading: string } | undefined;
}

/**
 * For a file of which several rows make one thing, wherever they stand in it: all rows are gathered in a temporary table,
 * and merged when the file has been read. What is made of several rows is taken whole or not at all.
 */
export interface Gathering<Key extends string = string> {
  /** The temporary table. It begins with the `gatheredColumns`; the first two of the others are the key of the thing. */
  readonly table: string;
  readonly columns: readonly string[];
  prepare(tx: Transaction): Promise<void>;
  /** Merges all that was gathered; hands the rejects over a page at a time, in the order of the file. */
  finish(tx: Transaction, facts: MergeFacts, during: GatheringEnd<Key>): Promise<GatheredOutcome>;
  /** What merging a row takes, where reading and gathering one takes 1. */
  readonly weight: number;
}

/** What the merge of gathered rows goes by. */
export interface GatheringEnd<Key extends string> {
  readonly signal: AbortSignal;
  readonly reject: (rows: readonly GatheredReject<Key>[]) => Promise<void>;
  /** Told how much of the merge is done, from 0 to 1. */
  readonly onMerged: (share: number) => void;
}

/**
 * One kind of file: its columns, how a row becomes a staged row, and how staged rows are merged into what is there.
 * Everything else about an import is the same for all kinds (`run-import.ts`).
 */
export interface ImportKind<Key extends string = string> {
  readonly kind: FileKind;
  readonly columns: readonly KindColumn<Key>[];
  /** Columns whose cells are nobody's business: of a rejected row the database keeps all but these. */
  readonly privateColumns?: readonly Key[];
  /** Every way that such files are known to be written, the native one first. */
  readonly profiles: readonly ProfileText[];
  /** Tighter limits of a chunk, for a kind whose merge holds the rows of one in memory here. */
  readonly chunkLimits?: Partial<ChunkLimits>;
  /** The column of ids that may be longer than what a spreadsheet can hold. */
  readonly longIds?: Key;
  /** The temporary table that rows are staged in. It begins with `record integer, line integer, pass integer`. */
  readonly stagingTable: string;
  /** Its columns behind `record`, `line` and `pass`, in the order of `StagedRow.values`. */
  readonly stagedColumns: readonly string[];
  /** Creates the kind's temporary tables (`ON COMMIT DROP`) and whatever else the merge needs. Runs once per file. */
  prepare(tx: Transaction, facts: MergeFacts): Promise<void>;
  /**
   * Makes what reads the rows of one file.
   *
   * @param zone of the platform: times without an offset are in it unless the profile names another
   */
  rowReader(profile: Profile<Key>, zone: string): RowReader<Key>;
  /**
   * Merges the staged rows of one pass. Rows with the same key are in passes of their own, in the order of the file, so a
   * pass never holds a key twice. Set-based: a few statements, whatever the number of rows.
   */
  merge(tx: Transaction, pass: number, facts: MergeFacts): Promise<MergeOutcome<Key>>;
  /** Writes what the merges of a file have buffered; runs once, behind the last of them. */
  finish?(tx: Transaction, facts: MergeFacts): Promise<void>;
  /** What is buffered now. */
  unwritten?(): Unwritten;
  /** Set where several rows of a file make one thing; then its rows are gathered instead of merged as they come. */
  gathering?(profile: Profile<Key>): Gathering<Key> | undefined;
}

/** A refusal for a cell that could not be read. Its code names the column: what operators count is `member_no_empty`, not `empty`. */
export const cellRefusal = <Key extends string>(column: Key, { code, message }: CellProblem): RowRefusal<Key> => ({
  column,
  problem: { code: `${column}_${code}`, message },
});
