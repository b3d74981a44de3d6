import type { Fragment, Sql } from "../db/database.ts";
import { rowsDigest } from "../domain/adjustments/sql.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/** What was done about money by two operators: with its proposal, who applied it, and what its document has to say. */
const appliedActs = (sql: Sql): Fragment => sql`(
  SELECT proposal_no, applied_by AS operator,
    jsonb_build_object('kind', kind, 'bill_no', bill_no, 'amount_fen', amount_fen::text) AS said
  FROM merchant_adjustments
  UNION ALL SELECT proposal_no, applied_by,
    jsonb_build_object('business_date', business_date::text, 'max_payouts_fen', max_payouts_fen::text)
  FROM coverage_exceptions
  UNION ALL SELECT proposal_no, operator, '{}' FROM reconciliations WHERE proposal_no IS NOT NULL)`;

/**
 * Each proposal has the digest of what it says, its rows have the one that it says of them, and what is approved has
 * been applied; no policy, rate of a known merchant or reopening is there that nobody proposed and approved as it is:
 * nothing of what one operator made for another to approve was changed in between, or passed by.
 */
export async function proposalsAreSealed(sql: Sql): Promise<Findings> {
  type Row = {
    proposalNo: string | null;
    kind: string;
    status: string | null;
    isSealed: boolean;
    rowsAreSealed: boolean;
    isApplied: boolean;
    effect: string | null;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT *, count(*) OVER () AS found FROM (
      SELECT p.proposal_no, p.subject_kind AS kind, p.state AS status,
        p.is_sealed,
        NOT p.document ? 'rows_sha256' OR p.document->>'rows_sha256' = coalesce(r.sha256, '') AS rows_are_sealed,
        CASE WHEN p.state = 'approved' THEN ${isApplied(sql)} ELSE NOT EXISTS (SELECT FROM ${appliedActs(sql)} a
          WHERE a.proposal_no = p.proposal_no) END AS is_applied, NULL AS effect
      FROM masked_proposals p
      LEFT JOIN (SELECT proposal_no, ${rowsDigest(sql)} AS sha256 FROM proposed_adjustments GROUP BY proposal_no) r
        ON r.proposal_no = p.proposal_no
      UNION ALL ${unproposed(sql)}
    ) p WHERE NOT (is_sealed AND rows_are_sealed AND is_applied)
    ORDER BY proposal_no, effect LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM proposals`;
  return findingsOf(all!.count, rows, ({ proposalNo, kind, status, isSealed, rowsAreSealed, ...row }) => ({
    proposal_no: proposalNo,
    kind,
    status,
    sealed: isSealed,
    rows_sealed: rowsAreSealed,
    applied: row.isApplied,
    effect: row.effect,
  }));
}

/** Whether what an approved proposal `p` asks for was done. What changes nothing leaves no row of its own. */
const isApplied = (sql: Sql): Fragment => sql`CASE p.subject_kind
  WHEN 'policy' THEN p.result->'changed' = '[]' OR EXISTS (
    SELECT FROM policies x WHERE x.proposal_no = p.proposal_no AND is_proposed(x))
  WHEN 'merchant_rate' THEN EXISTS (
    SELECT FROM contribution_rates x JOIN merchants m USING (merchant_id)
    WHERE m.merchant_code = p.document->>'merchant_code' AND x.effective_from::text = p.document->>'effective_from'
      AND x.contribution_bps::text IS NOT DISTINCT FROM p.document->>'contribution_bps')
  WHEN 'settle_reopen' THEN EXISTS (
    SELECT FROM business_dates x WHERE x.business_date::text = p.document->>'business_date' AND x.reopened_at IS NOT NULL)
  WHEN 'merchant_write_off' THEN ${isActed(sql)} WHEN 'bill_correction' THEN ${isActed(sql)}
  WHEN 'coverage_exception' THEN ${isActed(sql)} WHEN 'forced_match' THEN ${isActed(sql)}
  WHEN 'recon_void' THEN ${isActed(sql)}
  ELSE true END`;

const isActed = (sql: Sql): Fragment => sql`EXISTS (SELECT FROM ${appliedActs(sql)} a
  WHERE a.proposal_no = p.proposal_no AND a.operator = p.checker AND p.document @> a.said)`;

/**
 * What is there that nobody proposed and approved as it is: policies but the first one, rates but those that came with
 * their merchant, and reopenings. What was set before there were proposals is older than all of them.
 */
const unproposed = (sql: Sql): Fragment => sql`
  SELECT proposal_no, kind, NULL, true, true, false, effect FROM (
    SELECT proposal_no, 'policy' AS kind, effective_from || ' revision ' || revision AS effect, set_at FROM policies x
    WHERE (effective_from, revision) <> ('0001-01-01', 1) AND NOT is_proposed(x)
    UNION ALL
    SELECT x.proposal_no, 'merchant_rate', m.merchant_code || ' from ' || x.effective_from, x.set_at
    FROM contribution_rates x JOIN merchants m USING (merchant_id)
    WHERE NOT (x.proposal_no IS NULL AND (x.effective_from, x.revision, x.set_at) = ('0001-01-01', 1, m.registered_at)
      AND m.import_id IS NOT NULL) AND NOT is_proposed(x)
    UNION ALL
    SELECT NULL, 'settle_reopen', x.business_date::text, x.reopened_at FROM business_dates x
    WHERE x.reopened_at IS NOT NULL AND NOT is_proposed(x)
  ) e WHERE proposal_no IS NOT NULL OR set_at >= (SELECT min(made_at) FROM proposals)`;

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
      FROM (SELECT proposal_no, state FROM proposals
        WHERE subject_kind IN ('points_adjustment', 'opening_balances')) p
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
