import type { Transaction } from "../db/database.ts";
import type { FileKind } from "../shared/file-kinds.ts";
import { nameOf } from "./columns.ts";
import { clear, createTable } from "./staged-sql.ts";
import type { ImportKind, KindColumn, Merged, MergeFacts, RowReader } from "./kind.ts";
import { nativeProfile } from "./profile-text.ts";

/** A kind of file whose rows are staged in `staged_<name>`, and merged from there. */
export interface StagedKind<Key extends string> {
  readonly kind: FileKind;
  readonly name: string;
  readonly columns: readonly KindColumn<Key>[];
  /** What is staged of a row: names and SQL types. */
  readonly staged: readonly string[];
  /** Columns of the staging table that get a value by themselves. */
  readonly given?: readonly string[];
  /** Further temporary tables, with their columns. They are empty when rows are merged. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  readonly chunkRows?: number;
  readonly readRow: RowReader<Key>;
  /** Runs before the tables are created. */
  prepare?(tx: Transaction): Promise<void>;
  merge(tx: Transaction, facts: MergeFacts): Promise<Merged<Key>>;
}

/** Creates the temporary tables of a kind. */
export async function createStaging(tx: Transaction, { name, staged, given = [], tables = {} }: Pick<StagedKind<never>, "name" | "staged" | "given" | "tables">): Promise<void> {
  await createTable(tx, `staged_${name}`, ["record integer", "line integer", ...given, ...staged]);
  for (const [table, columns] of Object.entries(tables)) await createTable(tx, table, columns);
}

/** Makes the kind of file that a declaration tells. */
export function stagedKind<Key extends string>(declared: StagedKind<Key>): ImportKind<Key> {
  const { kind, name, columns, staged, tables = {}, chunkRows } = declared;
  const staging = { table: `staged_${name}`, columns: staged.map(nameOf) };
  return {
    kind,
    columns,
    profiles: [nativeProfile(kind, columns)],
    ...(chunkRows === undefined ? {} : { chunkRows }),
    staging: () => staging,
    rowReader: () => declared.readRow,
    begin: async (tx, facts) => {
      await declared.prepare?.(tx);
      await createStaging(tx, declared);
      return {
        merge: async () => {
          const merged = await declared.merge(tx, facts);
          await clear(tx, [staging.table, ...Object.keys(tables)]);
          return merged;
        },
      };
    },
  };
}
