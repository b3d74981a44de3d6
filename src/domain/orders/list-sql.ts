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

/** How many keys are looked at for a page of so many orders, before all orders are. */
const glanceFor = (limit: number): number => Math.max(1000, 3 * limit);

/**
 * A page of orders by number and source. With a member or a period the orders of that are found first, and then sorted;
 * else they are read by their keys, which lie in that order. Where something is asked of the orders themselves, most of
 * them may have it, or hardly any: if the next keys do not fill the page, all orders are read.
 *
 * Drizzle's builder composes the many conditions. Its hundred modules take 0.1 s to load, and 0.5 s on Node 22, so it is
 * the one package that the build puts among the program's own code.
 */
export async function selectOrders(db: { readonly sql: Sql }, filter: OrderFilter, page: PageQuery<OrderKey>) {
  if ([filter.memberNo, filter.from, filter.to].every((value) => value === undefined)) {
    const isAsked = ofOrder(filter) !== undefined;
    const rows = await rowsOf(db.sql, byKeys(filter, page, isAsked ? glanceFor(page.limit) : page.limit));
    if (!isAsked || rows.length === page.limit) return rows;
  }
  return rowsOf(db.sql, byOrders(filter, page));
}

/**
 * The orders of so many keys. The keys are taken before they are joined: the planner thinks that hardly any key has an
 * order, for it takes the two columns that lead there for unrelated, and would read all orders to find a page of them.
 */
function byKeys(filter: OrderFilter, page: PageQuery<OrderKey>, limit: number) {
  const keys = new QueryBuilder()
    .select()
    .from(orderKeys)
    .where(ofPage(orderKeys, filter, page))
    .orderBy(...inOrder(orderKeys))
    .limit(limit);
  return new QueryBuilder()
    .select(orderColumns)
    .from(keys.as("order_keys"))
    .innerJoin(orders, and(eq(orders.memberId, orderKeys.memberId), eq(orders.orderId, orderKeys.orderId)))
    .innerJoin(members, eq(members.memberId, orders.memberId))
    .innerJoin(merchants, eq(merchants.merchantId, orders.merchantId))
    .where(ofOrder(filter))
    .orderBy(...inOrder(orderKeys))
    .limit(page.limit);
}

/** The orders that have what is asked, without those that were corrected: another has their key. */
function byOrders(filter: OrderFilter, page: PageQuery<OrderKey>) {
  const isCurrent = sql`(${orders.status} <> 'void' OR EXISTS (SELECT FROM order_keys k
    WHERE k.order_no = ${orders.orderNo} AND k.source = ${orders.source} AND k.order_id = ${orders.orderId}))`;
  return new QueryBuilder()
    .select(orderColumns)
    .from(orders)
    .innerJoin(members, eq(members.memberId, orders.memberId))
    .innerJoin(merchants, eq(merchants.merchantId, orders.merchantId))
    .where(
      and(
        isCurrent,
        ofPage(orders, filter, page),
        ofOrder(filter),
        given(filter.from, (date) => gte(orders.businessDate, date)),
        given(filter.to, (date) => lte(orders.businessDate, date)),
        given(filter.memberNo, (number) =>
          eq(orders.memberId, sql`(SELECT member_id FROM member_numbers WHERE member_no = ${number})`),
        ),
      ),
    )
    .orderBy(...inOrder(orders))
    .limit(page.limit);
}

type Keyed = typeof orders | typeof orderKeys;

const inOrder = (key: Keyed): SQL[] => [asc(key.orderNo), asc(key.source)];

const ofPage = (key: Keyed, { source }: OrderFilter, { after }: PageQuery<OrderKey>): SQL | undefined =>
  and(
    given(source, (wanted) => eq(key.source, wanted)),
    given(after, (last) => gt(sql`(${key.orderNo}, ${key.source})`, sql`(${last.orderNo}, ${last.source})`)),
  );

const ofOrder = ({ status, merchantCode, minAmountFen, maxAmountFen }: OrderFilter): SQL | undefined =>
  and(
    given(status, (wanted) => eq(orders.status, wanted)),
    given(merchantCode, (code) =>
      eq(orders.merchantId, sql`(SELECT merchant_id FROM merchants WHERE merchant_code = ${code})`),
    ),
    given(minAmountFen, (fen) => gte(orders.amountFen, fen)),
    given(maxAmountFen, (fen) => lte(orders.amountFen, fen)),
  );
