import { send, type Fragment, type Transaction } from "../../db/database.ts";
import { joiningByHash } from "../../db/planner.ts";
import type { BusinessDate } from "../../shared/business-date.ts";

/**
 * Records what each merchant's orders contributed on a date that has just been closed, by rate; with the first date
 * that is ever closed, also on all dates before it. For a date that was reopened, only what was added since. Its own
 * orders are joined, older ones read by key, so the cost follows the date, not the history. What is recorded already is
 * read once, for a look-up in the table that the statement fills would read ever more of it.
 *
 * @param hasEvidence whether an order `o` has evidence of its payment; undefined where none is kept
 */
export async function closeContributions(
  tx: Transaction,
  date: BusinessDate,
  runId: bigint,
  hasEvidence?: Fragment,
): Promise<void> {
  const unevidenced =
    hasEvidence === undefined
      ? tx`NULL::bigint`
      : tx`count(*) FILTER (WHERE e.entry_no = 1 AND NOT EXISTS (
          SELECT FROM (SELECT n.* WHERE n.order_id IS NOT NULL UNION ALL SELECT x.* FROM orders x
            WHERE n.order_id IS NULL AND x.member_id = e.member_id AND x.order_id = e.ref_id) o
          WHERE ${hasEvidence}))`;
  const ofDates = tx`business_date <= ${date}
    AND business_date > coalesce((SELECT max(business_date) FROM business_dates WHERE business_date < ${date}),
      '-infinity')`;
  await joiningByHash(tx, async () =>
    send(tx`
    INSERT INTO merchant_contributions (business_date, merchant_id, contribution_bps, run_id, orders, contributed_fen,
      clawed_back_fen, unevidenced_orders)
    SELECT e.business_date, e.merchant_id, e.contribution_bps, ${runId}::bigint,
      e.orders - coalesce(w.orders, 0), e.contributed_fen - coalesce(w.contributed_fen, 0),
      e.clawed_back_fen - coalesce(w.clawed_back_fen, 0), e.unevidenced_orders - coalesce(w.unevidenced_orders, 0)
    FROM (
      SELECT e.business_date, o.merchant_id, e.contribution_bps, count(*) FILTER (WHERE e.entry_no = 1) AS orders,
        coalesce(sum(e.contribution_fen) FILTER (WHERE e.contribution_fen > 0), 0)::bigint AS contributed_fen,
        coalesce(sum(e.contribution_fen) FILTER (WHERE e.contribution_fen < 0), 0)::bigint AS clawed_back_fen,
        ${unevidenced} AS unevidenced_orders
      FROM (SELECT * FROM points_entries WHERE run_id IS NOT NULL AND ${ofDates}) e
      LEFT JOIN (SELECT * FROM orders WHERE ${ofDates}) n ON n.member_id = e.member_id AND n.order_id = e.ref_id
      CROSS JOIN LATERAL (
        SELECT coalesce(n.merchant_id,
          (SELECT x.merchant_id FROM orders x WHERE x.member_id = e.member_id AND x.order_id = e.ref_id)) AS merchant_id
      ) o
      GROUP BY e.business_date, o.merchant_id, e.contribution_bps
    ) e
    LEFT JOIN (
      SELECT business_date, merchant_id, contribution_bps, sum(orders)::bigint AS orders,
        sum(contributed_fen)::bigint AS contributed_fen, sum(clawed_back_fen)::bigint AS clawed_back_fen,
        sum(unevidenced_orders)::bigint AS unevidenced_orders
      FROM merchant_contributions WHERE ${ofDates} GROUP BY business_date, merchant_id, contribution_bps
    ) w ON w.business_date = e.business_date AND w.merchant_id = e.merchant_id
      AND w.contribution_bps = e.contribution_bps
    WHERE (e.orders, e.contributed_fen, e.clawed_back_fen)
      <> (coalesce(w.orders, 0), coalesce(w.contributed_fen, 0), coalesce(w.clawed_back_fen, 0))`),
  );
}
