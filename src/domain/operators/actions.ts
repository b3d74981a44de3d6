import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { selectActions, type ActionFilter, type ActionRow } from "./actions-sql.ts";

/** Searches what operators did and were refused, the newest first, a page at a time. */
export async function listActions(
  { db, zone }: Pick<Context, "db" | "zone">,
  filter: ActionFilter,
  query: PageQuery<bigint>,
): Promise<Page<ActionRow, bigint>> {
  return pageOf(
    await reading(() => selectActions(db.sql, filter, zone, oneMore(query))),
    query.limit,
    ({ actionId }) => actionId,
  );
}
