import { send, type Fragment, type Sql, type Transaction } from "../../db/database.ts";
import type { EvidenceCounts, EvidenceState } from "./model.ts";
import { paymentsWithOrders, verdictOf } from "./verdict-sql.ts";

/** Judges the staged payments against those that are known by their numbers. */
export const judgePayments = (tx: Transaction): Promise<unknown> =>
  send(tx`
    INSERT INTO judged_payments
    SELECT s.record,
      CASE
        WHEN k.payment_no IS NULL THEN 'new'
        WHEN (s.order_no, s.source, s.amount_fen, s.paid_at) = (k.order_no, k.source, k.amount_fen, k.paid_at)
        THEN 'duplicate'
        ELSE 'payment_conflict'
      END,
      k.import_id::text, s.line, s.payment_no, s.channel, s.order_no, s.source, s.amount_fen, s.paid_at
    FROM staged_payments s
    LEFT JOIN LATERAL (SELECT * FROM order_evidence e WHERE e.payment_no = s.payment_no AND e.channel = s.channel
      LIMIT 1) k ON true`);

/** Writes the new payments; gives how many. */
export async function insertPayments(tx: Transaction, importId: bigint): Promise<number> {
  const { count } = await send(tx`
    INSERT INTO order_evidence (payment_no, channel, order_no, source, amount_fen, paid_at, import_id, line)
    SELECT payment_no, channel, order_no, source, amount_fen, paid_at, ${importId}, line FROM judged_payments
    WHERE outcome = 'new' ORDER BY record`);
  return count;
}

/** A sum of hashes over all that payments `e` say, whatever their order. */
export const digestOfPayments = (sql: Sql): Fragment => sql`
  coalesce(sum(hashtextextended(concat_ws(chr(31), e.payment_no, e.channel, e.order_no, e.source, e.amount_fen,
    extract(epoch FROM e.paid_at), e.line), 0)::numeric), 0)::text`;

/** What the new payments of an import say of their orders, and their digest. */
export async function paymentsOf(
  tx: Transaction,
  importId: bigint,
): Promise<{ readonly states: EvidenceCounts; readonly digest: string }> {
  const rows = await tx<{ state: EvidenceState; payments: number }[]>`
    SELECT state, count(*)::integer AS payments
    FROM (
      SELECT ${verdictOf(tx)} AS state
      FROM ${paymentsWithOrders(tx)}
      WHERE e.import_id = ${importId}
    ) v GROUP BY state ORDER BY state`;
  const [all] = await tx<
    { digest: string }[]
  >`SELECT ${digestOfPayments(tx)} AS digest FROM order_evidence e WHERE e.import_id = ${importId}`;
  return { states: Object.fromEntries(rows.map(({ state, payments }) => [state, payments])), digest: all!.digest };
}
