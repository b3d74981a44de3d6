import type { Transaction } from "../db/database.ts";
import type { FileKind } from "../shared/file-kinds.ts";
import { columnReader, nameOf, type StagedColumn } from "./columns.ts";
import {
  Refusal,
  type ImportKind,
  type KindColumn,
  type Merged,
  type MergeFacts,
  type Reject,
  type MergedAtEnd,
  type RowReader,
} from "./kind.ts";
import { nativeProfile, type Profile, type ProfileText } from "./profile.ts";
import { clear, countOutcomes, createTable, rejectedRows, type JudgedReject } from "./sql.ts";

/** A kind of file whose rows are staged in `staged_<name>`, and merged from there. */
export interface StagedKind<Key extends string> {
  readonly kind: FileKind;
  readonly name: string;
  readonly columns: readonly KindColumn<Key>[];
  readonly options?: ImportKind<Key>["options"];
  readonly guessing?: ImportKind<Key>["guessing"];
  /** What is staged of a row: names and SQL types. */
  readonly staged: readonly string[];
  /** Columns of the staging table that get a value by themselves. */
  readonly given?: readonly string[];
  /** Further temporary tables, with their columns. They are empty when rows are merged. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  readonly chunkRows?: number;
  /** Every way that such files are known to be written; the native one alone when not given. */
  readonly profiles?: readonly ProfileText[];
  /** Makes what reads the rows of one file. */
  rowReader(profile: Profile<Key>, zone: string): RowReader<Key>;
  /** Runs before the tables are created. */
  prepare?(tx: Transaction): Promise<void>;
  merge(tx: Transaction, facts: MergeFacts): Promise<Merged<Key>>;
  /** What is told of the whole file, after its last row. */
  atEnd?(tx: Transaction, facts: MergeFacts): Promise<MergedAtEnd>;
}

/** Creates the temporary tables of a kind. */
export async function createStaging(
  tx: Transaction,
  { name, staged, given = [], tables = {} }: Pick<StagedKind<never>, "name" | "staged" | "given" | "tables">,
): Promise<void> {
  await createTable(tx, `staged_${name}`, ["record integer", "line integer", ...given, ...staged]);
  for (const [table, columns] of Object.entries(tables)) await createTable(tx, table, columns);
}

/** Makes the kind of file that is declared. */
export function stagedKind<Key extends string>(declared: StagedKind<Key>): ImportKind<Key> {
  const { kind, name, columns, options = {}, staged, tables = {}, chunkRows, profiles, atEnd } = declared;
  const staging = { table: `staged_${name}`, columns: staged.map(nameOf) };
  return {
    kind,
    columns,
    options,
    profiles: profiles ?? [nativeProfile(kind, columns)],
    ...(chunkRows === undefined ? {} : { chunkRows }),
    ...(declared.guessing === undefined ? {} : { guessing: declared.guessing }),
    staging: () => staging,
    rowReader: (profile, zone) => declared.rowReader(profile, zone),
    begin: async (tx, facts) => {
      await declared.prepare?.(tx);
      await createStaging(tx, declared);
      return {
        merge: async () => {
          const merged = await declared.merge(tx, facts);
          await clear(tx, [staging.table, ...Object.keys(tables)]);
          return merged;
        },
        ...(atEnd === undefined ? {} : { finish: () => atEnd(tx, facts) }),
      };
    },
  };
}

type Told<Value extends string> = Value | ((detail: string) => Value);

/**
 * Which cell each outcome points at that is not taken, and its message; both may depend on the detail that was judged
 * with it.
 */
export type Reasons<Key extends string> = Readonly<Record<string, readonly [column: Told<Key>, message: Told<string>]>>;

const told = <Value extends string>(value: Told<Value>, detail: string): Value =>
  typeof value === "function" ? value(detail) : value;

/** Says why a judged row is not taken. */
export function rejectOf<Key extends string>(
  reasons: Reasons<Key>,
  { record, outcome, detail }: JudgedReject,
): Reject<Key> {
  const [column, message] = reasons[outcome]!;
  return { record, refusal: new Refusal(told(column, detail ?? ""), outcome, told(message, detail ?? "")) };
}

/**
 * A kind of file whose rows are staged cell by cell, in `staged_<name>`, and judged by one statement into
 * `judged_<name>`: each is `new`, `updated`, a `duplicate`, or rejected for a reason. All else follows from this.
 */
export interface JudgedKind<Key extends string> extends Pick<
  StagedKind<Key>,
  "kind" | "name" | "options" | "guessing" | "given" | "tables"
> {
  readonly columns: readonly StagedColumn<Key>[];
  /** Columns of `judged_<name>` after `record`, `outcome` and `detail`. */
  readonly judged: readonly string[];
  /** Writes the outcome of each staged row into `judged_<name>`. */
  judge(tx: Transaction, facts: MergeFacts): Promise<unknown>;
  /**
   * Writes the new ones; gives how many. Sends all its statements at once, as `update` does: the server works through
   * them while rows are read here.
   */
  insert(tx: Transaction, facts: MergeFacts): Promise<number>;
  /** Changes the known ones, each on the condition that it still is what it was judged by; gives how many. */
  update?(tx: Transaction, facts: MergeFacts): Promise<number>;
  readonly reasons: Reasons<Key>;
  /** What is thrown where fewer rows could be written than were judged so. */
  readonly changedMeanwhile: () => Error;
}

/** Makes the kind of file that is declared. */
export const judgedKind = <Key extends string>(declared: JudgedKind<Key>): ImportKind<Key> =>
  stagedKind({
    ...declared,
    staged: declared.columns.map(({ staged }) => staged),
    tables: {
      [`judged_${declared.name}`]: ["record integer", "outcome text", "detail text", ...declared.judged],
      ...declared.tables,
    },
    rowReader: () => columnReader(declared.columns),
    merge: (tx, facts) => mergeJudged(declared, tx, facts),
  });

/** Merges the staged rows of a chunk as they are judged. */
export async function mergeJudged<Key extends string>(
  declared: Pick<JudgedKind<Key>, "name" | "judge" | "insert" | "update" | "reasons" | "changedMeanwhile">,
  tx: Transaction,
  facts: MergeFacts,
): Promise<Merged<Key>> {
  const judged = `judged_${declared.name}`;
  await declared.judge(tx, facts);
  const {
    new: created = 0,
    updated: changed = 0,
    duplicate = 0,
    ...refused
  } = Object.fromEntries(await countOutcomes(tx, judged));
  const [inserted, updated, rejected] = await Promise.all([
    created === 0 ? 0 : declared.insert(tx, facts),
    changed === 0 ? 0 : declared.update!(tx, facts),
    Object.keys(refused).length === 0 ? [] : rejectedRows(tx, judged),
  ]);
  if (inserted !== created || updated !== changed) throw declared.changedMeanwhile();
  return { inserted, updated, duplicate, rejects: rejected.map((one) => rejectOf(declared.reasons, one)) };
}
