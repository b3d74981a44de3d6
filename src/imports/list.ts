import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { selectImports, type ImportFilter, type RecordedImport } from "./query-sql.ts";

/** One page of imports, and whether there is another one behind it. */
export interface ImportPage {
  readonly imports: readonly RecordedImport[];
  readonly hasMore: boolean;
}

/** Lists imports, the newest first, a page at a time. */
export async function listImports({ db, zone }: Pick<Context, "db" | "zone">, filter: ImportFilter): Promise<ImportPage> {
  const found = await reading(() => selectImports(db.sql, { ...filter, limit: filter.limit + 1 }, zone));
  return { imports: found.slice(0, filter.limit), hasMore: found.length > filter.limit };
}
