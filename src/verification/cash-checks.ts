import type { Sql } from "../db/database.ts";
import { cashMoves } from "../domain/ledger/cash-sql.ts";
import { soundClosings } from "../domain/ledger/closings-sql.ts";
import { cashBehindPoints, type AccountTotals, type CashFacts } from "../domain/ledger/coverage.ts";
import { accounts, cashFigure } from "../domain/ledger/model.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { formatYuan, type Fen } from "../shared/money.ts";
import type { Bps } from "../shared/rates.ts";
import { namedViolations, type Findings } from "./model.ts";
import { policyInForce } from "./rates-sql.ts";

/**
 * The cash behind the points that was recorded when a date was closed is what follows from the balances recorded with
 * it, and from the collections, write-offs, openings, statements and matches up to it, at the policy of the date.
 */
export async function cashWasTold(sql: Sql): Promise<Findings> {
  type Row = CashFacts & {
    businessDate: BusinessDate;
    toldFen: Fen;
    pointsBps: Bps;
    totals: Readonly<Record<string, string>>;
  };
  const rows = await sql<Row[]>`
    WITH closed AS MATERIALIZED (
      SELECT c.business_date, max(c.amount) FILTER (WHERE c.account = ${cashFigure}) AS told_fen,
        jsonb_object_agg(c.account, c.amount::text) AS totals
      FROM account_closings c JOIN (${soundClosings(sql)}) d USING (business_date, run_id) GROUP BY c.business_date
    ), facts AS (
      SELECT business_date,
        sum(sum(collected_fen)) OVER dates AS collected_fen, sum(sum(written_off_fen)) OVER dates AS written_off_fen,
        sum(sum(opened_points)) OVER dates AS opened_points, sum(sum(opened_fen)) OVER dates AS opened_fen,
        sum(sum(unknown_out_fen)) OVER dates AS unknown_out_fen
      FROM (
        SELECT * FROM (${cashMoves(sql, sql`true`)}) m
        UNION ALL SELECT business_date, 0, 0, 0, 0, 0 FROM closed
      ) moves GROUP BY business_date WINDOW dates AS (ORDER BY business_date)
    )
    SELECT c.business_date, c.told_fen, c.totals, p.points_bps, f.collected_fen::bigint, f.written_off_fen::bigint,
      f.opened_points::bigint, f.opened_fen::bigint, f.unknown_out_fen::bigint
    FROM closed c JOIN facts f USING (business_date)
    CROSS JOIN LATERAL (${policyInForce(sql, sql`c.business_date`)}) p
    WHERE c.told_fen IS NOT NULL ORDER BY c.business_date`;
  const wrong = rows.flatMap((row) => {
    const totals = Object.fromEntries(
      Object.keys(accounts).map((account) => [account, BigInt(row.totals[account] ?? "0")]),
    ) as AccountTotals;
    const cashFen = cashBehindPoints(totals, row, row.pointsBps);
    return cashFen === row.toldFen ? [] : [{ ...row, cashFen }];
  });
  return {
    checked: BigInt(rows.length),
    found: BigInt(wrong.length),
    violations: wrong
      .slice(0, namedViolations)
      .map(({ businessDate, toldFen, cashFen }) => ({
        business_date: businessDate,
        told: formatYuan(toldFen),
        cash: formatYuan(cashFen),
      })),
  };
}
