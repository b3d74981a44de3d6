import { recordActionOnEach } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { send, type Fragment, type Sql, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { AdjustmentClass, AdjustmentCounter } from "../../shared/adjustment-classes.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { AdjustmentProblem, AdjustmentRow } from "./model.ts";

/** Where rows wait while they are read. */
export const stagedAdjustments = "staged_adjustments (row_no, member_no, points, reason_class, reference, reason)";

/** Creates the temporary tables of a proposal that is being made, and the one that rows are judged into. */
export async function createStaged(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE staged_adjustments (
      row_no integer, member_no text, points bigint, reason_class text, reference text, reason text) ON COMMIT DROP`;
  await createJudged(tx);
}

/** Stages one row. */
export async function insertStaged(tx: Transaction, row: AdjustmentRow): Promise<void> {
  await tx`
    INSERT INTO staged_adjustments
    VALUES (${row.rowNo}, ${row.memberNo}, ${row.points}, ${row.reasonClass}, ${row.reference}, ${row.reason})`;
}

/** Creates the temporary table that rows are judged into. */
export async function createJudged(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE IF NOT EXISTS judged_adjustments (
      row_no integer, member_no text, member_id bigint, points bigint, reason_class text, reference text, outcome text)
        ON COMMIT DROP`;
  await tx`TRUNCATE judged_adjustments`;
}

/** The rows that were staged; those of a proposal. Both for FROM. */
export const stagedRows = (tx: Sql): Fragment => tx`staged_adjustments`;
export const rowsOfProposal = (tx: Sql, proposalNo: string): Fragment =>
  tx`(SELECT * FROM proposed_adjustments WHERE proposal_no = ${proposalNo})`;

/**
 * Judges rows, in their order: what an earlier one takes of a member is not there for a later one. Rows whose reference
 * was applied with the same content are what `ifApplied` says; what can be applied is `new`.
 */
export async function judgeAdjustments(
  tx: Transaction,
  rows: Fragment,
  ifApplied: "duplicate" | "reference_used" = "duplicate",
): Promise<void> {
  await joiningByIndex(tx, () =>
    send(tx`
    INSERT INTO judged_adjustments
    SELECT r.row_no, r.member_no, r.member_id, r.points, r.reason_class, r.reference,
      CASE
        WHEN r.is_same THEN ${ifApplied}
        WHEN r.is_known THEN 'reference_used'
        WHEN r.repeats > 1 THEN 'reference_repeated'
        WHEN r.member_id IS NULL THEN 'member_unknown'
        WHEN r.reason_class = 'write_off' AND r.status <> 'closed' THEN 'member_not_closed'
        WHEN r.reason_class NOT IN ('write_off', 'forfeit') AND r.status = 'closed' THEN 'member_closed'
        WHEN r.reason_class = 'opening' AND (
          EXISTS (SELECT FROM points_entries e WHERE e.member_id = r.member_id)
          OR EXISTS (SELECT FROM carried_points c WHERE c.member_id = r.member_id))
        THEN 'member_has_entries'
        WHEN r.reason_class = 'write_off' AND r.available_after > 0 THEN 'debt_too_small'
        WHEN r.points < 0 AND r.available_after < 0 THEN 'points_insufficient'
        ELSE 'new'
      END
    FROM (
      SELECT r.row_no, r.member_no, m.member_id, m.status, r.points, r.reason_class, r.reference,
        a.adjustment_id IS NOT NULL AS is_known,
        coalesce((a.member_id, a.points, a.reason_class) = (m.member_id, r.points, r.reason_class), false) AS is_same,
        count(*) OVER (PARTITION BY coalesce(r.reference, 'member ' || r.member_no)) AS repeats,
        b.available_points + sum(r.points)
          FILTER (WHERE a.adjustment_id IS NULL) OVER (PARTITION BY r.member_no ORDER BY r.row_no) AS available_after
      FROM ${rows} r
      LEFT JOIN member_numbers n ON n.member_no = r.member_no
      LEFT JOIN members m ON m.member_id = n.member_id
      LEFT JOIN balances b ON b.member_id = n.member_id
      LEFT JOIN adjustments a ON a.reference = r.reference
    ) r`),
  );
  await tx`ANALYZE judged_adjustments`;
}

/** Rows that were judged, by what became of them. */
export interface Judged {
  readonly outcome: AdjustmentProblem | "new" | "duplicate";
  readonly rows: number;
  /** A few of them. */
  readonly examples: readonly { readonly rowNo: number; readonly memberNo: string }[];
}

/** Counts what was judged, the commonest first, with the first few of each. */
export async function countJudged(tx: Transaction): Promise<readonly Judged[]> {
  return tx<Judged[]>`
    SELECT outcome, count(*)::integer AS rows,
      to_jsonb((array_agg(jsonb_build_object('rowNo', row_no, 'memberNo', member_no) ORDER BY row_no))[1:3]) AS examples
    FROM judged_adjustments GROUP BY outcome ORDER BY count(*) DESC, outcome`;
}

/** What rows add up to. */
export interface RowTotals {
  readonly rows: number;
  readonly members: number;
  readonly given: bigint;
  readonly taken: bigint;
  /** SHA-256 of all they say, in their order. */
  readonly sha256: string;
  readonly byClass: readonly {
    readonly reasonClass: AdjustmentClass;
    readonly rows: number;
    readonly points: string;
  }[];
}

/** An aggregate over rows of adjustments: the SHA-256 of all they say, in their order. */
export const rowsDigest = (tx: Sql): Fragment => tx`
  encode(sha256(convert_to(coalesce(string_agg(
    jsonb_build_array(row_no, member_no, points, reason_class, reference, reason)::text, E'\\n' ORDER BY row_no), ''),
      'UTF8')), 'hex')`;

/** Adds rows up: those of a proposal, or those staged that are new. */
export async function totalsOf(tx: Sql, rows: Fragment): Promise<RowTotals> {
  const [totals] = await tx<RowTotals[]>`
    SELECT count(*)::integer AS rows, count(DISTINCT member_no)::integer AS members,
      coalesce(sum(points) FILTER (WHERE points > 0), 0)::bigint AS given,
      coalesce(-sum(points) FILTER (WHERE points < 0), 0)::bigint AS taken, ${rowsDigest(tx)} AS sha256,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('reasonClass', reason_class, 'rows', c.rows,
        'points', c.points::text) ORDER BY reason_class), '[]')
       FROM (SELECT reason_class, count(*) AS rows, sum(points) AS points FROM ${rows} x
         GROUP BY reason_class) c) AS by_class
    FROM ${rows} r`;
  return totals!;
}

/** The staged rows that nobody applied yet, for FROM. */
export const newRows = (tx: Sql): Fragment =>
  tx`(SELECT s.* FROM staged_adjustments s JOIN judged_adjustments j USING (row_no) WHERE j.outcome = 'new')`;

/** Keeps the new ones of the staged rows as those of a proposal. */
export async function keepRows(tx: Transaction, proposalNo: string): Promise<void> {
  await tx`
    INSERT INTO proposed_adjustments (proposal_no, row_no, member_no, points, reason_class, reference, reason)
    SELECT ${proposalNo}, row_no, member_no, points, reason_class, reference, reason FROM ${newRows(tx)} r
    ORDER BY row_no`;
}

/** Locks the balances of a proposal's members until the transaction ends, in the order of members. */
export async function lockBalances(tx: Transaction, proposalNo: string): Promise<void> {
  await tx`
    SELECT FROM balances b WHERE b.member_id IN (
      SELECT n.member_id FROM proposed_adjustments r JOIN member_numbers n USING (member_no)
      WHERE r.proposal_no = ${proposalNo})
    ORDER BY b.member_id FOR UPDATE`;
}

/** What a proposal's adjustments come to, and for which day. */
export interface AdjustmentPosting {
  readonly proposalNo: string;
  readonly businessDate: BusinessDate;
  readonly rows: number;
  readonly points: bigint;
  readonly fundFen: Fen;
  readonly counter: AdjustmentCounter;
}

/** Writes the head of a proposal's adjustments. */
export async function insertPosting(
  tx: Transaction,
  { operator, clock }: Context,
  one: AdjustmentPosting,
): Promise<void> {
  await tx`
    INSERT INTO adjustment_postings (proposal_no, business_date, rows, points, fund_fen, counter, applied_by,
      applied_at)
    VALUES (${one.proposalNo}, ${one.businessDate}, ${one.rows}, ${one.points}, ${one.fundFen}, ${one.counter},
      ${operator.name}, ${clock()})`;
}

/**
 * Writes the judged rows as adjustments with their entries, moves the balances, and records each: a few statements,
 * however many rows.
 *
 * @returns the members whose balance was moved
 */
export async function applyJudged(
  tx: Transaction,
  context: Context,
  { proposalNo, businessDate }: Pick<AdjustmentPosting, "proposalNo" | "businessDate">,
): Promise<number> {
  await tx`
    INSERT INTO adjustments (adjustment_id, member_id, proposal_no, row_no, points, reason_class, reference)
    SELECT nextval('id_seq'), member_id, ${proposalNo}, row_no, points, reason_class, reference FROM judged_adjustments
    ORDER BY member_id, row_no`;
  await tx`
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at,
      business_date)
    SELECT member_id, adjustment_id, 1, 'adjust', points, 0, ${context.clock()}::timestamptz, ${businessDate}::date
    FROM adjustments WHERE proposal_no = ${proposalNo} ORDER BY member_id, adjustment_id`;
  const { count } = await joiningByIndex(tx, () =>
    send(tx`
    UPDATE balances b SET available_points = b.available_points + r.points
    FROM (SELECT member_id, sum(points)::bigint AS points FROM judged_adjustments GROUP BY member_id) r
    WHERE b.member_id = r.member_id`),
  );
  await recordActionOnEach(
    tx,
    context,
    { action: "points.adjust", subjectKind: "member" },
    tx`SELECT member_no AS subject, jsonb_strip_nulls(jsonb_build_object(
         'proposal', ${proposalNo}::text, 'points', points::text, 'class', reason_class,
           'reference', reference)) AS details
       FROM judged_adjustments ORDER BY row_no`,
  );
  return count;
}

/** How many members the judged rows are of. */
export async function judgedMembers(tx: Transaction): Promise<number> {
  const [row] = await tx<{ members: number }[]>`
    SELECT count(DISTINCT member_id)::integer AS members FROM judged_adjustments`;
  return row!.members;
}
