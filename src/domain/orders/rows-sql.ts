import type { Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import { judgeEach } from "./import-sql.ts";
import type { OrderStatus } from "./model.ts";

/** Numbers the orders of a file, in the order of their first rows. */
export async function numberOrders(tx: Transaction): Promise<number> {
  await tx`ANALYZE order_rows`;
  const { count } = await tx`
    INSERT INTO numbered_orders
    SELECT row_number() OVER (ORDER BY min(record)), order_no, source, count(*) FROM order_rows WHERE NOT is_refused
    GROUP BY order_no, source`;
  await tx`CREATE INDEX ON numbered_orders (seq)`;
  await tx`CREATE INDEX ON order_rows (order_no, source)`;
  return count;
}

/** The rows of the orders of one stretch of numbers. */
const rowsOf = (tx: Transaction, after: number, upTo: number) => tx`
  numbered_orders n JOIN order_rows r ON r.order_no = n.order_no AND r.source = n.source AND NOT r.is_refused
  WHERE n.seq > ${after} AND n.seq <= ${upTo}`;

/**
 * Judges the rows of orders that have several, each as if it were alone, and notes those that are not taken: by that,
 * or since others of the same order contradict them. Of what is left nothing contradicts. A row that adds nothing to
 * what was known is left out of that.
 *
 * @param createsMembers whether a member whom nobody knows is no reason yet
 */
export async function refuseContradicting(
  tx: Transaction,
  [after, upTo]: readonly [number, number],
  facts: MergeFacts,
  createsMembers: boolean,
): Promise<void> {
  const { count } = await tx`
    INSERT INTO staged_orders (record, line, order_no, source, member_no, merchant_code, amount_fen, refunded_fen,
      status, paid_at, skus)
    SELECT r.record, r.line, r.order_no, r.source, r.member_no, r.merchant_code, r.amount_fen, r.refunded_fen, r.status,
      r.paid_at, r.skus
    FROM ${rowsOf(tx, after, upTo)} AND n.rows > 1`;
  if (count === 0) return;
  await judgeEach(tx, facts);
  await tx`
    INSERT INTO settled_rows
    SELECT record, outcome, detail FROM judged_orders
    WHERE outcome NOT IN ('new', 'updated') AND NOT (${createsMembers} AND outcome LIKE 'unknown_member%')`;
  await tx`
    WITH open_rows AS MATERIALIZED (
      SELECT s.record, s.line, s.order_no, s.source, coalesce(j.member_id::text, s.member_no) AS member_no,
             j.merchant_id::text AS merchant_code, s.amount_fen::text AS amount, s.paid_at::text, s.skus::text
      FROM staged_orders s JOIN judged_orders j ON j.record = s.record
        AND NOT EXISTS (SELECT FROM settled_rows t WHERE t.record = s.record)
    ), split AS (
      SELECT order_no, source,
        CASE
          WHEN min(member_no) <> max(member_no) THEN 'member_no' WHEN min(merchant_code) <> max(merchant_code)
          THEN 'merchant_code'
          WHEN min(amount) <> max(amount) THEN 'amount' WHEN min(paid_at) <> max(paid_at) THEN 'paid_at'
          WHEN min(skus) <> max(skus) THEN 'skus'
        END AS fact
      FROM open_rows GROUP BY order_no, source
    )
    INSERT INTO settled_rows
    SELECT record, 'order_rows_disagree', concat_ws(' ', fact, least(one, other), greatest(one, other))
    FROM (
      SELECT record, fact, first_value(line) OVER (alike ORDER BY value, line) AS one,
             first_value(line) OVER (alike ORDER BY value DESC NULLS LAST, line) AS other
      FROM (SELECT r.record, r.line, r.order_no, r.source, s.fact, to_jsonb(r) ->> s.fact AS value
            FROM open_rows r JOIN split s ON s.order_no = r.order_no AND s.source = r.source WHERE s.fact IS NOT NULL) v
      WINDOW alike AS (PARTITION BY order_no, source)
    ) d`;
}

/**
 * Stages the orders of one stretch that have an open row of a status, as if each had come as one row: what all of its
 * open rows say that are of that status or an earlier one.
 */
export async function stageOpen(
  tx: Transaction,
  [after, upTo]: readonly [number, number],
  status: OrderStatus,
): Promise<void> {
  await tx`
    INSERT INTO staged_orders (record, line, order_no, source, member_no, merchant_code, amount_fen, refunded_fen,
      status, paid_at, skus, member_name)
    SELECT min(r.record) AS record, min(r.line), r.order_no, r.source, min(r.member_no), min(r.merchant_code),
      min(r.amount_fen), max(r.refunded_fen), ${status}, max(r.paid_at), max(r.skus), min(r.member_name)
    FROM ${rowsOf(tx, after, upTo)} AND order_status_rank(r.status) <= order_status_rank(${status})
      AND NOT EXISTS (SELECT FROM settled_rows t WHERE t.record = r.record)
    GROUP BY r.order_no, r.source HAVING bool_or(r.status = ${status}) ORDER BY record`;
}

/** Notes the rows of judged orders that are not taken. */
export async function noteRefusedRows(tx: Transaction): Promise<void> {
  await tx`
    INSERT INTO settled_rows
    SELECT r.record, j.outcome, j.detail FROM judged_orders j
    JOIN order_rows r ON r.order_no = j.order_no AND r.source = j.source
    WHERE j.outcome <> 'updated' AND NOT r.is_refused
      AND NOT EXISTS (SELECT FROM settled_rows t WHERE t.record = r.record)`;
}

/**
 * Finds all rows that are not taken, those that their reader refuses among them: what a page of them is read from.
 * Gives how many rows their reader takes, and how many of them are not taken.
 */
export async function collectRefusedRows(
  tx: Transaction,
): Promise<{ readonly readable: number; readonly refused: number }> {
  await tx`
    CREATE TEMP TABLE refused_lines ON COMMIT DROP AS
    SELECT record, false AS is_refused, outcome, detail FROM settled_rows WHERE outcome <> 'duplicate'
    UNION ALL SELECT record, true, NULL, NULL FROM order_rows WHERE is_refused`;
  await tx`CREATE INDEX ON refused_lines (record)`;
  const [row] = await tx<{ readable: number; refused: number }[]>`
    SELECT (SELECT count(*)::integer FROM order_rows WHERE NOT is_refused) AS readable,
           (SELECT count(*)::integer FROM refused_lines WHERE NOT is_refused) AS refused`;
  return row!;
}
