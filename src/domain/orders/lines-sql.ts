import type { Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import { maxAmountFen, microsPerFen } from "../../shared/money.ts";

/** How a file's rows make its orders. */
export type LineRule = Pick<MergeFacts["profile"], "rowsPerOrder" | "rowsPaidAt" | "rounding"> & {
  /** Parts have numbers of their own: the same part met twice is one. */
  readonly hasLineNos: boolean;
};

/** The rows that say something of an order itself; a part that is met again, word for word, counts once. */
const parts = (tx: Transaction, { hasLineNos }: LineRule) =>
  hasLineNos
    ? tx`
      SELECT min(record) AS record, min(line) AS line, count(*) AS rows, order_no, source, member_no, merchant_code,
             amount_micros, refunded_fen, status, paid_at, line_no, max(member_name) AS member_name, min(line)
               FILTER (WHERE is_refused) AS bad_line
      FROM order_lines WHERE order_no IS NOT NULL AND (refund_no IS NULL OR is_refused)
      GROUP BY order_no, source, member_no, merchant_code, amount_micros, refunded_fen, status, paid_at, line_no,
               CASE WHEN line_no IS NULL THEN record END`
    : tx`
      SELECT record, line, 1 AS rows, order_no, source, member_no, merchant_code, amount_micros, refunded_fen, status,
             paid_at, NULL AS line_no, member_name, CASE WHEN is_refused THEN line END AS bad_line
      FROM order_lines WHERE order_no IS NOT NULL AND (refund_no IS NULL OR is_refused)`;

/**
 * What the parts of an order come to. Of summed parts, one that was closed after the payment counts in the amount and
 * as refunded: the amount of an order stays what it is when a part of it is closed later. Of repeated ones, any says
 * it. Rows that are orders, and come several times beside refunds, may be of several days: the furthest counts.
 */
const totals = (tx: Transaction, { rowsPerOrder }: LineRule) =>
  rowsPerOrder === "sum"
    ? tx`
      sum(amount_micros) AS amount_micros, false AS is_amount_split, false AS is_refund_split,
      CASE WHEN max(paid_at) IS NULL THEN sum(refunded_fen) * ${microsPerFen}
           ELSE sum(CASE WHEN status = 'closed' THEN amount_micros ELSE refunded_fen * ${microsPerFen} END)
           END AS refunded_micros,
      CASE WHEN bool_or(status = 'paid') THEN 'paid' WHEN bool_or(status = 'pending') THEN 'pending' ELSE max(status)
        END AS status,
      bool_or(status = 'paid') AND bool_or(status = 'pending') AS is_status_split`
    : rowsPerOrder === "one"
      ? tx`
      max(amount_micros)::numeric AS amount_micros, min(amount_micros) <> max(amount_micros) AS is_amount_split,
      false AS is_refund_split, max(refunded_fen)::numeric * ${microsPerFen} AS refunded_micros,
      CASE WHEN bool_or(status = 'closed') THEN 'closed' WHEN bool_or(status = 'paid') THEN 'paid' ELSE 'pending'
        END AS status,
      false AS is_status_split`
      : tx`
      max(amount_micros)::numeric AS amount_micros, min(amount_micros) <> max(amount_micros) AS is_amount_split,
      min(refunded_fen) <> max(refunded_fen) AS is_refund_split,
      max(refunded_fen)::numeric * ${microsPerFen} AS refunded_micros,
      coalesce(max(status), CASE WHEN max(paid_at) IS NULL THEN 'pending' ELSE 'paid' END) AS status,
      min(status) <> max(status) AS is_status_split`;

/** When the order was paid, as its parts say. */
const paidAt = (tx: Transaction, { rowsPaidAt }: LineRule) =>
  rowsPaidAt === "same"
    ? tx`min(paid_at) AS paid_at, min(paid_at) <> max(paid_at) AS is_paid_at_split`
    : tx`${rowsPaidAt === "earliest" ? tx`min(paid_at)` : tx`max(paid_at)`} AS paid_at, false AS is_paid_at_split`;

/**
 * Makes an order of the rows of each, in one pass over all rows. What cannot be one, because a row of it is refused or
 * its rows contradict each other, is noted with the reason. Orders are numbered in the order of their first rows.
 */
export async function assembleOrders(tx: Transaction, rule: LineRule): Promise<void> {
  await tx`ANALYZE order_lines`;
  const isExact = rule.rounding === "exact";
  await tx`
    INSERT INTO assembled_orders
    SELECT row_number() OVER (ORDER BY a.record), a.record, a.line, a.rows, a.order_no, a.source, a.member_no,
      a.merchant_code, CASE WHEN a.outcome IS NULL THEN round_half_up(a.amount_micros::bigint, ${microsPerFen}) END,
      CASE WHEN a.outcome IS NULL THEN round_half_up(a.refunded_micros::bigint, ${microsPerFen}) END,
      a.status, a.paid_at, k.skus, a.member_name, a.outcome,
      CASE WHEN a.outcome = 'order_row_rejected' THEN a.bad_line::text WHEN a.outcome = 'order_rows_disagree'
        THEN a.split END
    FROM (
      SELECT g.*,
        CASE
          WHEN bad_line IS NOT NULL THEN 'order_row_rejected'
          WHEN split IS NOT NULL THEN 'order_rows_disagree'
          WHEN member_no IS NULL THEN 'member_no_empty'
          WHEN merchant_code IS NULL THEN 'merchant_code_empty'
          WHEN amount_micros IS NULL THEN 'amount_empty'
          WHEN amount_micros > ${maxAmountFen * microsPerFen} THEN 'amount_too_large'
          WHEN ${isExact} AND amount_micros % ${microsPerFen} <> 0 THEN 'amount_too_many_decimals'
          WHEN status = 'paid' AND paid_at IS NULL THEN 'paid_at_missing'
          WHEN status = 'pending' AND paid_at IS NOT NULL THEN 'pending_with_payment'
          WHEN status = 'pending' AND refunded_micros > 0 THEN 'pending_with_refund'
          WHEN paid_at IS NULL AND refunded_micros > 0 THEN 'unpaid_with_refund'
          WHEN refunded_micros > amount_micros THEN 'refund_exceeds_amount'
        END AS outcome
      FROM (
        SELECT s.*,
          CASE
            WHEN is_member_split THEN 'member_no' WHEN is_merchant_split THEN 'merchant_code' WHEN is_paid_at_split
            THEN 'paid_at'
            WHEN is_status_split THEN 'status' WHEN is_amount_split THEN 'amount' WHEN is_refund_split
            THEN 'refunded_amount' WHEN is_part_split THEN 'line_no'
          END AS split
        FROM (
          SELECT order_no, source, min(record) AS record, min(line) AS line, sum(rows) AS rows,
            min(bad_line) AS bad_line, min(member_no) AS member_no, min(member_no) <> max(member_no) AS is_member_split,
            min(merchant_code) AS merchant_code, min(merchant_code) <> max(merchant_code) AS is_merchant_split,
            ${paidAt(tx, rule)},
            count(line_no) <> count(DISTINCT line_no) AS is_part_split, min(member_name) AS member_name,
            ${totals(tx, rule)}
          FROM (${parts(tx, rule)}) p GROUP BY order_no, source
        ) s
      ) g
    ) a
    LEFT JOIN (
      SELECT order_no, source, array_agg(DISTINCT sku ORDER BY sku) AS skus
      FROM order_lines CROSS JOIN unnest(skus) AS sku WHERE skus IS NOT NULL GROUP BY order_no, source
    ) k ON k.order_no = a.order_no AND k.source = a.source
    ORDER BY a.record`;
  await noteUnmade(tx);
  await tx`CREATE INDEX ON assembled_orders (seq)`;
  await tx`ANALYZE assembled_orders`;
}

/** Notes the orders that cannot be one; of those whose rows contradict each other, two lines that do. */
const noteUnmade = (tx: Transaction): Promise<unknown> => tx`
    INSERT INTO refused_orders
    SELECT a.order_no, a.source, a.outcome, concat_ws(' ', a.detail, least(l.one, l.other), greatest(l.one, l.other))
    FROM assembled_orders a
    LEFT JOIN (
      SELECT order_no, source, (array_agg(line ORDER BY said, line))[1] AS one,
        (array_agg(line ORDER BY said DESC, line))[1] AS other
      FROM (
        SELECT order_no, source, line,
          CASE detail WHEN 'member_no' THEN member_no WHEN 'merchant_code' THEN merchant_code WHEN 'paid_at'
            THEN paid_at::text WHEN 'status' THEN status
                      WHEN 'amount' THEN amount_micros::text WHEN 'refunded_amount' THEN refunded_fen::text
                      ELSE CASE WHEN min(part) OVER alike <> max(part) OVER alike THEN part END END AS said
        FROM (
          SELECT n.*, a.detail, concat_ws(' ', n.amount_micros, n.refunded_fen, n.status) AS part
          FROM assembled_orders a JOIN order_lines n ON n.order_no = a.order_no AND n.source = a.source
            AND n.refund_no IS NULL
          WHERE a.outcome = 'order_rows_disagree'
        ) n
        WINDOW alike AS (PARTITION BY order_no, source, line_no)
      ) v WHERE said IS NOT NULL GROUP BY order_no, source
    ) l ON a.outcome = 'order_rows_disagree' AND l.order_no = a.order_no AND l.source = a.source
    WHERE a.outcome IS NOT NULL`;

/** How many orders the rows of the file make, those that cannot be one among them. */
export async function countAssembled(tx: Transaction): Promise<number> {
  const [row] = await tx<{ orders: number }[]>`SELECT count(*)::integer AS orders FROM assembled_orders`;
  return row!.orders;
}

/** Stages the orders of one stretch of numbers as if each had come as one row. */
export async function stageAssembled(tx: Transaction, after: number, upTo: number): Promise<void> {
  await tx`
    INSERT INTO staged_orders (record, line, rows, order_no, source, member_no, merchant_code, amount_fen, refunded_fen,
      status, paid_at, skus, member_name)
    SELECT record, line, rows, order_no, source, member_no, merchant_code, amount_fen, refunded_fen, status, paid_at,
      skus, member_name
    FROM assembled_orders WHERE seq > ${after} AND seq <= ${upTo} AND outcome IS NULL ORDER BY seq`;
}

/** Notes which of the judged orders are not taken, and why. */
export async function noteRefused(tx: Transaction): Promise<void> {
  await tx`INSERT INTO refused_orders SELECT order_no, source, outcome, detail FROM judged_orders
    WHERE outcome <> 'updated'`;
}

/** A row that is not taken: as its reader says, or as the `outcome` of its order or refund does. */
export interface RefusedLine {
  readonly record: number;
  readonly isRefused: boolean;
  readonly outcome: string;
  readonly detail: string | null;
}

/** Finds all rows that are not taken: what a page of them is read from. */
export async function collectRefused(tx: Transaction): Promise<void> {
  await tx`ANALYZE refused_orders`;
  await tx`
    CREATE TEMP TABLE refused_lines ON COMMIT DROP AS
    SELECT l.record, l.is_refused, coalesce(r.outcome, o.outcome) AS outcome, coalesce(r.detail, o.detail) AS detail
    FROM order_lines l
    LEFT JOIN refused_orders o ON o.order_no = l.order_no AND o.source = l.source
      AND (l.refund_no IS NULL OR o.outcome = 'order_row_rejected')
    LEFT JOIN refused_refunds r ON r.record = l.record
    WHERE l.is_refused OR o.outcome IS NOT NULL OR r.outcome IS NOT NULL`;
  await tx`CREATE INDEX ON refused_lines (record)`;
}

/** A page of them, in the order of the file. */
export async function refusedPage(tx: Transaction, afterRecord: number, rows: number): Promise<readonly RefusedLine[]> {
  return tx<RefusedLine[]>`SELECT * FROM refused_lines WHERE record > ${afterRecord} ORDER BY record LIMIT ${rows}`;
}
