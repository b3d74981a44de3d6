import type { Sql } from "../db/database.ts";
import { formatYuan } from "../shared/money.ts";
import { formatRate } from "../shared/rates.ts";
import { dueOf } from "./due-sql.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";
import type { Scope } from "./scope.ts";

interface SettledRow {
  readonly orderNo: string;
  readonly source: string;
  readonly memberNo: string | null;
  readonly status: string;
  readonly netFen: bigint;
  readonly contributionBps: number;
  readonly pointsBps: number;
  readonly areRatesFrozen: boolean;
  readonly points: bigint;
  readonly duePoints: bigint;
  readonly contributionFen: bigint;
  readonly dueContributionFen: bigint;
  readonly found: bigint;
}

/**
 * Invariant 2: for every order with entries that does not wait in the feed, the entries add up to the points and money
 * due for its present net amount at the rates of its first entry. Points that wait for the merchant's money are not due
 * yet.
 */
export async function ordersAreGrantedAsDue(
  sql: Sql,
  { entries, orders, counted }: Pick<Scope, "entries" | "orders" | "counted">,
): Promise<Findings> {
  const due = dueOf(sql, sql`s`);
  const rows = await sql<SettledRow[]>`
    SELECT d.order_no, d.source, m.member_no, d.status, d.net_fen, d.contribution_bps, d.points_bps, d.are_rates_frozen,
           d.points, d.due_points, d.contribution_fen, d.due_contribution_fen, count(*) OVER () AS found
    FROM (
      SELECT s.*,
        ${due.points} AS due_points, ${due.contributionFen} AS due_contribution_fen
      FROM (
        SELECT e.*, o.order_no, o.source, o.status, CASE WHEN o.status = 'paid' THEN o.amount_fen - o.refunded_fen
          ELSE 0 END AS net_fen
        FROM (
          SELECT member_id, ref_id, sum(available_points)::bigint AS points,
                 sum(contribution_fen)::bigint AS contribution_fen, min(contribution_bps) AS contribution_bps,
                 min(points_bps) AS points_bps, min(contribution_bps) = max(contribution_bps)
                   AND min(points_bps) = max(points_bps) AS are_rates_frozen
          FROM ${entries} x WHERE run_id IS NOT NULL GROUP BY member_id, ref_id
        ) e
        JOIN ${orders} o ON o.member_id = e.member_id AND o.order_id = e.ref_id
      ) s
    ) d
    LEFT JOIN members m ON m.member_id = d.member_id
    LEFT JOIN uncollected_orders u ON u.member_id = d.member_id AND u.order_id = d.ref_id
    WHERE ((d.points, d.contribution_fen) <> (CASE WHEN u.order_id IS NULL THEN d.due_points ELSE 0 END,
      d.due_contribution_fen) OR NOT d.are_rates_frozen)
      AND NOT EXISTS (SELECT FROM order_changes c WHERE c.member_id = d.member_id AND c.order_id = d.ref_id)
    ORDER BY d.member_id, d.ref_id LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT settled_orders AS count FROM ${counted} c`;
  return findingsOf(all!.count, rows, (row) => ({
    order_no: row.orderNo,
    source: row.source,
    member_no: row.memberNo,
    status: row.status,
    net: formatYuan(row.netFen),
    contribution_rate: formatRate(row.contributionBps),
    points_rate: formatRate(row.pointsBps),
    rates_frozen: row.areRatesFrozen,
    points: row.points,
    points_due: row.duePoints,
    contribution: formatYuan(row.contributionFen),
    contribution_due: formatYuan(row.dueContributionFen),
  }));
}

/**
 * Invariant 2: every paid order with a net amount has entries, unless it waits in the feed or a run recorded why it was
 * skipped; the first settlement of an order writes an entry even for 0 points.
 */
