import type { Sql } from "../db/database.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/** What is wrong with an order `o` that is void, by its row `v`; null when nothing is. */
const problemOfVoid = (sql: Sql) => sql`
  CASE
    WHEN v.order_id IS NULL THEN 'void, and no proposal says so'
    WHEN o.status IS DISTINCT FROM 'void' THEN 'counts, and a proposal made it void'
    WHEN p.state IS DISTINCT FROM 'approved' OR c.applied_by IS DISTINCT FROM p.checker THEN 'nobody approved it'
    WHEN p.subject_kind <> 'import_undo'
      AND (p.document->>'order_no', p.document->>'source') IS DISTINCT FROM (v.order_no, v.source)
    THEN 'its proposal is of another order'
    WHEN p.subject_kind = 'order_void' AND v.new_order_id IS NOT NULL THEN 'void, and another took its place'
    WHEN p.subject_kind = 'order_correction' AND v.new_order_id IS NULL THEN 'corrected, and nothing took its place'
    WHEN v.new_order_id IS NOT NULL AND (n.order_no, n.source) IS DISTINCT FROM (v.order_no, v.source)
    THEN 'what took its place is gone'
    WHEN p.subject_kind = 'order_correction' AND (m.member_no, s.merchant_code, n.amount_fen)
      IS DISTINCT FROM (coalesce(p.document->>'member_no', p.basis->>'member_no'),
        coalesce(p.document->>'merchant_code', p.basis->>'merchant_code'),
        coalesce(p.document->>'amount_fen', p.basis->>'amount_fen')::bigint)
      OR p.document ? 'paid_at' AND n.paid_at IS DISTINCT FROM (p.document->>'paid_at')::timestamptz
    THEN 'what took its place is not what was approved'
  END`;

/** Every order that is void is so by an approved proposal, which did what it says. */
export async function voidsWereApproved(sql: Sql): Promise<Findings> {
  type Row = { orderNo: string; source: string; proposalNo: string | null; problem: string; found: bigint };
  const rows = await sql<Row[]>`
    SELECT order_no, source, proposal_no, problem, count(*) OVER () AS found FROM (
      SELECT coalesce(v.order_no, o.order_no) AS order_no, coalesce(v.source, o.source) AS source, v.proposal_no,
        ${problemOfVoid(sql)} AS problem
      FROM order_voids v
      FULL JOIN (SELECT * FROM orders WHERE status = 'void' OR order_id IN (SELECT order_id FROM order_voids)) o
        ON o.order_id = v.order_id AND o.member_id = v.member_id AND o.order_no = v.order_no AND o.source = v.source
      LEFT JOIN corrections c ON c.proposal_no = v.proposal_no
      LEFT JOIN masked_proposals p ON p.proposal_no = c.proposal_no
      LEFT JOIN orders n ON n.member_id = v.new_member_id AND n.order_id = v.new_order_id
      LEFT JOIN members m ON m.member_id = n.member_id
      LEFT JOIN merchants s ON s.merchant_id = n.merchant_id
      UNION ALL
      SELECT p.document->>'order_no', p.document->>'source', p.proposal_no, 'approved, and no order is void by it'
      FROM masked_proposals p WHERE p.state = 'approved' AND p.subject_kind IN ('order_void', 'order_correction')
        AND NOT EXISTS (SELECT FROM order_voids v JOIN corrections c ON c.proposal_no = v.proposal_no
          WHERE v.proposal_no = p.proposal_no)
    ) x WHERE problem IS NOT NULL ORDER BY order_no, source, proposal_no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM order_voids`;
  return findingsOf(all!.count, rows, ({ orderNo, source, proposalNo, problem }) => ({
    order_no: orderNo,
    source,
    proposal_no: proposalNo,
    problem,
  }));
}
