import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { selectOrders, type OrderFilter, type OrderRow } from "./list-sql.ts";

export type { OrderRow } from "./list-sql.ts";

/** One page of orders, and whether there is another one behind it. */
export interface OrderPage {
  readonly orders: readonly OrderRow[];
  readonly hasMore: boolean;
}

/** Lists orders by number and source, a page at a time. */
export async function listOrders({ db }: Pick<Context, "db">, filter: OrderFilter): Promise<OrderPage> {
  const found = await reading(() => selectOrders(db, filter));
  return { orders: found.slice(0, filter.limit), hasMore: found.length > filter.limit };
}