export async function noOrderIsForgotten(
  sql: Sql,
  { dueOrders, entries, counted }: Pick<Scope, "dueOrders" | "entries" | "counted">,
): Promise<Findings> {
  type Row = {
    orderNo: string;
    source: string;
    memberNo: string | null;
    businessDate: string;
    netFen: bigint;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT o.order_no, o.source, m.member_no, o.business_date, o.amount_fen - o.refunded_fen AS net_fen,
      count(*) OVER () AS found
    FROM ${dueOrders} o
    LEFT JOIN members m ON m.member_id = o.member_id
    WHERE o.status = 'paid' AND o.refunded_fen < o.amount_fen
      AND NOT EXISTS (SELECT 1 FROM ${entries} e WHERE e.member_id = o.member_id AND e.ref_id = o.order_id)
      AND NOT EXISTS (SELECT 1 FROM order_changes c WHERE c.member_id = o.member_id AND c.order_id = o.order_id)
      AND NOT EXISTS (SELECT 1 FROM unevidenced_orders u WHERE u.member_id = o.member_id AND u.order_id = o.order_id)
      AND NOT EXISTS (SELECT 1 FROM grant_skips s WHERE s.member_id = o.member_id AND s.order_id = o.order_id)
    ORDER BY o.member_id, o.order_id LIMIT ${namedViolations}`;
  const [paid] = await sql<{ count: bigint }[]>`SELECT paid_orders AS count FROM ${counted} c`;
  return findingsOf(paid!.count, rows, (row) => ({
    order_no: row.orderNo,
    source: row.source,
    member_no: row.memberNo,
    business_date: row.businessDate,
    net: formatYuan(row.netFen),
  }));
}

/**
 * Where refunds came as rows of their own, an order's refund is at least their sum, limited by its amount; it is more
 * only where a file said so.
 */
export async function refundsAddUp(sql: Sql): Promise<Findings> {
  type Row = { orderNo: string; source: string; refundedFen: bigint; refundsFen: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT o.order_no, o.source, o.refunded_fen, r.refunds_fen, count(*) OVER () AS found
    FROM (SELECT member_id, order_id, sum(refunded_fen)::bigint AS refunds_fen FROM order_refunds
      GROUP BY member_id, order_id) r
    JOIN orders o ON o.member_id = r.member_id AND o.order_id = r.order_id
    WHERE o.refunded_fen < least(r.refunds_fen, o.amount_fen) OR o.paid_at IS NULL
    ORDER BY o.order_no, o.source LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM order_refunds`;
  return findingsOf(all!.count, rows, ({ orderNo, source, refundedFen, refundsFen }) => ({
    order_no: orderNo,
    source,
    refunded: formatYuan(refundedFen),
    refunds: formatYuan(refundsFen),
  }));
}

/**
 * Each change in the feed has its import, and agrees with its order: otherwise the order would escape the checks, and
 * with another date it would never be settled.
 */
export async function feedMatchesOrders(sql: Sql): Promise<Findings> {
  type Row = {
    orderNo: string;
    source: string;
    importId: bigint;
    businessDate: string;
    ofOrder: string | null;
    netFen: bigint;
    orderFen: bigint;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT o.order_no, o.source, c.import_id, c.business_date, o.business_date AS of_order, c.net_fen, o.order_fen,
      count(*) OVER () AS found
    FROM (SELECT *, row_number() OVER (PARTITION BY member_id, order_id ORDER BY import_id DESC) = 1 AS is_last
      FROM order_changes) c
    JOIN (SELECT *, CASE WHEN status = 'paid' THEN amount_fen - refunded_fen ELSE 0 END AS order_fen FROM orders) o
      ON o.member_id = c.member_id AND o.order_id = c.order_id
    LEFT JOIN imports i ON i.import_id = c.import_id AND i.kind = 'orders'
    WHERE (c.business_date, c.merchant_id) IS DISTINCT FROM (o.business_date, o.merchant_id) OR c.is_last
      AND c.net_fen <> o.order_fen OR i.import_id IS NULL
    ORDER BY o.order_no, o.source LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM order_changes`;
  return findingsOf(all!.count, rows, (row) => ({
    order_no: row.orderNo,
    source: row.source,
    import_id: row.importId,
    business_date: row.businessDate,
    date_of_order: row.ofOrder,
    net: formatYuan(row.netFen),
    net_of_order: formatYuan(row.orderFen),
  }));
}

/**
 * Each order's business date is the day of its payment in the platform's zone, and no payment is more than a day after
 * the last import, which imports refuse (a till's clock may be fast).
 */
export async function ordersAreOfTheirDates(sql: Sql): Promise<Findings> {
  type Row = { orderNo: string; source: string; paidOn: string | null; businessDate: string | null; found: bigint };
  const rows = await sql<Row[]>`
    SELECT o.order_no, o.source, o.paid_on, o.business_date, count(*) OVER () AS found
    FROM (SELECT *, (paid_at AT TIME ZONE (SELECT time_zone FROM platform))::date AS paid_on FROM orders) o
    WHERE o.business_date IS DISTINCT FROM o.paid_on
      OR o.paid_at > (SELECT max(finished_at) + interval '1 day' FROM imports WHERE kind = 'orders')
    ORDER BY o.order_no, o.source LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM orders`;
  return findingsOf(all!.count, rows, ({ orderNo, source, paidOn, businessDate }) => ({
    order_no: orderNo,
    source,
    paid_on: paidOn,
    business_date: businessDate,
  }));
}

/**
 * Each order that waits for its merchant's money says what the order stands at, unless a change of it waits in the
 * feed, too; its contribution was booked on the date that it says, and it earns on collection by a policy that was ever
 * set for its date.
 */
export async function waitingMatchOrders(sql: Sql): Promise<Findings> {
  type Row = {
    orderNo: string;
    source: string;
    bookedOn: string;
    firstEntry: string | null;
    netFen: bigint;
    orderFen: bigint;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT o.order_no, o.source, u.booked_on, e.business_date AS first_entry, u.net_fen, o.order_fen,
      count(*) OVER () AS found
    FROM uncollected_orders u
    JOIN (SELECT *, CASE WHEN status = 'paid' THEN amount_fen - refunded_fen ELSE 0 END AS order_fen FROM orders) o
      ON o.member_id = u.member_id AND o.order_id = u.order_id
    LEFT JOIN points_entries e ON e.member_id = u.member_id AND e.ref_id = u.order_id AND e.entry_no = 1
    LEFT JOIN imports i ON i.import_id = u.import_id AND i.kind = 'orders'
    WHERE (u.business_date, u.merchant_id, u.booked_on) IS DISTINCT FROM (o.business_date, o.merchant_id,
      e.business_date) OR i.import_id IS NULL
      OR u.net_fen <> o.order_fen AND NOT EXISTS (SELECT FROM order_changes c
        WHERE c.member_id = u.member_id AND c.order_id = u.order_id)
      OR NOT EXISTS (SELECT FROM policies p WHERE p.grant_on = 'collection' AND p.effective_from <= o.business_date)
    ORDER BY o.order_no, o.source LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM uncollected_orders`;
  return findingsOf(all!.count, rows, ({ orderNo, source, bookedOn, firstEntry, netFen, orderFen }) => ({
    order_no: orderNo,
    source,
    booked_on: bookedOn,
    first_entry: firstEntry,
    net: formatYuan(netFen),
    net_of_order: formatYuan(orderFen),
  }));
}
