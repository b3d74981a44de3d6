import type { Sql } from "../db/database.ts";
import { formatYuan } from "../shared/money.ts";
import { formatRate } from "../shared/rates.ts";
import { dueOf } from "./due-sql.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";
import { everything, type Scope } from "./scope.ts";

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
  readonly fundFen: bigint;
  readonly dueFundFen: bigint;
  readonly found: bigint;
}

/**
 * Invariant 2: for every order that has entries and does not wait in the feed for the next run, they add up to what its
 * present net amount is due at the rates of its first entry, in points and in money.
 */
export async function ordersAreGrantedAsDue(sql: Sql, { entries, orders, counted }: Pick<Scope, "entries" | "orders" | "counted"> = everything(sql)): Promise<Findings> {
  const due = dueOf(sql, sql`s`);
  const rows = await sql<SettledRow[]>`
    SELECT d.order_no, d.source, m.member_no, d.status, d.net_fen, d.contribution_bps, d.points_bps, d.are_rates_frozen, d.points, d.due_points,
           d.contribution_fen, d.due_contribution_fen, d.fund_fen, d.due_fund_fen, count(*) OVER () AS found
    FROM (
      SELECT s.*,
        ${due.points} AS due_points, ${due.contributionFen} AS due_contribution_fen, ${due.fundFen} AS due_fund_fen
      FROM (
        SELECT e.*, o.order_no, o.source, o.status, CASE WHEN o.status = 'paid' THEN o.amount_fen - o.refunded_fen ELSE 0 END AS net_fen
        FROM (
          SELECT member_id, ref_id, sum(available_points)::bigint AS points, sum(contribution_fen)::bigint AS contribution_fen,
                 sum(fund_fen)::bigint AS fund_fen, min(contribution_bps) AS contribution_bps, min(points_bps) AS points_bps,
                 min(contribution_bps) = max(contribution_bps) AND min(points_bps) = max(points_bps) AS are_rates_frozen
          FROM ${entries} x WHERE run_id IS NOT NULL GROUP BY member_id, ref_id
        ) e
        JOIN ${orders} o ON o.member_id = e.member_id AND o.order_id = e.ref_id
      ) s
    ) d
    LEFT JOIN members m ON m.member_id = d.member_id
    WHERE ((d.points, d.contribution_fen, d.fund_fen) <> (d.due_points, d.due_contribution_fen, d.due_fund_fen) OR NOT d.are_rates_frozen)
      AND NOT EXISTS (SELECT FROM order_changes c WHERE c.member_id = d.member_id AND c.order_id = d.ref_id)
    ORDER BY d.member_id, d.ref_id LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT settled_orders AS count FROM ${counted} c`;
  return findingsOf(all!.count, rows, (row) => ({
    order_no: row.orderNo, source: row.source, member_no: row.memberNo, status: row.status, net: formatYuan(row.netFen),
    contribution_rate: formatRate(row.contributionBps), points_rate: formatRate(row.pointsBps), rates_frozen: row.areRatesFrozen,
    points: row.points, points_due: row.duePoints,
    contribution: formatYuan(row.contributionFen), contribution_due: formatYuan(row.dueContributionFen),
    fund: formatYuan(row.fundFen), fund_due: formatYuan(row.dueFundFen),
  }));
}

/**
 * Invariant 2: no paid order that is due something is without entries, unless it waits in the feed or a run recorded why
 * it was skipped. Due is judged at the rates in force on its date; where those were set only after the order came in, the
 * run may rightly have seen others, so they prove nothing.
 */
export async function noOrderIsForgotten(sql: Sql, { dueOrders, entries, counted }: Pick<Scope, "dueOrders" | "entries" | "counted"> = everything(sql)): Promise<Findings> {
  type Row = { orderNo: string; source: string; memberNo: string | null; businessDate: string; netFen: bigint; duePoints: bigint; found: bigint };
  const due = dueOf(sql, sql`b`, sql`r`);
  const rows = await sql<Row[]>`
    WITH bare AS MATERIALIZED (
      SELECT o.member_id, o.order_id, o.merchant_id, o.business_date, o.order_no, o.source, o.amount_fen - o.refunded_fen AS net_fen
      FROM ${dueOrders} o
      WHERE o.status = 'paid'
        AND NOT EXISTS (SELECT FROM ${entries} e WHERE e.member_id = o.member_id AND e.ref_id = o.order_id)
        AND NOT EXISTS (SELECT FROM order_changes c WHERE c.member_id = o.member_id AND c.order_id = o.order_id)
        AND NOT EXISTS (SELECT FROM grant_skips s WHERE s.member_id = o.member_id AND s.order_id = o.order_id)
    ), due AS (
      SELECT b.*, ${due.contributionFen} AS due_contribution_fen, ${due.points} AS due_points, r.set_at
      FROM bare b
      CROSS JOIN LATERAL (
        SELECT coalesce(c.contribution_bps, p.contribution_bps) AS contribution_bps, p.points_bps, greatest(c.set_at, p.set_at) AS set_at
        FROM (SELECT * FROM policies WHERE effective_from <= b.business_date ORDER BY effective_from DESC LIMIT 1) p
        LEFT JOIN (SELECT * FROM contribution_rates WHERE merchant_id = b.merchant_id AND effective_from <= b.business_date
                   ORDER BY effective_from DESC LIMIT 1) c ON true
      ) r
    )
    SELECT d.order_no, d.source, m.member_no, d.business_date, d.net_fen, d.due_points, count(*) OVER () AS found
    FROM due d
    LEFT JOIN members m ON m.member_id = d.member_id
    LEFT JOIN order_keys k ON k.order_no = d.order_no AND k.source = d.source
    LEFT JOIN imports i ON i.import_id = k.import_id
    WHERE d.due_contribution_fen > 0
      AND (d.due_points > 0 OR m.status IS DISTINCT FROM 'closed')
      AND (i.finished_at IS NULL OR d.set_at <= i.finished_at)
    ORDER BY d.member_id, d.order_id LIMIT ${namedViolations}`;
  const [paid] = await sql<{ count: bigint }[]>`SELECT paid_orders AS count FROM ${counted} c`;
  return findingsOf(paid!.count, rows, (row) => ({
    order_no: row.orderNo, source: row.source, member_no: row.memberNo, business_date: row.businessDate,
    net: formatYuan(row.netFen), points_due: row.duePoints,
  }));
}

/** Where refunds came as rows of their own, an order is refunded by no less than they add up to; more only where a file stated more. */
export async function refundsAddUp(sql: Sql): Promise<Findings> {
  type Row = { orderNo: string; source: string; refundedFen: bigint; refundsFen: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT o.order_no, o.source, o.refunded_fen, r.refunds_fen, count(*) OVER () AS found
    FROM (SELECT member_id, order_id, sum(refunded_fen)::bigint AS refunds_fen FROM order_refunds GROUP BY member_id, order_id) r
    JOIN orders o ON o.member_id = r.member_id AND o.order_id = r.order_id
    WHERE o.refunded_fen < r.refunds_fen OR o.status = 'pending'
    ORDER BY o.order_no, o.source LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM order_refunds`;
  return findingsOf(all!.count, rows, ({ orderNo, source, refundedFen, refundsFen }) => ({
    order_no: orderNo, source, refunded: formatYuan(refundedFen), refunds: formatYuan(refundsFen),
  }));
}
