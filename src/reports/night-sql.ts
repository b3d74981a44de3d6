import { joiningByIndex, sent, type Fragment, type Sql } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { Fen } from "../shared/money.ts";

/** The days of a span that ends with a date. Counted, for a series of dates by '1 day' is one of instants, and the zone of the server may lack a midnight. */
const spanOf = (sql: Sql, date: BusinessDate, days: number): Fragment =>
  sql`SELECT (${date}::text)::date - n AS day FROM generate_series(0, ${days - 1}::int) n`;

/** What was granted and clawed back on a business date, in points. */
export interface PointsOfDay {
  readonly businessDate: BusinessDate;
  readonly grantedPoints: bigint;
  readonly clawedBackPoints: bigint;
}

/** Points by day over a span that ends with a date; days without a grant run are there, with zeros. */
export async function pointsByDay(sql: Sql, date: BusinessDate, days: number): Promise<readonly PointsOfDay[]> {
  return sql<PointsOfDay[]>`
    SELECT d.day AS business_date, coalesce(sum(points_granted), 0)::bigint AS granted_points, coalesce(sum(points_clawed_back), 0)::bigint AS clawed_back_points
    FROM (${spanOf(sql, date, days)}) d LEFT JOIN grant_runs r ON r.business_date = d.day
    GROUP BY d.day ORDER BY d.day`;
}

/** What the orders of a merchant earned on a date. */
export interface PointsOfMerchant {
  readonly merchantCode: string;
  readonly name: string;
  readonly orders: bigint;
  readonly grantedPoints: bigint;
  /** Of all merchants together. */
  readonly allMerchants: bigint;
  readonly allOrders: bigint;
  readonly allPoints: bigint;
}

/** The merchants whose orders were granted most on a date. Costs what the date's entries cost. */
export async function pointsByMerchant(sql: Sql, date: BusinessDate, limit: number): Promise<readonly PointsOfMerchant[]> {
  return joiningByIndex(sql, () => sent(sql<PointsOfMerchant[]>`
    WITH earned AS (
      SELECT o.merchant_id, count(*) AS orders, sum(e.available_points)::bigint AS granted_points
      FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
      WHERE e.business_date = (${date}::text)::date AND e.kind = 'grant' GROUP BY o.merchant_id
    )
    SELECT m.merchant_code, m.name, e.orders, e.granted_points,
      count(*) OVER () AS all_merchants, (sum(e.orders) OVER ())::bigint AS all_orders, (sum(e.granted_points) OVER ())::bigint AS all_points
    FROM earned e JOIN merchants m USING (merchant_id)
    ORDER BY e.granted_points DESC, m.merchant_code LIMIT ${limit}`));
}

/** The settlement of a date, as far as it has come. */
export interface DateSettlement {
  readonly state: "open" | "running" | "failed" | "closed";
  readonly runId: bigint;
  readonly operator: string;
  readonly host: string;
  readonly since: Date;
  readonly error: string | null;
}

/** How a date stands; undefined when no settlement has come to it. */
export async function dateSettlement(sql: Sql, date: BusinessDate): Promise<DateSettlement | undefined> {
  const [row] = await sql<DateSettlement[]>`
    SELECT state, run_id, operator, host, since, error FROM business_dates WHERE business_date = (${date}::text)::date`;
  return row;
}

/** The rows of the files that belong to the night of a date. */
export interface ImportedRows {
  readonly files: bigint;
  readonly read: bigint;
  readonly inserted: bigint;
  readonly updated: bigint;
  readonly duplicate: bigint;
  readonly rejected: bigint;
  readonly reasons: Readonly<Record<string, number>>;
  /** Files that could not be read at all and were set aside: no row of them is counted. */
  readonly setAside: readonly SetAside[];
}

export interface SetAside {
  readonly file: string;
  readonly reason: string;
}

/**
 * Sums up what files brought, and why rows of them were rejected. Each file belongs to one night: to the date closed last by the
 * first run that ended after the file came. So of several dates that one run closed, the last one has all the files: it is
 * the one whose report the run writes. A date that no run has come to has the files of the day itself.
 */
