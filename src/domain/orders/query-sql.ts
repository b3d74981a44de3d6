import { and, asc, eq, gt, gte, lte, sql, type SQL } from "drizzle-orm";
import type { Database } from "../../db/database.ts";
import { members, merchants, orderKeys, orders } from "../../db/schema/index.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { OrderStatus } from "./model.ts";

export interface OrderFilter {
  readonly status?: OrderStatus | undefined;
  readonly from?: BusinessDate | undefined;
  readonly to?: BusinessDate | undefined;
  readonly memberNo?: string | undefined;
  readonly merchantCode?: string | undefined;
  readonly source?: string | undefined;
  readonly minAmountFen?: Fen | undefined;
  readonly maxAmountFen?: Fen | undefined;
  /** The key (order number and source) that the page comes behind. */
  readonly after?: { readonly orderNo: string; readonly source: string } | undefined;
  readonly limit: number;
}

const given = <T>(value: T | undefined, condition: (value: T) => SQL | undefined): SQL | undefined =>
  value === undefined ? undefined : condition(value);

const orderColumns = {
  source: orders.source,
  orderNo: orders.orderNo,
  memberNo: members.memberNo,
  merchantCode: merchants.merchantCode,
  merchantName: merchants.name,
  amountFen: orders.amountFen,
  refundedFen: orders.refundedFen,
  status: orders.status,
  paidAt: sql<Date | null>`${orders.paidAt}`.mapWith((value: string | null) => (value === null ? null : new Date(value))),
  businessDate: orders.businessDate,
  skus: orders.skus,
};

export type OrderRow = Awaited<ReturnType<typeof selectOrders>>[number];

/**
 * Orders by number and source, one more than the limit when there is another page. Without a member or a period the page is
 * read off the order keys in their order; with one, the orders of that member or period are found first and sorted then.
 */
export async function selectOrders({ orm }: Pick<Database, "orm">, filter: OrderFilter) {
  const isNarrow = filter.memberNo !== undefined || filter.from !== undefined || filter.to !== undefined;
  const key = isNarrow ? orders : orderKeys;
  const query = (await orm()).select(orderColumns).from(key).$dynamic();
  const joined = isNarrow ? query : query.innerJoin(orders, and(eq(orders.memberId, orderKeys.memberId), eq(orders.orderId, orderKeys.orderId)));
  return joined
    .innerJoin(members, eq(members.memberId, orders.memberId))
    .innerJoin(merchants, eq(merchants.merchantId, orders.merchantId))
    .where(
      and(
        given(filter.status, (status) => eq(orders.status, status)),
        given(filter.from, (from) => gte(orders.businessDate, from)),
        given(filter.to, (to) => lte(orders.businessDate, to)),
        given(filter.memberNo, (memberNo) => eq(orders.memberId, sql`(SELECT member_id FROM member_numbers WHERE member_no = ${memberNo})`)),
        given(filter.merchantCode, (code) => eq(merchants.merchantCode, code)),
        given(filter.source, (source) => eq(key.source, source)),
        given(filter.minAmountFen, (fen) => gte(orders.amountFen, fen)),
        given(filter.maxAmountFen, (fen) => lte(orders.amountFen, fen)),
        given(filter.after, ({ orderNo, source }) => gt(sql`(${key.orderNo}, ${key.source})`, sql`(${orderNo}, ${source})`)),
      ),
    )
    .orderBy(asc(key.orderNo), asc(key.source))
    .limit(filter.limit + 1);
}

/** Where an order came from, and its ids for further look-ups. */
export async function findOrder({ sql }: Pick<Database, "sql">, orderNo: string, source: string | undefined) {
  return sql<
    {
      memberId: bigint; orderId: bigint; source: string; orderNo: string; memberNo: string; merchantCode: string; merchantName: string;
      amountFen: bigint; refundedFen: bigint; status: OrderStatus; paidAt: Date | null; businessDate: BusinessDate | null;
      skus: string[] | null; importId: bigint; line: number; importFile: string | null; importedBy: string | null; importedAt: Date | null; isInFeed: boolean;
    }[]
  >`
    SELECT o.member_id, o.order_id, o.source, o.order_no, m.member_no, r.merchant_code, r.name AS merchant_name,
      o.amount_fen, o.refunded_fen, o.status, o.paid_at, o.business_date, o.skus,
      k.import_id, k.line, i.file AS import_file, i.operator AS imported_by, i.finished_at AS imported_at,
      EXISTS (SELECT FROM order_changes c WHERE c.member_id = o.member_id AND c.order_id = o.order_id) AS is_in_feed
    FROM order_keys k
    JOIN orders o ON o.member_id = k.member_id AND o.order_id = k.order_id
    JOIN members m ON m.member_id = o.member_id
    JOIN merchants r ON r.merchant_id = o.merchant_id
    LEFT JOIN imports i ON i.import_id = k.import_id
    WHERE k.order_no = ${orderNo} ${source === undefined ? sql`` : sql`AND k.source = ${source}`}
    ORDER BY k.source LIMIT 2`;
}

/** An entry of one order. */
export interface OrderEntry {
  readonly entryNo: number;
  readonly kind: string;
  readonly points: bigint;
  readonly businessDate: BusinessDate;
  readonly runId: bigint;
  readonly operator: string;
  readonly netFen: bigint;
  readonly contributionBps: number;
  readonly pointsBps: number;
  readonly contributionFen: bigint;
  readonly createdAt: Date;
}

export async function orderEntries({ sql }: Pick<Database, "sql">, memberId: bigint, orderId: bigint): Promise<readonly OrderEntry[]> {
  return sql<OrderEntry[]>`
    SELECT e.entry_no, e.kind, e.available_points AS points, e.business_date, e.run_id, g.operator, e.net_fen,
      e.contribution_bps, e.points_bps, e.contribution_fen, e.created_at
    FROM points_entries e LEFT JOIN grant_runs g ON g.run_id = e.run_id
    WHERE e.member_id = ${memberId} AND e.ref_id = ${orderId}
    ORDER BY e.entry_no`;
}

/** What an order of a closed member would have earned. */
export async function orderSkips({ sql }: Pick<Database, "sql">, memberId: bigint, orderId: bigint) {
  return sql<{ runId: bigint; points: bigint; reason: string }[]>`
    SELECT run_id, points, reason FROM grant_skips WHERE member_id = ${memberId} AND order_id = ${orderId} ORDER BY run_id`;
}
