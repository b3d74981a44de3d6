import { send, type Fragment, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { MergeFacts, OverRefunded } from "../../imports/kind.ts";

/**
 * What tells a staged refund from others of its order: its number, or else its time and amount, or its amount alone,
 * as far as it says so.
 */
const nameOfRefund = (tx: Transaction): Fragment => tx`
  CASE WHEN refund_no <> '' THEN refund_no
       ELSE concat_ws(' ', to_char(refunded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), refunded_fen) END`;

/**
 * Judges the refund rows of a file, whose payments are imported by now. One refund counts once, whatever files and
 * rows repeat it; rows of one file that nothing tells apart may be one refund or several, so none of them is taken. One
 * that is larger than its order is refused; of several that only together are, see `takeRefunds`.
 */
export async function judgeRefunds(tx: Transaction): Promise<void> {
  await tx`
    INSERT INTO judged_refunds
    SELECT l.record, k.member_id, k.order_id, l.refund_no, l.refunded_fen,
      CASE
        WHEN k.order_id IS NULL THEN 'refund_without_order'
        WHEN o.status = 'void' THEN 'order_voided'
        WHEN l.is_twin THEN 'refunds_alike'
        WHEN r.refunded_fen = l.refunded_fen THEN 'known'
        WHEN o.order_id IS NULL THEN 'order_archived'
        WHEN r.refunded_fen IS NOT NULL OR l.is_split THEN 'conflict_refund_no'
        WHEN o.paid_at IS NULL THEN 'refund_of_unpaid'
        WHEN l.refunded_fen > o.amount_fen THEN 'refund_exceeds_amount'
        WHEN l.copy > 1 THEN 'repeated'
        ELSE 'new'
      END,
      CASE
        WHEN k.order_id IS NULL THEN (SELECT min(e.source) FROM order_keys e WHERE e.order_no = l.order_no)
        WHEN o.status = 'void' THEN (SELECT v.proposal_no FROM order_voids v
          WHERE v.order_no = l.order_no AND v.source = l.source AND v.order_id = o.order_id)
        WHEN l.is_twin THEN l.first_line || ' ' || l.last_line
        ELSE r.refunded_fen::text
      END
    FROM (
      SELECT record, order_no, source, refund_no, refunded_fen, row_number() OVER (alike ORDER BY record) AS copy,
             min(refunded_fen) OVER alike <> max(refunded_fen) OVER alike AS is_split,
             is_bare AND count(*) OVER alike > 1 AS is_twin, min(line) OVER alike AS first_line,
             max(line) OVER alike AS last_line
      FROM (
        SELECT record, line, order_no, source, ${nameOfRefund(tx)} AS refund_no, refunded_fen, refund_no = ''
          AND refunded_at IS NULL AS is_bare
        FROM order_lines WHERE refund_no IS NOT NULL AND NOT is_refused
      ) n
      WHERE NOT EXISTS (SELECT FROM refused_orders x
        WHERE x.order_no = n.order_no AND x.source = n.source AND x.outcome = 'order_row_rejected')
      WINDOW alike AS (PARTITION BY order_no, source, refund_no)
    ) l
    LEFT JOIN LATERAL (SELECT * FROM order_keys k WHERE k.order_no = l.order_no AND k.source = l.source OFFSET 0) k
      ON true
    LEFT JOIN LATERAL (
      SELECT t.refunded_fen FROM order_refunds t
      WHERE t.member_id = k.member_id AND t.order_id = k.order_id AND t.refund_no = l.refund_no OFFSET 0
    ) r ON true
    LEFT JOIN LATERAL (SELECT t.order_id, t.status, t.paid_at, t.amount_fen FROM orders t
      WHERE t.member_id = k.member_id AND t.order_id = k.order_id OFFSET 0) o ON true`;
  await tx`
    INSERT INTO refused_refunds SELECT record, outcome, detail FROM judged_refunds
    WHERE outcome NOT IN ('new', 'repeated', 'known')`;
}

/**
 * Writes the new refunds, and what they leave of their orders: refunded is what the rows add up to, or what a file
 * stated where that is more, and never more than the amount. Refunds that together exceed it leave nothing of the
 * order, whichever of them came first: no row shows which of them are wrong, so `overRefunded` reports all. Feeds the
 * batch where what is refunded changed. Gives the number of refunds written.
 */
export async function takeRefunds(tx: Transaction, { importId }: MergeFacts): Promise<number> {
  const { count } = await tx`
    INSERT INTO order_refunds (member_id, order_id, refund_no, refunded_fen, import_id)
    SELECT member_id, order_id, refund_no, refunded_fen, ${importId} FROM judged_refunds WHERE outcome = 'new'
    ORDER BY member_id, order_id`;
  await tx`
    CREATE TEMP TABLE refunded_orders ON COMMIT DROP AS
    SELECT o.member_id, o.order_id, o.order_no, o.source, o.merchant_id, o.business_date, o.status, o.amount_fen,
      o.paid_at, o.skus,
      o.refunded_fen AS stored_fen, t.refunds_fen,
      greatest(o.refunded_fen, least(t.refunds_fen, o.amount_fen)) AS refunded_fen
    FROM (SELECT DISTINCT member_id, order_id FROM judged_refunds WHERE outcome = 'new') n
    CROSS JOIN LATERAL (
      SELECT sum(r.refunded_fen)::bigint AS refunds_fen FROM order_refunds r
      WHERE r.member_id = n.member_id AND r.order_id = n.order_id OFFSET 0
    ) t
    CROSS JOIN LATERAL (SELECT * FROM orders o WHERE o.member_id = n.member_id AND o.order_id = n.order_id OFFSET 0) o`;
  await tx`
    INSERT INTO order_updates (member_id, order_id, import_id, refunded_fen, paid_at, business_date, status, skus)
    SELECT member_id, order_id, ${importId}, stored_fen, paid_at, business_date, status, skus
    FROM refunded_orders r
    WHERE refunded_fen > stored_fen AND NOT EXISTS (SELECT FROM order_keys k
      WHERE k.order_no = r.order_no AND k.source = r.source AND k.import_id = ${importId})
    ON CONFLICT (member_id, order_id, import_id) DO NOTHING`;
  await joiningByIndex(tx, async () => {
    await send(tx`
      UPDATE orders o SET refunded_fen = r.refunded_fen FROM refunded_orders r
      WHERE r.refunded_fen > r.stored_fen AND o.member_id = r.member_id AND o.order_id = r.order_id`);
  });
  await tx`
    INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
    SELECT member_id, order_id, ${importId}, merchant_id, amount_fen - refunded_fen, business_date, false
    FROM refunded_orders WHERE refunded_fen > stored_fen AND status = 'paid' ORDER BY member_id, order_id
    ON CONFLICT (member_id, order_id, import_id) DO UPDATE SET net_fen = excluded.net_fen`;
  return count;
}

/** Of the orders whose refunds were just written: those whose numbered refunds add up to more than their amount. */
export async function overRefunded(tx: Transaction, named: number): Promise<OverRefunded> {
  const rows = await tx<{ orderNo: string; found: number }[]>`
    SELECT order_no, count(*) OVER ()::integer AS found FROM refunded_orders WHERE refunds_fen > amount_fen ORDER BY order_no LIMIT ${named}`;
  return { orders: rows[0]?.found ?? 0, such_as: rows.map(({ orderNo }) => orderNo) };
}
