import { and, asc, eq, gt, gte, lte, sql, type SQL } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/pg-core";
import { rowsOf } from "../../db/built-query.ts";
import type { Database } from "../../db/database.ts";
import { members, merchants, orderKeys, orders } from "../../db/schema/index.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { OrderState } from "./model.ts";

export interface OrderFilter {
  readonly status?: OrderState | undefined;
  readonly from?: BusinessDate | undefined;
  readonly to?: BusinessDate | undefined;
  readonly memberNo?: string | undefined;
  readonly merchantCode?: string | undefined;
  readonly source?: string | undefined;
  readonly minAmountFen?: Fen | undefined;
  readonly maxAmountFen?: Fen | undefined;
}

/** What an order is called by. */
export interface OrderKey {
  readonly orderNo: string;
  readonly source: string;
}

const given = <T>(value: T | undefined, condition: (value: T) => SQL | undefined): SQL | undefined =>
  value === undefined ? undefined : condition(value);

const orderColumns = {
  source: orders.source,
  orderNo: orders.orderNo,
  memberNo: members.memberNo,
  merchantCode: merchants.merchantCode,
  merchantName: sql<string>`${merchants.name}`.as("merchant_name"),
  amountFen: orders.amountFen,
  refundedFen: orders.refundedFen,
  status: orders.status,
  paidAt: orders.paidAt,
  businessDate: orders.businessDate,
  skus: orders.skus,
};

export type OrderRow = Awaited<ReturnType<typeof selectOrders>>[number];

/**
 * A page of orders by number and source. Without a member or a period it is read from the order keys in their order;
 * with one, the orders of that member or period are found first, and then sorted.
 *
 * Drizzle's builder composes the many conditions. Its hundred modules take 0.1 s to load, and 0.5 s on Node 22, so `npm
 * run build` bundles them into this file.
 */
export async function selectOrders(db: Pick<Database, "sql">, filter: OrderFilter, page: PageQuery<OrderKey>) {
  const isNarrow = filter.memberNo !== undefined || filter.from !== undefined || filter.to !== undefined;
  const key = isNarrow ? orders : orderKeys;
  const isCurrent = sql`(${orders.status} <> 'void' OR EXISTS (SELECT FROM order_keys k
    WHERE k.order_no = ${orders.orderNo} AND k.source = ${orders.source} AND k.order_id = ${orders.orderId}))`;
  const query = new QueryBuilder().select(orderColumns).from(key).$dynamic();
  const joined = isNarrow
    ? query
    : query.innerJoin(orders, and(eq(orders.memberId, orderKeys.memberId), eq(orders.orderId, orderKeys.orderId)));
  const built = joined
    .innerJoin(members, eq(members.memberId, orders.memberId))
    .innerJoin(merchants, eq(merchants.merchantId, orders.merchantId))
    .where(
      and(
        isNarrow ? isCurrent : undefined,
        given(filter.status, (status) => eq(orders.status, status)),
        given(filter.from, (from) => gte(orders.businessDate, from)),
        given(filter.to, (to) => lte(orders.businessDate, to)),
        given(filter.memberNo, (memberNo) =>
          eq(orders.memberId, sql`(SELECT member_id FROM member_numbers WHERE member_no = ${memberNo})`),
        ),
        given(filter.merchantCode, (code) => eq(merchants.merchantCode, code)),
        given(filter.source, (source) => eq(key.source, source)),
        given(filter.minAmountFen, (fen) => gte(orders.amountFen, fen)),
        given(filter.maxAmountFen, (fen) => lte(orders.amountFen, fen)),
        given(page.after, ({ orderNo, source }) =>
          gt(sql`(${key.orderNo}, ${key.source})`, sql`(${orderNo}, ${source})`),
        ),
      ),
    )
    .orderBy(asc(key.orderNo), asc(key.source))
    .limit(page.limit);
  return rowsOf(db.sql, built);
}
