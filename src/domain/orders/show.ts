import type { Context } from "../../db/context.ts";
import { reading, type Sql } from "../../db/database.ts";
import { refusedError, usageError, type AccrueError } from "../../shared/errors.ts";
import { paymentsOfOrder, type ListedPayment } from "../evidence/read-sql.ts";
import {
  findArchive,
  findOrder,
  orderEntries,
  orderHistory,
  orderSkips,
  type OrderEntry,
  type OrderVersion,
} from "./show-sql.ts";

type FoundOrder = Awaited<ReturnType<typeof findOrder>>[number];

/** The whole story of one order. */
export interface OrderStory extends FoundOrder {
  readonly pointsGranted: bigint;
  readonly entries: readonly OrderEntry[];
  /** The payments of its number that channels show. */
  readonly payments: readonly ListedPayment[];
  /** What the order was before it was corrected, and before imports changed it, the oldest first. */
  readonly history: readonly OrderVersion[];
  readonly skips: readonly { readonly runId: bigint; readonly points: bigint; readonly reason: string }[];
}

/**
 * Tells what is known of one order: its facts, where it came from, its entries.
 *
 * @param source may be left out when only one source has that number
 * @throws refused `order_unknown`, `order_archived`; a usage error when the number alone is not enough
 */
export async function showOrder(
  { db }: Pick<Context, "db">,
  orderNo: string,
  source: string | undefined,
): Promise<OrderStory> {
  return reading(async () => {
    const order = await oneOrder({ db }, orderNo, source);
    const entries = await orderEntries(db, order.memberId, order.orderId);
    const payments = await paymentsOfOrder(db.sql, order);
    const pointsGranted = entries.reduce((sum, { points }) => sum + points, 0n);
    return {
      ...order,
      entries,
      pointsGranted,
      skips: await orderSkips(db, order.memberId, order.orderId),
      payments,
      history: await orderHistory(db, order),
    };
  });
}

/**
 * Finds the order of a number.
 *
 * @param source may be left out when only one source has that number
 * @throws refused `order_unknown`, `order_archived`; a usage error when the number alone is not enough
 */
export async function oneOrder(
  { db }: Pick<Context, "db">,
  orderNo: string,
  source: string | undefined,
): Promise<FoundOrder> {
  const [order, other] = await findOrder(db, orderNo, source);
  if (order === undefined) throw await orderNotThere(db.sql, orderNo, source);
  if (other === undefined) return order;
  throw usageError("order_ambiguous", `several sources have an order ${orderNo}: ${order.source}, ${other.source}`, {
    hint: "give --source",
  });
}

/** Why no row of an order is there: it is archived, or no order has that number. */
export async function orderNotThere(sql: Sql, orderNo: string, source: string | undefined): Promise<AccrueError> {
  const archive = await findArchive(sql, orderNo, source);
  if (archive === undefined)
    return refusedError(
      "order_unknown",
      `no order has the number ${orderNo}${source === undefined ? "" : ` in source ${source}`}`,
      { hint: "`accrue order list --member NO` shows a member's orders" },
    );
  const { archiveNo, directory, host } = archive;
  return refusedError("order_archived", `order ${orderNo} is archived, in archive ${archiveNo}`, {
    hint: `\`accrue history attach ${archiveNo}\` brings it back, from ${directory} on ${host}`,
    details: { order_no: orderNo, archive_no: archiveNo },
  });
}
