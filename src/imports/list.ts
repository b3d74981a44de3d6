import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../shared/page.ts";
import { selectImports, type ImportFilter, type RecordedImport } from "./query-sql.ts";

/** Lists imports, the newest first, a page at a time. */
export async function listImports(
  { db, zone }: Pick<Context, "db" | "zone">,
  filter: ImportFilter,
  query: PageQuery<bigint>,
): Promise<Page<RecordedImport, bigint>> {
  return pageOf(
    await reading(() => selectImports(db.sql, filter, oneMore(query), zone)),
    query.limit,
    ({ importId }) => importId,
  );
}
