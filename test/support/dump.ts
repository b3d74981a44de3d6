import type { Database } from "../../src/db/database.ts";

/**
 * What each business table says, in words that do not depend on the way there: numbers people use instead of ids, no
 * times of recording, no import or run that brought a row. Journal amounts and the feed of changed orders are added up,
 * because how they were cut into chunks and files is no difference.
 */
const sections: Readonly<Record<string, string>> = {
  members: `
    SELECT m.member_no, m.name, m.email, m.phone, m.status, m.password_hash IS NOT NULL AS has_password,
           m.identity_verified_at IS NOT NULL AS is_verified
    FROM members m JOIN member_numbers n ON n.member_id = m.member_id AND n.member_no = m.member_no`,
  member_contacts: `
    SELECT c.kind, c.value, m.member_no FROM member_contacts c JOIN members m USING (member_id)`,
  merchants: `
    SELECT merchant_code, name, contact, status FROM merchants`,
  aliases: `
    SELECT a.alias, a.source, m.member_no AS holder FROM member_aliases a JOIN members m USING (member_id)
    UNION ALL
    SELECT a.alias, a.source, s.merchant_code FROM merchant_aliases a JOIN merchants s USING (merchant_id)`,
  contribution_rates: `
    SELECT merchant_code, effective_from, contribution_bps FROM contribution_rates JOIN merchants USING (merchant_id)`,
  policies: `
    SELECT effective_from, contribution_bps, points_bps, grant_delay_days, point_value_fen, fee_bps,
           min_withdrawal_points, max_withdrawal_points, max_daily_points, max_platform_daily_points, two_approvers_above_fen,
           cooling_off_hours, request_expiry_days FROM policies`,
  payout_accounts: `
    SELECT m.member_no, a.channel, a.number_masked, a.bank_name, a.branch_code, a.is_default, a.added_by, a.closed_by
    FROM payout_accounts a JOIN members m USING (member_id)`,
  payout_batches: `
    SELECT batch_no, channel, template, appid, business_date, details, total_fen, digest, handed_over_at IS NOT NULL AS is_handed_over FROM payout_batches`,
  payout_files: `
    SELECT batch_no, file_no, name, rows, total_fen, sha256, byte_size FROM payout_files`,
  payout_details: `
    SELECT m.member_no, k.detail_no, w.withdrawal_no, d.batch_no, d.file_no, d.row_no, d.net_fen, d.previous_detail_no, d.state, d.reason, d.channel_ref
    FROM payout_details d JOIN members m USING (member_id) JOIN withdrawals w USING (member_id, withdrawal_id)
    JOIN payout_detail_keys k USING (member_id, detail_no)`,
  payout_retries: `
    SELECT w.withdrawal_no, f.withdrawal_no AS failed_withdrawal_no, r.failed_detail_no
    FROM payout_retries r JOIN withdrawals w USING (member_id, withdrawal_id)
    JOIN withdrawals f ON f.member_id = r.member_id AND f.withdrawal_id = r.failed_withdrawal_id`,
  products: `
    SELECT merchant_code, sku, p.name, price_fen FROM products p JOIN merchants USING (merchant_id)`,
  orders: `
    SELECT o.source, o.order_no, m.member_no, s.merchant_code, o.amount_fen, o.refunded_fen, o.status,
           o.paid_at AT TIME ZONE 'UTC' AS paid_at_utc, o.business_date, o.skus
    FROM orders o JOIN members m USING (member_id) JOIN merchants s USING (merchant_id)`,
  order_keys: `
    SELECT k.source, k.order_no, m.member_no, o.order_id IS NOT NULL AS has_order
    FROM order_keys k LEFT JOIN members m USING (member_id)
    LEFT JOIN orders o ON o.member_id = k.member_id AND o.order_id = k.order_id AND o.order_no = k.order_no AND o.source = k.source`,
  order_refunds: `
    SELECT o.source, o.order_no, r.refund_no, r.refunded_fen
    FROM order_refunds r LEFT JOIN orders o ON o.member_id = r.member_id AND o.order_id = r.order_id`,
  order_changes: `
    SELECT DISTINCT o.source, o.order_no, c.business_date
    FROM order_changes c LEFT JOIN orders o ON o.member_id = c.member_id AND o.order_id = c.order_id`,
  order_evidence: `
    SELECT payment_no, channel, order_no, source, amount_fen, paid_at AT TIME ZONE 'UTC' AS paid_at_utc FROM order_evidence`,
  unevidenced_orders: `
    SELECT DISTINCT o.source, o.order_no, u.business_date
    FROM unevidenced_orders u LEFT JOIN orders o ON o.member_id = u.member_id AND o.order_id = u.order_id`,
  points_entries: `
    SELECT m.member_no, coalesce(o.source || ' ' || o.order_no, w.withdrawal_no, a.proposal_no || ' ' || a.row_no, e.ref_id::text) AS ref, e.entry_no, e.kind,
           e.available_points, e.held_points, e.net_fen, e.contribution_fen, e.contribution_bps, e.points_bps, e.business_date
    FROM points_entries e JOIN members m USING (member_id)
    LEFT JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
    LEFT JOIN withdrawals w ON w.member_id = e.member_id AND w.withdrawal_id = e.ref_id
    LEFT JOIN adjustments a ON a.adjustment_id = e.ref_id`,
  adjustments: `
    SELECT m.member_no, a.proposal_no, a.row_no, a.points, a.reason_class, a.reference, h.business_date, h.points AS posted_points, h.fund_fen, h.counter, h.applied_by
    FROM adjustments a JOIN members m USING (member_id) JOIN adjustment_postings h USING (proposal_no)`,
  balances: `
    SELECT m.member_no, b.available_points, b.held_points, b.clawed_back_points FROM balances b LEFT JOIN members m USING (member_id)`,
  grant_skips: `
    SELECT m.member_no, o.source, o.order_no, g.points, g.net_fen, g.reason
    FROM grant_skips g JOIN members m USING (member_id) JOIN orders o ON o.member_id = g.member_id AND o.order_id = g.order_id`,
  journal: `
    SELECT t.business_date, t.kind, t.withdrawal_no, l.account, l.unit, sum(l.amount)::bigint AS amount
    FROM journal_lines l JOIN journal_transactions t USING (journal_id) GROUP BY 1, 2, 3, 4, 5`,
  account_closings: `
    SELECT c.business_date, c.account, c.amount FROM account_closings c JOIN business_dates d USING (business_date, run_id) WHERE d.state = 'closed'`,
  business_dates: `
    SELECT business_date, state, reopen_reason FROM business_dates`,
  withdrawals: `
    SELECT w.withdrawal_no, m.member_no, w.status, w.points, w.gross_fen, w.fee_fen, w.net_fen, w.business_date,
           w.requested_by, w.approved_by, w.decided_by, w.reason
    FROM withdrawals w JOIN members m USING (member_id)
    JOIN withdrawal_keys k ON k.withdrawal_no = w.withdrawal_no AND k.withdrawal_id = w.withdrawal_id`,
};

/**
 * The database's business content as sorted text: two databases with equal dumps are "the same database". Leaves out
 * what tells how it came to be (imports, operators' actions, ids, times of recording).
 *
 * @param only the sections wanted; all when not given
 */
export async function dumpDatabase(
  { sql }: Pick<Database, "sql">,
  only: readonly string[] = Object.keys(sections),
): Promise<string> {
  const parts: string[] = [];
  for (const name of only) {
    const rows = await sql.unsafe<{ line: string }[]>(
      `SELECT to_jsonb(section)::text AS line FROM (${sections[name]!}) AS section ORDER BY to_jsonb(section)::text COLLATE "C"`,
    );
    parts.push(`## ${name}\n${rows.map(({ line }) => `${line}\n`).join("")}`);
  }
  return parts.join("\n");
}
