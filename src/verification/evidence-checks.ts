import type { Sql } from "../db/database.ts";
import { digestOfPayments } from "../domain/evidence/import-sql.ts";
import { hasEvidence } from "../domain/evidence/verdict-sql.ts";
import { formatYuan } from "../shared/money.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/** Each import of payments brought what it says: their digest, taken when it ended, is that of the rows that are there. */
export async function evidenceIsUnchanged(sql: Sql): Promise<Findings> {
  type Row = { importId: bigint; payments: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT import_id, coalesce(p.payments, 0) AS payments, count(*) OVER () AS found
    FROM (SELECT import_id, notes->'evidence'->>'digest' AS told FROM imports WHERE kind = 'order_evidence') i
    FULL JOIN (SELECT e.import_id, count(*) AS payments, ${digestOfPayments(sql)} AS digest FROM order_evidence e
      GROUP BY e.import_id) p USING (import_id)
    WHERE i.told IS DISTINCT FROM coalesce(p.digest, '0')
      AND NOT EXISTS (SELECT FROM corrections c WHERE c.import_id = i.import_id)
    ORDER BY import_id LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM order_evidence`;
  return findingsOf(all!.count, rows, ({ importId, payments }) => ({ import_id: importId, payments }));
}

/**
 * Where the policy in force on an order's date asks for evidence, no run that began after it was set has settled the
 * order without a payment that agrees with it.
 */
export async function grantsHaveEvidence(sql: Sql): Promise<Findings> {
  type Row = { orderNo: string; source: string; amountFen: bigint; runId: bigint; found: bigint };
  const settled = sql`
    (SELECT from_date, lead(from_date, 1, 'infinity') OVER (ORDER BY from_date) AS to_date, grant_evidence, set_at
     FROM (SELECT DISTINCT ON (effective_from) effective_from AS from_date, grant_evidence, set_at FROM policies
       ORDER BY effective_from, revision DESC) d) p
    JOIN orders o ON o.business_date >= p.from_date AND o.business_date < p.to_date
    JOIN points_entries e ON e.member_id = o.member_id AND e.ref_id = o.order_id AND e.entry_no = 1
    JOIN grant_runs r ON r.run_id = e.run_id AND r.started_at > p.set_at
    WHERE p.grant_evidence = 'required' AND o.status <> 'void'`;
  const [asked] = await sql<
    { count: bigint }[]
  >`SELECT count(*) AS count FROM policies WHERE grant_evidence = 'required'`;
  if (asked!.count === 0n) return { checked: 0n, found: 0n, violations: [] };
  const rows = await sql<Row[]>`
    SELECT o.order_no, o.source, o.amount_fen, e.run_id, count(*) OVER () AS found
    FROM ${settled} AND NOT ${hasEvidence(sql)}
    ORDER BY o.order_no, o.source LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM ${settled}`;
  return findingsOf(all!.count, rows, ({ orderNo, source, amountFen, runId }) => ({
    order_no: orderNo,
    source,
    amount: formatYuan(amountFen),
    run_id: runId,
  }));
}

/**
 * Each order that waits for evidence was never settled, has all its changes where it waits, which say what it stands
 * at, and is of a date that a policy was ever set for which asks for evidence.
 */
export async function unevidencedMatchOrders(sql: Sql): Promise<Findings> {
  type Row = { orderNo: string; source: string; importId: bigint; netFen: bigint; orderFen: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT o.order_no, o.source, u.import_id, u.net_fen, o.order_fen, count(*) OVER () AS found
    FROM (SELECT *, row_number() OVER (PARTITION BY member_id, order_id ORDER BY import_id DESC) = 1 AS is_last,
            bool_or(is_first) OVER (PARTITION BY member_id, order_id) AS has_first FROM unevidenced_orders) u
    JOIN (SELECT *, CASE WHEN status = 'paid' THEN amount_fen - refunded_fen ELSE 0 END AS order_fen FROM orders) o
      ON o.member_id = u.member_id AND o.order_id = u.order_id
    LEFT JOIN imports i ON i.import_id = u.import_id AND i.kind = 'orders'
    WHERE (u.business_date, u.merchant_id) IS DISTINCT FROM (o.business_date, o.merchant_id) OR i.import_id IS NULL
      OR NOT u.has_first
      OR u.is_last AND u.net_fen <> o.order_fen
      AND NOT EXISTS (SELECT FROM order_changes c WHERE c.member_id = u.member_id AND c.order_id = u.order_id)
      OR EXISTS (SELECT FROM points_entries e WHERE e.member_id = u.member_id AND e.ref_id = u.order_id)
      OR NOT EXISTS (SELECT FROM policies p WHERE p.grant_evidence = 'required' AND p.effective_from <= o.business_date)
    ORDER BY o.order_no, o.source LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM unevidenced_orders`;
  return findingsOf(all!.count, rows, ({ orderNo, source, importId, netFen, orderFen }) => ({
    order_no: orderNo,
    source,
    import_id: importId,
    net: formatYuan(netFen),
    net_of_order: formatYuan(orderFen),
  }));
}
