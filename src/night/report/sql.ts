import { send, type Fragment, type Sql } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { Row } from "../../db/rows.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";

/**
 * The days of a span that ends with a date. A series of numbers: one of dates by '1 day' is a series of instants, and a
 * time zone may lack a midnight.
 */
const spanOf = (sql: Sql, date: BusinessDate, days: number): Fragment =>
  sql`SELECT (${date}::text)::date - n AS day FROM generate_series(0, ${days - 1}::int) n`;

/** Points granted and clawed back on a business date. */
export interface PointsOfDay {
  readonly businessDate: BusinessDate;
  readonly grantedPoints: bigint;
  readonly clawedBackPoints: bigint;
}

/** Points by day over a span that ends with a date; 0 for days without a grant run. */
export async function pointsByDay(sql: Sql, date: BusinessDate, days: number): Promise<readonly PointsOfDay[]> {
  return sql<PointsOfDay[]>`
    SELECT d.day AS business_date, coalesce(sum(points_granted), 0)::bigint AS granted_points,
      coalesce(sum(points_clawed_back), 0)::bigint AS clawed_back_points
    FROM (${spanOf(sql, date, days)}) d LEFT JOIN grant_runs r ON r.business_date = d.day
    GROUP BY d.day ORDER BY d.day`;
}

/** The points that a merchant's orders earned on a date. */
export interface PointsOfMerchant {
  readonly merchantCode: string;
  readonly name: string;
  readonly orders: bigint;
  readonly grantedPoints: bigint;
  /**
   * The orders of the merchant that were settled for the first time on the date, and how many of them no channel had
   * shown the payment of, as it was recorded when the date was closed; null where no evidence was kept.
   */
  readonly contributingOrders: bigint | null;
  readonly unevidencedOrders: bigint | null;
  /** Of all merchants together. */
  readonly allMerchants: bigint;
  readonly allOrders: bigint;
  readonly allPoints: bigint;
}

/** The merchants whose orders earned the most points on a date. The cost follows the date's entries. */
export async function pointsByMerchant(
  sql: Sql,
  date: BusinessDate,
  limit: number,
): Promise<readonly PointsOfMerchant[]> {
  return joiningByIndex(sql, () =>
    send(sql<PointsOfMerchant[]>`
    WITH earned AS (
      SELECT merchant_id, sum(orders)::bigint AS orders, sum(granted_points)::bigint AS granted_points
      FROM (
        SELECT o.merchant_id, count(*) AS orders, sum(e.available_points) AS granted_points
        FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
        WHERE e.business_date = (${date}::text)::date AND e.kind = 'grant' GROUP BY o.merchant_id
        UNION ALL
        SELECT merchant_id, entries, available_points FROM carried_entries
        WHERE business_date = (${date}::text)::date AND kind = 'grant'
      ) x GROUP BY merchant_id
    )
    SELECT m.merchant_code, m.name, e.orders, e.granted_points, c.contributing_orders, c.unevidenced_orders,
      count(*) OVER () AS all_merchants, (sum(e.orders) OVER ())::bigint AS all_orders,
      (sum(e.granted_points) OVER ())::bigint AS all_points
    FROM earned e JOIN merchants m USING (merchant_id)
    LEFT JOIN (SELECT merchant_id, sum(orders)::bigint AS contributing_orders,
        sum(unevidenced_orders)::bigint AS unevidenced_orders
      FROM merchant_contributions WHERE business_date = (${date}::text)::date GROUP BY merchant_id) c USING (merchant_id)
    ORDER BY e.granted_points DESC, m.merchant_code LIMIT ${limit}`),
  );
}

/** The settlement of a date, as far as it has come. */
export type DateSettlement = Row<"businessDates", "state" | "runId" | "operator" | "host" | "since" | "error">;

/** The state of a date; undefined when no settlement has reached it. */
export async function dateSettlement(sql: Sql, date: BusinessDate): Promise<DateSettlement | undefined> {
  const [row] = await sql<DateSettlement[]>`
    SELECT state, run_id, operator, host, since, error FROM business_dates WHERE business_date = (${date}::text)::date`;
  return row;
}

/** A merchant that was suspended behind a date, and for how many days a bill of it was overdue then. */
export interface SuspendedMerchant {
  readonly merchantCode: string;
  readonly name: string;
  readonly overdueDays: number;
  /** How many were suspended; those beyond the first are not named. */
  readonly all: number;
}

/** The merchants that the run suspended whose last date this one is, in the order of their codes. */
export async function suspendedMerchants(sql: Sql, date: BusinessDate): Promise<readonly SuspendedMerchant[]> {
  return sql<SuspendedMerchant[]>`
    SELECT m.merchant_code, m.name, c.value::integer AS overdue_days, (s.counts->>'merchants')::integer AS all
    FROM business_dates d
    JOIN settlement_steps s ON s.run_id = d.run_id AND s.step = 'suspend' AND s.state = 'done'
    CROSS JOIN LATERAL jsonb_each_text(s.counts->'overdue_days') c
    JOIN merchants m ON m.merchant_code = c.key
    WHERE d.business_date = (${date}::text)::date AND d.state = 'closed'
      AND NOT EXISTS (SELECT FROM business_dates l WHERE l.run_id = d.run_id AND l.business_date > d.business_date)
    ORDER BY m.merchant_code`;
}

/** Withdrawals that were open at the end of a date, by the days since they were requested. */
export interface OpenSince {
  readonly ageDays: number;
  readonly withdrawals: bigint;
  readonly grossFen: Fen;
}

/** Withdrawals open at the end of a date: those that are open now, and those that ended after it. */
export async function openWithdrawalsByAge(sql: Sql, date: BusinessDate): Promise<readonly OpenSince[]> {
  return joiningByIndex(sql, () =>
    send(sql<OpenSince[]>`
    SELECT (${date}::text)::date - business_date AS age_days, count(*) AS withdrawals,
      sum(gross_fen)::bigint AS gross_fen
    FROM (
      SELECT business_date, gross_fen FROM withdrawals WHERE status IN ('requested', 'approved', 'paying')
      UNION ALL
      SELECT w.business_date, w.gross_fen
      FROM points_entries e JOIN withdrawals w ON w.member_id = e.member_id AND w.withdrawal_id = e.ref_id
      WHERE e.business_date > (${date}::text)::date AND e.kind IN ('release', 'burn')
    ) AS open
    WHERE business_date <= (${date}::text)::date GROUP BY business_date ORDER BY age_days`),
  );
}
