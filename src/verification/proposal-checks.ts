import type { Sql } from "../db/database.ts";
import { rowsDigest } from "../domain/adjustments/sql.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/**
 * Each proposal has the digest of what it says, its rows have the one that it says of them, and what is approved has
 * been applied: nothing of what one operator made for another to approve was changed in between.
 */
export async function proposalsAreSealed(sql: Sql): Promise<Findings> {
  type Row = {
    proposalNo: string;
    kind: string;
    status: string;
    isSealed: boolean;
    rowsAreSealed: boolean;
    isApplied: boolean;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT *, count(*) OVER () AS found FROM (
      SELECT p.proposal_no, p.subject_kind AS kind, p.state AS status,
        p.digest = proposal_digest(p.subject_kind, p.document, p.basis) AS is_sealed,
        NOT p.document ? 'rows_sha256' OR p.document->>'rows_sha256' = coalesce(r.sha256, '') AS rows_are_sealed,
        CASE WHEN p.state <> 'approved' OR p.subject_kind <> 'policy' THEN true ELSE EXISTS (
          SELECT FROM policies x WHERE x.effective_from::text = p.document->>'effective_from' AND x.set_by = p.checker
            AND NOT EXISTS (SELECT FROM jsonb_each_text(p.document->'terms') t
              WHERE to_jsonb(x)->>t.key IS DISTINCT FROM t.value)) END AS is_applied
      FROM proposals p
      LEFT JOIN (SELECT proposal_no, ${rowsDigest(sql)} AS sha256 FROM proposed_adjustments GROUP BY proposal_no) r
        ON r.proposal_no = p.proposal_no
    ) p WHERE NOT (is_sealed AND rows_are_sealed AND is_applied) ORDER BY proposal_no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM proposals`;
  return findingsOf(all!.count, rows, ({ proposalNo, kind, status, isSealed, rowsAreSealed, isApplied }) => ({
    proposal_no: proposalNo,
    kind,
    status,
    sealed: isSealed,
    rows_sealed: rowsAreSealed,
    applied: isApplied,
  }));
}

/**
 * Every adjustment is a row of an approved proposal, as it was proposed, and has its entry on the day that was posted;
 * each such proposal posted what its rows add up to.
 */
export async function adjustmentsWereProposed(sql: Sql): Promise<Findings> {
  type Row = {
    proposalNo: string;
    status: string | null;
    proposed: bigint;
    posted: bigint;
    adjusted: bigint;
    asProposed: bigint;
    entries: bigint;
    points: bigint;
    pointsPosted: bigint;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT *, count(*) OVER () AS found FROM (
      SELECT proposal_no, p.state AS status, coalesce(r.rows, 0) AS proposed, coalesce(h.rows, 0)::bigint AS posted,
        coalesce(a.rows, 0) AS adjusted, coalesce(a.as_proposed, 0) AS as_proposed, coalesce(a.entries, 0) AS entries,
        coalesce(a.points, 0) AS points, coalesce(h.points, 0) AS points_posted
      FROM (SELECT * FROM proposals WHERE subject_kind IN ('points_adjustment', 'opening_balances')) p
      FULL JOIN adjustment_postings h USING (proposal_no)
      FULL JOIN (SELECT proposal_no, count(*) AS rows FROM proposed_adjustments
        GROUP BY proposal_no) r USING (proposal_no)
      FULL JOIN (
        SELECT a.proposal_no, count(*) AS rows, sum(a.points)::bigint AS points, count(e.member_id) AS entries,
          count(*) FILTER (WHERE (n.member_id, r.points, r.reason_class) = (a.member_id, a.points, a.reason_class)
            AND r.reference IS NOT DISTINCT FROM a.reference) AS as_proposed
        FROM adjustments a
        LEFT JOIN adjustment_postings h ON h.proposal_no = a.proposal_no
        LEFT JOIN proposed_adjustments r ON r.proposal_no = a.proposal_no AND r.row_no = a.row_no
        LEFT JOIN member_numbers n ON n.member_no = r.member_no
        LEFT JOIN points_entries e ON e.member_id = a.member_id AND e.ref_id = a.adjustment_id AND e.kind = 'adjust'
          AND e.available_points = a.points AND e.business_date = h.business_date
        GROUP BY a.proposal_no
      ) a USING (proposal_no)
    ) x CROSS JOIN LATERAL (SELECT CASE WHEN x.status = 'approved' THEN x.proposed ELSE 0 END AS due) y
    WHERE (posted, adjusted, as_proposed, entries) <> (due, due, due, due) OR points <> points_posted OR status IS NULL
    ORDER BY proposal_no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM adjustments`;
  return findingsOf(all!.count, rows, (row) => ({
    proposal_no: row.proposalNo,
    status: row.status,
    proposed: row.proposed,
    posted: row.posted,
    adjusted: row.adjusted,
    as_proposed: row.asProposed,
    entries: row.entries,
    points: row.points,
    points_posted: row.pointsPosted,
  }));
}
