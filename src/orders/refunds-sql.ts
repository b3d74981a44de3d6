import { joiningByIndex, sent, type Transaction } from "../db/database.ts";
import type { MergeFacts } from "../imports/kind.ts";

/** What was decided for a row that is a refund. */
export type RefundOutcome =
  | "new" | "repeated" | "known" | "refund_without_order" | "refund_of_unpaid" | "refund_exceeds_amount" | "conflict_refund_no";

export async function createRefundTables(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE judged_refunds (
      record integer, member_id bigint, order_id bigint, refund_no text, refunded_fen bigint, outcome text, detail text
    ) ON COMMIT DROP`;
  await tx`CREATE TEMP TABLE refused_refunds (record integer, outcome text, detail text) ON COMMIT DROP`;
}

/**
 * Judges the refund rows of a file, whose payments have been taken in by now. One refund counts once, whatever files and
 * rows repeat it. Where the refunds of an order exceed its amount, none of the file's new ones for it is taken: which of
 * them are wrong, no order of the rows can tell.
 */
export async function judgeRefunds(tx: Transaction): Promise<void> {
  await tx`
    INSERT INTO judged_refunds
    SELECT l.record, k.member_id, k.order_id, l.refund_no, l.refunded_fen,
      CASE
        WHEN k.order_id IS NULL THEN 'refund_without_order'
        WHEN r.refunded_fen = l.refunded_fen THEN 'known'
        WHEN r.refunded_fen IS NOT NULL OR l.is_split THEN 'conflict_refund_no'
        WHEN o.status = 'pending' THEN 'refund_of_unpaid'
        WHEN l.copy > 1 THEN 'repeated'
        ELSE 'new'
      END,
      r.refunded_fen::text
    FROM (
      SELECT record, order_no, source, refund_no, refunded_fen, row_number() OVER same AS copy,
             min(refunded_fen) OVER alike <> max(refunded_fen) OVER alike AS is_split
      FROM order_lines n
      WHERE refund_no IS NOT NULL AND code IS NULL
        AND NOT EXISTS (SELECT FROM refused_orders x WHERE x.order_no = n.order_no AND x.source = n.source AND x.outcome = 'order_row_rejected')
      WINDOW alike AS (PARTITION BY order_no, source, refund_no), same AS (PARTITION BY order_no, source, refund_no ORDER BY record)
    ) l
    LEFT JOIN LATERAL (SELECT * FROM order_keys k WHERE k.order_no = l.order_no AND k.source = l.source OFFSET 0) k ON true
    LEFT JOIN LATERAL (
      SELECT t.refunded_fen FROM order_refunds t WHERE t.member_id = k.member_id AND t.order_id = k.order_id AND t.refund_no = l.refund_no OFFSET 0
    ) r ON true
    LEFT JOIN LATERAL (SELECT t.status FROM orders t WHERE t.member_id = k.member_id AND t.order_id = k.order_id OFFSET 0) o ON true`;
  await tx`
    UPDATE judged_refunds j SET outcome = 'refund_exceeds_amount', detail = o.amount_fen::text
    FROM (SELECT member_id, order_id, sum(refunded_fen) AS refunded_fen FROM judged_refunds WHERE outcome = 'new' GROUP BY member_id, order_id) n
    CROSS JOIN LATERAL (SELECT t.amount_fen FROM orders t WHERE t.member_id = n.member_id AND t.order_id = n.order_id OFFSET 0) o
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(t.refunded_fen), 0) AS refunded_fen FROM order_refunds t WHERE t.member_id = n.member_id AND t.order_id = n.order_id OFFSET 0
    ) k
    WHERE n.refunded_fen + k.refunded_fen > o.amount_fen
      AND j.outcome IN ('new', 'repeated') AND j.member_id = n.member_id AND j.order_id = n.order_id`;
  await tx`
    INSERT INTO refused_refunds SELECT record, outcome, detail FROM judged_refunds WHERE outcome NOT IN ('new', 'repeated', 'known')`;
}

/**
 * Writes the new refunds, and what they leave of their orders: refunded is what the rows add up to, or what a file stated
 * where that is more. Feeds the batch where that changed. Gives the number of refunds written.
 */
export async function takeRefunds(tx: Transaction, { importId }: MergeFacts): Promise<number> {
  const { count } = await tx`
    INSERT INTO order_refunds (member_id, order_id, refund_no, refunded_fen, import_id)
    SELECT member_id, order_id, refund_no, refunded_fen, ${importId} FROM judged_refunds WHERE outcome = 'new' ORDER BY member_id, order_id`;
  await tx`
    CREATE TEMP TABLE refunded_orders ON COMMIT DROP AS
    SELECT o.member_id, o.order_id, o.merchant_id, o.business_date, o.status, o.amount_fen, t.refunded_fen
    FROM (SELECT DISTINCT member_id, order_id FROM judged_refunds WHERE outcome = 'new') n
    CROSS JOIN LATERAL (
      SELECT sum(r.refunded_fen)::bigint AS refunded_fen FROM order_refunds r WHERE r.member_id = n.member_id AND r.order_id = n.order_id OFFSET 0
    ) t
    CROSS JOIN LATERAL (SELECT * FROM orders o WHERE o.member_id = n.member_id AND o.order_id = n.order_id OFFSET 0) o
    WHERE t.refunded_fen > o.refunded_fen`;
  await joiningByIndex(tx, async () => {
    await sent(tx`
      UPDATE orders o SET refunded_fen = r.refunded_fen FROM refunded_orders r
      WHERE o.member_id = r.member_id AND o.order_id = r.order_id`);
  });
  await tx`
    INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
    SELECT member_id, order_id, ${importId}, merchant_id, amount_fen - refunded_fen, business_date, false
    FROM refunded_orders WHERE status = 'paid' ORDER BY member_id, order_id
    ON CONFLICT (member_id, order_id, import_id) DO UPDATE SET net_fen = excluded.net_fen`;
  return count;
}

/** How many refund rows came to which outcome. */
export async function countRefunds(tx: Transaction): Promise<ReadonlyMap<RefundOutcome, number>> {
  const rows = await tx<{ outcome: RefundOutcome; rows: number }[]>`
    SELECT outcome, count(*)::integer AS rows FROM judged_refunds GROUP BY outcome`;
  return new Map(rows.map(({ outcome, rows }) => [outcome, rows]));
}
