import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { refusedError } from "../../shared/errors.ts";
import { findStatement, linesOfStatement, selectStatements, type ListedStatement, type StatementLine } from "./read-sql.ts";

interface PageWanted {
  readonly after?: bigint | undefined;
  readonly limit: number;
}

/** Lists statements, those that were taken in last first, and whether there are more behind the page. */
export async function listStatements(
  { db }: Pick<Context, "db">, moneyAccount: string | undefined, page: PageWanted,
): Promise<{ readonly statements: readonly ListedStatement[]; readonly hasMore: boolean }> {
  const found = await reading(() => selectStatements(db.sql, moneyAccount, { ...page, limit: page.limit + 1 }));
  return { statements: found.slice(0, page.limit), hasMore: found.length > page.limit };
}

/** A statement and a page of the lines that it brought. */
export interface ShownStatement {
  readonly statement: ListedStatement;
  readonly lines: readonly StatementLine[];
  readonly hasMore: boolean;
}

/**
 * Shows a statement by the import that brought it.
 *
 * @throws refused `statement_unknown`
 */
export async function showStatement({ db }: Pick<Context, "db">, importId: bigint, page: PageWanted): Promise<ShownStatement> {
  return reading(async () => {
    const statement = await findStatement(db.sql, importId);
    if (statement === undefined) {
      throw refusedError("statement_unknown", `import ${importId} is no statement of an account`, {
        hint: "`accrue statement list` shows them", details: { import_id: Number(importId) },
      });
    }
    const lines = await linesOfStatement(db.sql, importId, { ...page, limit: page.limit + 1 });
    return { statement, lines: lines.slice(0, page.limit), hasMore: lines.length > page.limit };
  });
}
