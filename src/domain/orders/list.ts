import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { selectOrders, type OrderFilter, type OrderKey, type OrderRow } from "./list-sql.ts";

/** Lists orders by number and source, a page at a time. */
export async function listOrders(
  { db }: Pick<Context, "db">,
  filter: OrderFilter,
  query: PageQuery<OrderKey>,
): Promise<Page<OrderRow, OrderKey>> {
  return pageOf(await reading(() => selectOrders(db, filter, oneMore(query))), query.limit, ({ orderNo, source }) => ({
    orderNo,
    source,
  }));
}
