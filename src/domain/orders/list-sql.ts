import { and, asc, eq, gt, gte, lte, sql, type SQL } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/pg-core";
import { rowsOf } from "../../db/built-query.ts";
import type { Sql } from "../../db/database.ts";
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
 * A page of orders by number and source. With a member or a period the orders of that are found first, and then sorted;
 * else they are read from the order keys in their order. Where nothing is asked of the orders themselves, the keys of
 * the page are taken first: the planner thinks that hardly any key has an order, for it takes the two columns that lead
 * there for unrelated, and would read all orders to find a page of them.
 *
 * Drizzle's builder composes the many conditions. Its hundred modules take 0.1 s to load, and 0.5 s on Node 22, so it is
 * the one package that the build puts among the program's own code.
 */
export async function selectOrders(db: { readonly sql: Sql }, filter: OrderFilter, page: PageQuery<OrderKey>) {
  const { status, from, to, memberNo, merchantCode, source, minAmountFen, maxAmountFen } = filter;
  const isNarrow = [memberNo, from, to].some((value) => value !== undefined);
  const asksOrders = [status, merchantCode, minAmountFen, maxAmountFen].some((value) => value !== undefined);
  const key = isNarrow ? orders : orderKeys;
  const ofPage = and(
    given(source, (wanted) => eq(key.source, wanted)),
    given(page.after, (after) => gt(sql`(${key.orderNo}, ${key.source})`, sql`(${after.orderNo}, ${after.source})`)),
  );
  const inOrder = [asc(key.orderNo), asc(key.source)];
  const keys = new QueryBuilder()
    .select()
    .from(orderKeys)
    .where(ofPage)
    .orderBy(...inOrder)
    .limit(page.limit);
  const query = new QueryBuilder()
    .select(orderColumns)
    .from(isNarrow ? orders : asksOrders ? orderKeys : keys.as("order_keys"))
    .$dynamic();
  const joined = isNarrow
    ? query
    : query.innerJoin(orders, and(eq(orders.memberId, orderKeys.memberId), eq(orders.orderId, orderKeys.orderId)));
  const isCurrent = sql`(${orders.status} <> 'void' OR EXISTS (SELECT FROM order_keys k
    WHERE k.order_no = ${orders.orderNo} AND k.source = ${orders.source} AND k.order_id = ${orders.orderId}))`;
  const built = joined
    .innerJoin(members, eq(members.memberId, orders.memberId))
    .innerJoin(merchants, eq(merchants.merchantId, orders.merchantId))
    .where(
      and(
        isNarrow ? isCurrent : undefined,
        ofPage,
        given(status, (wanted) => eq(orders.status, wanted)),
        given(from, (date) => gte(orders.businessDate, date)),
        given(to, (date) => lte(orders.businessDate, date)),
        given(memberNo, (number) =>
          eq(orders.memberId, sql`(SELECT member_id FROM member_numbers WHERE member_no = ${number})`),
        ),
        given(merchantCode, (code) => eq(merchants.merchantCode, code)),
        given(minAmountFen, (fen) => gte(orders.amountFen, fen)),
        given(maxAmountFen, (fen) => lte(orders.amountFen, fen)),
      ),
    )
    .orderBy(...inOrder)
    .limit(page.limit);
  return rowsOf(db.sql, built);
}