export async function importedRows(sql: Sql, date: BusinessDate, zone: string): Promise<ImportedRows> {
  const startOf = (day: Fragment) => sql`(${day})::timestamp AT TIME ZONE ${zone}`;
  const [row] = await sql<ImportedRows[]>`
    WITH mine AS (SELECT d.state, d.run_id, r.ended_at FROM business_dates d LEFT JOIN settlement_runs r USING (run_id) WHERE d.business_date = (${date}::text)::date),
    -- The run whose files came before those of this one. Dates that one run closed together have no such run between them.
    before AS (
      SELECT r.ended_at FROM business_dates d LEFT JOIN settlement_runs r USING (run_id)
      WHERE d.business_date < (${date}::text)::date AND NOT EXISTS (SELECT FROM mine WHERE mine.state = 'closed' AND mine.run_id = d.run_id)
      ORDER BY d.business_date DESC LIMIT 1
    ),
    span AS (
      SELECT
        CASE WHEN EXISTS (SELECT FROM mine) THEN coalesce((SELECT ended_at FROM before),
            ${startOf(sql`SELECT min(d.business_date) FROM business_dates d JOIN mine USING (run_id)`)})
          ELSE greatest((SELECT ended_at FROM before), ${startOf(sql`(${date}::text)::date`)}) END AS after,
        coalesce((SELECT ended_at FROM mine), ${startOf(sql`(${date}::text)::date + 1`)}) AS until,
        EXISTS (SELECT FROM business_dates d JOIN mine USING (run_id) WHERE d.business_date > (${date}::text)::date AND d.state = 'closed') AS is_of_later
    ),
    set_aside AS (
      SELECT jsonb_build_object('file', concat(file->>'folder', '/', file->>'name'), 'reason', file->>'reason') AS told
      FROM settlement_runs r JOIN span s ON r.ended_at > s.after AND r.ended_at <= s.until AND NOT s.is_of_later
      CROSS JOIN LATERAL jsonb_path_query(r.summary, '$.files[*] ? (@.outcome == "failed")') file
    ),
    taken AS (SELECT i.* FROM imports i JOIN span s ON i.started_at > s.after AND i.started_at <= s.until AND NOT s.is_of_later)
    SELECT count(*) AS files, coalesce(sum(read), 0)::bigint AS read, coalesce(sum(inserted), 0)::bigint AS inserted, coalesce(sum(updated), 0)::bigint AS updated,
      coalesce(sum(duplicate), 0)::bigint AS duplicate, coalesce(sum(rejected), 0)::bigint AS rejected,
      (SELECT coalesce(jsonb_object_agg(reason, rows), '{}') FROM (
        SELECT reason, sum(rows::bigint) AS rows FROM taken, jsonb_each_text(taken.reasons) AS one (reason, rows) GROUP BY reason) AS summed) AS reasons,
      (SELECT coalesce(jsonb_agg(told ORDER BY told), '[]') FROM set_aside) AS set_aside
    FROM taken`;
  return row!;
}

/** What a point was worth on each day of a span that ends with a date. */
export async function pointValuesByDay(sql: Sql, date: BusinessDate, days: number): Promise<readonly { readonly businessDate: BusinessDate; readonly pointValueFen: Fen }[]> {
  return sql<{ businessDate: BusinessDate; pointValueFen: Fen }[]>`
    SELECT s.day AS business_date, (SELECT point_value_fen FROM policies WHERE effective_from <= s.day ORDER BY effective_from DESC LIMIT 1)
    FROM (${spanOf(sql, date, days)}) s ORDER BY s.day`;
}

/** Withdrawals that were open at the end of a date, by the days since they were requested. */
export interface OpenSince {
  readonly ageDays: number;
  readonly withdrawals: bigint;
  readonly grossFen: Fen;
}

/** Withdrawals open at the end of a date: those that are open now, and those that ended behind it. */
export async function openWithdrawalsByAge(sql: Sql, date: BusinessDate): Promise<readonly OpenSince[]> {
  return joiningByIndex(sql, () => sent(sql<OpenSince[]>`
    SELECT (${date}::text)::date - business_date AS age_days, count(*) AS withdrawals, sum(gross_fen)::bigint AS gross_fen
    FROM (
      SELECT business_date, gross_fen FROM withdrawals WHERE status IN ('requested', 'approved', 'paying')
      UNION ALL
      SELECT w.business_date, w.gross_fen
      FROM points_entries e JOIN withdrawals w ON w.member_id = e.member_id AND w.withdrawal_id = e.ref_id
      WHERE e.business_date > (${date}::text)::date AND e.kind IN ('release', 'burn')
    ) AS open
    WHERE business_date <= (${date}::text)::date GROUP BY business_date ORDER BY age_days`));
}
