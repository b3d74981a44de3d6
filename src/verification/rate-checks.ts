import { send, type Sql } from "../db/database.ts";
import { joiningByHash } from "../db/planner.ts";
import { formatYuan } from "../shared/money.ts";
import { formatRate } from "../shared/rates.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";
import { isPolicyInForce, longBefore, mayHaveBeenSeen, ownRatePeriods, policyPeriods } from "./rates-sql.ts";
import type { Scope } from "./scope.ts";

/**
 * Each order was settled at the rates in force on the date of its payment: as they are now or, where a rate was set for
 * that date afterwards, as they were at the time of its run.
 */
export async function ratesWereInForce(
  sql: Sql,
  { entries, orders, counted }: Pick<Scope, "entries" | "orders" | "counted">,
): Promise<Findings> {
  type Row = {
    orderNo: string;
    source: string;
    businessDate: string;
    contributionBps: number;
    pointsBps: number;
    nowContributionBps: number | null;
    nowPointsBps: number | null;
    found: bigint;
  };
  const [date, at] = [sql`d.business_date`, sql`d.started_at`];
  const seenPolicy = mayHaveBeenSeen(sql, sql`policies`, sql`true`, date, at);
  const seenRate = mayHaveBeenSeen(sql, sql`contribution_rates`, sql`q.merchant_id = r.merchant_id`, date, at);
  // Of a join by two columns the planner expects a row or two, and would look through all rates for each order.
  const rows = await joiningByHash(sql, () =>
    send(sql<Row[]>`
    WITH policy_periods AS MATERIALIZED (${policyPeriods(sql)}), rate_periods AS MATERIALIZED (${ownRatePeriods(sql)}),
    doubted AS MATERIALIZED (
      SELECT o.order_no, o.source, o.merchant_id, o.business_date, e.contribution_bps, e.points_bps, e.run_id,
        coalesce(c.contribution_bps, p.contribution_bps) AS now_contribution_bps, p.points_bps AS now_points_bps
      FROM (SELECT * FROM ${entries} x WHERE run_id IS NOT NULL AND entry_no = 1) e
      JOIN ${orders} o ON o.member_id = e.member_id AND o.order_id = e.ref_id
      LEFT JOIN policy_periods p ON o.business_date >= p.from_date AND o.business_date < p.to_date
      LEFT JOIN rate_periods c ON c.merchant_id = o.merchant_id AND o.business_date >= c.from_date
        AND o.business_date < c.to_date
      WHERE (e.contribution_bps, e.points_bps) IS DISTINCT FROM (coalesce(c.contribution_bps, p.contribution_bps),
        p.points_bps)
    )
    SELECT d.*, count(*) OVER () AS found
    FROM (SELECT d.*, g.started_at FROM doubted d LEFT JOIN grant_runs g ON g.run_id = d.run_id) d
    WHERE NOT EXISTS (
      SELECT 1 FROM policies p WHERE p.points_bps = d.points_bps AND EXISTS (
        SELECT 1 FROM policies r WHERE (r.effective_from, r.revision) = (p.effective_from, p.revision) AND ${seenPolicy}
      ) AND (
        EXISTS (
          SELECT 1 FROM contribution_rates r
          WHERE r.merchant_id = d.merchant_id AND ${seenRate}
            AND coalesce(r.contribution_bps, p.contribution_bps) = d.contribution_bps)
        OR p.contribution_bps = d.contribution_bps AND NOT EXISTS (
          SELECT 1 FROM contribution_rates q
          WHERE q.merchant_id = d.merchant_id AND q.effective_from <= ${date} AND q.set_at <= ${longBefore(sql, at)})))
    ORDER BY d.order_no, d.source LIMIT ${namedViolations}`),
  );
  const [all] = await sql<{ count: bigint }[]>`SELECT settled_orders AS count FROM ${counted} c`;
  const rateOrNull = (bps: number | null) => (bps === null ? null : formatRate(bps));
  return findingsOf(all!.count, rows, (row) => ({
    order_no: row.orderNo,
    source: row.source,
    business_date: row.businessDate,
    contribution_rate: formatRate(row.contributionBps),
    in_force: rateOrNull(row.nowContributionBps),
    points_rate: formatRate(row.pointsBps),
    points_rate_in_force: rateOrNull(row.nowPointsBps),
  }));
}

/**
 * Each withdrawal has the point value, fee and number of approvals of the policy in force on its business date, now or
 * at the time of the request, and amounts that follow from them, computed again here.
 */
export async function termsWereInForce(sql: Sql, { withdrawals }: Pick<Scope, "withdrawals">): Promise<Findings> {
  type Row = {
    withdrawalNo: string;
    businessDate: string;
    points: bigint;
    pointValueFen: bigint;
    feeBps: number;
    grossFen: bigint;
    feeFen: bigint;
    netFen: bigint;
    approvalsNeeded: number;
    isOfDate: boolean;
    hasTerms: boolean;
    found: bigint;
  };
  const seen = mayHaveBeenSeen(sql, sql`policies`, sql`true`, sql`w.business_date`, sql`w.requested_at`);
  const present = isPolicyInForce(sql, sql`w.business_date`);
  const rows = await sql<Row[]>`
    WITH judged AS (
      SELECT w.*, w.business_date = (w.requested_at AT TIME ZONE (SELECT time_zone FROM platform))::date AS is_of_date,
        w.gross_fen = w.points * w.point_value_fen AND w.fee_fen = round_half_up(w.gross_fen * w.fee_bps, 10000)
          AND w.net_fen = w.gross_fen - w.fee_fen AND w.net_fen > 0 AS adds_up,
        EXISTS (SELECT 1 FROM policies r
          WHERE ((${seen}) OR (${present})) AND (r.point_value_fen, r.fee_bps) = (w.point_value_fen, w.fee_bps)
          AND w.approvals_needed = CASE WHEN w.gross_fen > r.two_approvers_above_fen THEN 2 ELSE 1 END) AS has_terms
      FROM ${withdrawals} w
    )
    SELECT *, count(*) OVER () AS found FROM judged WHERE NOT (is_of_date AND adds_up AND has_terms)
    ORDER BY withdrawal_no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM ${withdrawals} w`;
  return findingsOf(all!.count, rows, (row) => ({
    withdrawal_no: row.withdrawalNo,
    business_date: row.businessDate,
    requested_on_it: row.isOfDate,
    points: row.points,
    point_value: formatYuan(row.pointValueFen),
    fee_rate: formatRate(row.feeBps),
    approvals_needed: row.approvalsNeeded,
    in_force: row.hasTerms,
    gross: formatYuan(row.grossFen),
    fee: formatYuan(row.feeFen),
    net: formatYuan(row.netFen),
  }));
}
