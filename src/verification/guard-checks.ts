import { inTransaction, type Database, type Sql, type Transaction } from "../db/database.ts";
import { catalogueDifferences, expectedCatalogue, type Catalogue } from "./catalogue.ts";
import { readCatalogue } from "./catalogue-sql.ts";
import type { Findings } from "./model.ts";

/**
 * Invariant 6, by the catalogue: every table, column, constraint, trigger, function and privilege is as this version
 * created it, and nothing was added that changes their effect.
 */
export async function guardsAreInPlace(sql: Sql): Promise<Findings> {
  const [expected, facts] = [await expectedCatalogue(), await readCatalogue(sql)];
  const violations = catalogueDifferences(expected, facts);
  return { checked: BigInt(Object.keys(expected).length), found: BigInt(violations.length), violations };
}

/**
 * Invariant 6, by trying: changes of append-only tables are refused. The attempts match no row, and the transaction is
 * rolled back. TRUNCATE is not tried, for it would block all writers.
 */
export async function changesAreRefused(db: Pick<Database, "sql">): Promise<Findings> {
  const attempts = appendOnlyTables(await expectedCatalogue()).flatMap(({ table, column }) => [
    `UPDATE ${table} SET ${column} = ${column} WHERE false`,
    `DELETE FROM ${table} WHERE false`,
  ]);
  const taken = await inTransaction(
    db,
    async (tx) => {
      const statements: string[] = [];
      for (const attempt of attempts) if (await isTaken(tx, attempt)) statements.push(attempt);
      return statements;
    },
    "rollback",
  );
  const violations = taken.map((statement) => ({ statement, state: "not refused" }));
  return { checked: BigInt(attempts.length), found: BigInt(taken.length), violations };
}

/** A table with one of its columns. */
interface TableColumn {
  readonly table: string;
  readonly column: string;
}

/** The append-only tables, by their trigger. Partitions are tried through their table. */
function appendOnlyTables(expected: Catalogue): readonly TableColumn[] {
  return Object.entries(expected).flatMap(([object, parts]): TableColumn[] => {
    const table = object.replace(/^table /u, "");
    const column = Object.keys(parts)
      .find((part) => part.startsWith("column "))
      ?.replace(/^column /u, "");
    return `trigger ${table}_append_only` in parts && column !== undefined ? [{ table, column }] : [];
  });
}

const refusals = new Set(["23000", "42501"]); // by the trigger, or for want of the privilege

async function isTaken(tx: Transaction, statement: string): Promise<boolean> {
  try {
    await tx.savepoint(async (inner) => inner.unsafe(statement));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && refusals.has(String(error.code))) return false;
    throw error;
  }
}
