import type { Sql } from "./driver/client.ts";

/** A query made with Drizzle's `QueryBuilder`. */
interface BuiltQuery<Row> {
  readonly _: { readonly result: readonly Row[] };
  toSQL(): { readonly sql: string; readonly params: unknown[] };
}

/**
 * Runs a query of Drizzle's builder on the one client, whose parsers know bigints and dates. The names of the selected
 * fields have to be those of their columns in camel case; other expressions need an alias.
 *
 * @returns its rows
 */
export async function rowsOf<Row>(sql: Sql, query: BuiltQuery<Row>): Promise<readonly Row[]> {
  const { sql: text, params } = query.toSQL();
  return sql.unsafe<(Row & object)[]>(text, params as never[]);
}
