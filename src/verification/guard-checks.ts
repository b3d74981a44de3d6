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
  const taken = await inTransaction(db, (tx) => takenOf(tx, attempts), "rollback");
  const violations = taken.map((statement) => ({ statement, state: "not refused" }));
  return { checked: BigInt(attempts.length), found: BigInt(taken.length), violations };
}

/**
 * Tries statements and gives those that are not refused, by a trigger or for want of a privilege. The server tries them
 * all at one request: each by itself, between a savepoint and its rollback, takes longer than all other checks of a
 * small platform.
 *
 * @throws any other error of a statement
 */
async function takenOf(tx: Transaction, attempts: readonly string[]): Promise<readonly string[]> {
  await tx`SELECT set_config('accrue.attempts', ${attempts.join(";")}, true), set_config('accrue.taken', '', true)`;
  await tx`
    DO $$
    DECLARE
      attempt text;
    BEGIN
      FOREACH attempt IN ARRAY string_to_array(current_setting('accrue.attempts'), ';') LOOP
        BEGIN
          EXECUTE attempt;
          PERFORM set_config('accrue.taken', concat(current_setting('accrue.taken'), attempt, ';'), true);
        EXCEPTION WHEN integrity_constraint_violation OR insufficient_privilege THEN
          NULL; -- refused
        END;
      END LOOP;
    END $$`;
  const [row] = await tx<{ taken: string }[]>`SELECT current_setting('accrue.taken') AS taken`;
  return row!.taken.split(";").slice(0, -1);
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
