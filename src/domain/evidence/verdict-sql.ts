import type { Fragment, Sql } from "../../db/database.ts";
import { isInArchive } from "../../db/archived.ts";
import { toleranceMinutes } from "./model.ts";

const isInTime = (sql: Sql): Fragment =>
  sql`e.paid_at BETWEEN o.paid_at - make_interval(mins => ${toleranceMinutes})
    AND o.paid_at + make_interval(mins => ${toleranceMinutes})`;

/** Payments `e`, each with the order `o` of its number, which is null where there is none, or it is void. For FROM. */
export const paymentsWithOrders = (sql: Sql): Fragment => sql`
  order_evidence e
  LEFT JOIN order_keys k ON k.order_no = e.order_no AND k.source = e.source
  LEFT JOIN LATERAL (SELECT * FROM orders o
    WHERE o.member_id = k.member_id AND o.order_id = k.order_id AND o.status <> 'void' OFFSET 0) o ON true`;

/** What a payment `e` says of its order `o`, null where its number `k` leads to none: one of `evidenceStates`. */
export const verdictOf = (sql: Sql): Fragment => sql`
  CASE
    WHEN o.order_id IS NULL AND ${isInArchive(sql, sql`k.order_id`)} THEN 'order_archived'
    WHEN o.order_id IS NULL THEN 'no_order' WHEN o.paid_at IS NULL THEN 'order_not_paid'
    WHEN e.amount_fen <> o.amount_fen THEN CASE WHEN ${isInTime(sql)} THEN 'amount_differs'
    ELSE 'amount_and_time_differ' END
    WHEN ${isInTime(sql)} THEN 'agrees' ELSE 'time_differs'
  END`;

/**
 * Whether a paid order `o` (order_no, source, amount_fen, paid_at) has evidence: a payment of its number that agrees
 * with it. Looked up by key for each order: OFFSET keeps that from being planned as a scan of all evidence.
 */
export const hasEvidence = (sql: Sql): Fragment => sql`
  EXISTS (SELECT FROM order_evidence e
    WHERE e.order_no = o.order_no AND e.source = o.source AND e.amount_fen = o.amount_fen
      AND ${isInTime(sql)} OFFSET 0)`;

/** Whether evidence was ever imported: without any, none is missing. */
export async function isEvidenceKept(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ isKept: boolean }[]>`SELECT EXISTS (SELECT FROM order_evidence) AS is_kept`;
  return row!.isKept;
}

/** Whether a paid order `o` lacks evidence. Where none of any order was ever imported, none is missing. */
export const lacksEvidence = (sql: Sql): Fragment =>
  sql`(EXISTS (SELECT FROM order_evidence) AND NOT ${hasEvidence(sql)})`;
