import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { refusedError } from "../../shared/errors.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import {
  findStatement,
  linesOfStatement,
  selectStatements,
  type ListedStatement,
  type StatementLine,
} from "./read-sql.ts";

/** Lists statements, those that were imported last first, a page at a time. */
export async function listStatements(
  { db }: Pick<Context, "db">,
  moneyAccount: string | undefined,
  query: PageQuery<bigint>,
): Promise<Page<ListedStatement, bigint>> {
  return pageOf(
    await reading(() => selectStatements(db.sql, moneyAccount, oneMore(query))),
    query.limit,
    ({ importId }) => importId,
  );
}

/** A statement and a page of the lines that it brought. */
export interface ShownStatement {
  readonly statement: ListedStatement;
  readonly page: Page<StatementLine, bigint>;
}

/**
 * Shows a statement by the import that brought it.
 *
 * @throws refused `statement_unknown`
 */
export async function showStatement(
  { db }: Pick<Context, "db">,
  importId: bigint,
  query: PageQuery<bigint>,
): Promise<ShownStatement> {
  return reading(async () => {
    const statement = await findStatement(db.sql, importId);
    if (statement === undefined) {
      throw refusedError("statement_unknown", `import ${importId} is no statement of an account`, {
        hint: "`accrue statement list` shows them",
        details: { import_id: Number(importId) },
      });
    }
    const found = await linesOfStatement(db.sql, importId, oneMore(query));
    return { statement, page: pageOf(found, query.limit, ({ lineId }) => lineId) };
  });
}
