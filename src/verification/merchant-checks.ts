import type { Sql } from "../db/database.ts";
import { formatYuan } from "../shared/money.ts";
import { formatRate } from "../shared/rates.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/**
 * What each merchant is said to have contributed on a closed date, at each rate, is what the entries of its orders add up to. A date
 * that is reopened may have entries that its next closing will count, and is looked at then.
 */
export async function contributionsMatchEntries(sql: Sql): Promise<Findings> {
  type Row = { businessDate: string; merchantCode: string | null; contributionBps: number; contributedFen: bigint; clawedBackFen: bigint;
    entriesFen: bigint; clawbacksFen: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT business_date, s.merchant_code, contribution_bps, coalesce(c.contributed_fen, 0) AS contributed_fen, coalesce(c.clawed_back_fen, 0) AS clawed_back_fen,
      coalesce(e.contributed_fen, 0) AS entries_fen, coalesce(e.clawed_back_fen, 0) AS clawbacks_fen, count(*) OVER () AS found
    FROM (
      SELECT business_date, merchant_id, contribution_bps, sum(orders)::bigint AS orders, sum(contributed_fen)::bigint AS contributed_fen,
        sum(clawed_back_fen)::bigint AS clawed_back_fen
      FROM merchant_contributions WHERE business_date NOT IN (SELECT business_date FROM business_dates WHERE state <> 'closed')
      GROUP BY business_date, merchant_id, contribution_bps
    ) c
    FULL JOIN (
      SELECT e.business_date, o.merchant_id, e.contribution_bps, count(*) FILTER (WHERE e.entry_no = 1) AS orders,
        coalesce(sum(e.contribution_fen) FILTER (WHERE e.contribution_fen > 0), 0)::bigint AS contributed_fen,
        coalesce(sum(e.contribution_fen) FILTER (WHERE e.contribution_fen < 0), 0)::bigint AS clawed_back_fen
      FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
      WHERE e.run_id IS NOT NULL AND e.business_date <= (SELECT max(business_date) FROM business_dates WHERE state = 'closed')
        AND e.business_date NOT IN (SELECT business_date FROM business_dates WHERE state <> 'closed')
      GROUP BY e.business_date, o.merchant_id, e.contribution_bps
    ) e USING (business_date, merchant_id, contribution_bps)
    LEFT JOIN merchants s USING (merchant_id)
    WHERE (c.orders, c.contributed_fen, c.clawed_back_fen) IS DISTINCT FROM (e.orders, e.contributed_fen, e.clawed_back_fen)
    ORDER BY business_date, s.merchant_code, contribution_bps LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM merchant_contributions`;
  return findingsOf(all!.count, rows, (row) => ({
    business_date: row.businessDate, merchant_code: row.merchantCode, contribution_rate: formatRate(row.contributionBps),
    contributed: formatYuan(row.contributedFen), clawed_back: formatYuan(row.clawedBackFen),
    entries: formatYuan(row.entriesFen), clawbacks: formatYuan(row.clawbacksFen),
  }));
}
