import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { WithdrawalAmounts, WithdrawalStatus } from "./model.ts";
import { payeeColumns, payeeJoin, type Payee } from "./payee-sql.ts";
import type { DecisionFacts } from "./refusals.ts";
import { riskRows } from "./risk-sql.ts";
import type { Risk } from "./risk.ts";

/**
 * The filter of a decision about withdrawals that are not named. Amounts are gross; dates are those of the requests.
 */
export interface DecisionFilter {
  readonly memberNo?: string | undefined;
  readonly minGrossFen?: Fen | undefined;
  readonly maxGrossFen?: Fen | undefined;
  /** Requested before this business date. */
  readonly before?: BusinessDate | undefined;
  /** Only withdrawals without risks. */
  readonly risk?: "none" | undefined;
}

/** A withdrawal that was chosen for a decision, with the facts that decide whether it can be made. */
export interface DecidableWithdrawal
  extends
    DecisionFacts,
    WithdrawalAmounts,
    Payee,
    Row<
      "withdrawals",
      "memberId" | "withdrawalId" | "points" | "requestedAt" | "reason" | "approvalsNeeded" | "approvedBy"
    > {
  /** Why it cannot be decided; null when it can. */
  readonly refusal: string | null;
  /** Its risks; null where they were not read. */
  readonly risks: readonly Risk[] | null;
}

/** Creates the temporary table of chosen withdrawals. */
export async function createChosen(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE chosen_withdrawals (
      member_id bigint, withdrawal_id bigint, withdrawal_no text, member_no text, status text, points bigint,
      gross_fen bigint, net_fen bigint, requested_by text, requested_at timestamptz, first_approved_by text,
      approvals_needed smallint, account_id bigint, member_status text, is_verified boolean, in_debt boolean,
      refusal text, risks text[], journal_id bigint
    ) ON COMMIT DROP`;
}

const chosenColumns = (sql: Sql) => sql`
  w.member_id, w.withdrawal_id, w.withdrawal_no, m.member_no, w.status, w.points, w.gross_fen, w.net_fen,
  w.requested_by, w.requested_at, w.first_approved_by, w.approvals_needed, w.account_id, m.status,
  m.identity_verified_at IS NOT NULL, b.in_debt`;

/** Chooses the withdrawals with the given numbers. @returns the unknown numbers */
export async function chooseNamed(tx: Transaction, withdrawalNos: readonly string[]): Promise<readonly string[]> {
  await tx`TRUNCATE chosen_withdrawals`;
  const named = tx`SELECT DISTINCT withdrawal_no FROM unnest(${[...withdrawalNos]}::text[]) AS n (withdrawal_no)`;
  await tx`
    INSERT INTO chosen_withdrawals
    SELECT ${chosenColumns(tx)}
    FROM (${named}) n
    JOIN withdrawal_keys k ON k.withdrawal_no = n.withdrawal_no
    JOIN withdrawals w ON w.member_id = k.member_id AND w.withdrawal_id = k.withdrawal_id
    JOIN members m ON m.member_id = w.member_id
    JOIN balances b ON b.member_id = w.member_id`;
  await tx`ANALYZE chosen_withdrawals`;
  const missing = await tx<{ withdrawalNo: string }[]>`
    SELECT withdrawal_no FROM (${named}) n
    WHERE NOT EXISTS (SELECT FROM chosen_withdrawals c WHERE c.withdrawal_no = n.withdrawal_no) ORDER BY 1`;
  return missing.map(({ withdrawalNo }) => withdrawalNo);
}

/**
 * Chooses the withdrawals in the given states that match a filter, the oldest first.
 *
 * @param limit how many to take at most
 */
export async function chooseMatching(
  tx: Transaction,
  filter: DecisionFilter,
  statuses: readonly WithdrawalStatus[],
  requestedBefore: Date | undefined,
  limit: number,
): Promise<void> {
  const { memberNo, minGrossFen, maxGrossFen, before } = filter;
  const wanted = where(tx, [
    memberNo !== undefined && tx`w.member_id = (SELECT member_id FROM member_numbers WHERE member_no = ${memberNo})`,
    minGrossFen !== undefined && tx`w.gross_fen >= ${minGrossFen}`,
    maxGrossFen !== undefined && tx`w.gross_fen <= ${maxGrossFen}`,
    before !== undefined && tx`w.business_date < ${before}`,
    requestedBefore !== undefined && tx`w.requested_at < ${requestedBefore}`,
  ]);
  await tx`TRUNCATE chosen_withdrawals`;
  await tx`
    INSERT INTO chosen_withdrawals
    SELECT ${chosenColumns(tx)}
    FROM withdrawals w JOIN members m ON m.member_id = w.member_id JOIN balances b ON b.member_id = w.member_id
    WHERE w.status = ANY(${[...statuses]}::text[]) AND ${wanted}
    ORDER BY w.withdrawal_no LIMIT ${limit}`;
  await tx`ANALYZE chosen_withdrawals`; // a new table is planned as if it held a handful of rows
}

/** The number of waiting requests from before an instant. */
export async function countRequestedBefore(sql: Sql, before: Date): Promise<number> {
  const [row] = await sql<
    { count: number }[]
  >`SELECT count(*)::integer AS count FROM withdrawals WHERE status = 'requested' AND requested_at < ${before}`;
  return row!.count;
}

/** The distinct names of requesters and first approvers of the chosen withdrawals: few, however many are chosen. */
export async function operatorsOfChosen(tx: Transaction): Promise<readonly string[]> {
  const rows = await tx<{ name: string }[]>`
    SELECT requested_by AS name FROM chosen_withdrawals UNION SELECT first_approved_by FROM chosen_withdrawals
    WHERE first_approved_by IS NOT NULL`;
  return rows.map(({ name }) => name);
}

/** The rule that decides which chosen withdrawals can be decided. */
export interface ChoiceRule {
  readonly from: readonly WithdrawalStatus[];
  /** An approval: whose names are the approver's own. Undefined for every other decision. */
  readonly approverNames: readonly string[] | undefined;
  /** For an expiry: only requests from before this. */
  readonly requestedBefore: Date | undefined;
}

/**
 * Why a withdrawal cannot be decided, as an expression: the first reason that holds, in the rule's order; null when it
 * can.
 *
 * @param rule judges rows that have status, requested_by, requested_at, first_approved_by, member_status, is_verified,
 * in_debt
 */
export function refusalBy(sql: Sql, { from, approverNames, requestedBefore }: ChoiceRule): Fragment {
  const approval =
    approverNames === undefined
      ? sql``
      : sql`
    WHEN requested_by = ANY(${[...approverNames]}::text[]) THEN 'maker_is_checker'
    WHEN first_approved_by = ANY(${[...approverNames]}::text[]) THEN 'approved_by_you'
    WHEN member_status <> 'active' THEN 'member_' || member_status
    WHEN NOT is_verified THEN 'identity_unverified'
    WHEN in_debt THEN 'member_in_debt'`;
  const expiry =
    requestedBefore === undefined ? sql`` : sql`WHEN requested_at >= ${requestedBefore} THEN 'withdrawal_not_stale'`;
  return sql`CASE WHEN NOT status = ANY(${[...from]}::text[])
    THEN 'withdrawal_already_decided' ${approval} ${expiry} END`;
}

/** Records for each chosen withdrawal why it cannot be decided. */
export async function judgeChosen(tx: Transaction, rule: ChoiceRule): Promise<void> {
  await tx`
    UPDATE chosen_withdrawals c SET refusal = j.refusal
    FROM (SELECT withdrawal_no, ${refusalBy(tx, rule)} AS refusal FROM chosen_withdrawals) j
    WHERE j.withdrawal_no = c.withdrawal_no AND j.refusal IS NOT NULL`;
}

/**
 * Records the risks of each chosen withdrawal that can be decided.
 *
 * @param lacksEvidence whether an order `o` lacks evidence of its payment
 */
export async function noteRisks(tx: Transaction, lacksEvidence: Fragment): Promise<void> {
  const subjects = tx`SELECT member_id, withdrawal_id, points, requested_at, account_id FROM chosen_withdrawals
    WHERE refusal IS NULL`;
  await tx`
    UPDATE chosen_withdrawals c SET risks = r.risks FROM (${riskRows(tx, subjects, lacksEvidence)}) r
    WHERE r.member_id = c.member_id AND r.withdrawal_id = c.withdrawal_id`;
}

/** Withdrawals that match the filter and are left out, by reason. */
export interface LeftOut {
  readonly code: string;
  readonly count: number;
  /** For the risky ones: how many have each risk. */
  readonly risks: Readonly<Partial<Record<Risk, number>>>;
}

/** Removes from the choice what cannot be decided and, where `risk` says so, what has risks. */
export async function leaveOut(tx: Transaction, risk: DecisionFilter["risk"]): Promise<readonly LeftOut[]> {
  const risky = risk === "none" ? tx`OR risks <> '{}'` : tx``;
  return tx<LeftOut[]>`
    WITH gone AS (
      DELETE FROM chosen_withdrawals WHERE refusal IS NOT NULL ${risky}
      RETURNING coalesce(refusal, 'risky') AS code, CASE WHEN refusal IS NULL THEN risks END AS risks
    ), by_risk AS (
      SELECT g.code, r.risk, count(*)::integer AS count FROM gone g CROSS JOIN LATERAL unnest(g.risks) AS r (risk)
      GROUP BY g.code, r.risk
    )
    SELECT g.code, count(*)::integer AS count,
      coalesce((SELECT jsonb_object_agg(b.risk, b.count ORDER BY b.risk) FROM by_risk b WHERE b.code = g.code),
        '{}') AS risks
    FROM gone g GROUP BY g.code ORDER BY g.code`;
}

/** The totals of a choice, and its digest. */
export interface ChoiceTotals {
  readonly count: number;
  readonly points: bigint;
  readonly grossFen: Fen;
  readonly netFen: Fen;
  /** Equal only for the same numbers, amounts and states. */
  readonly digest: string;
}

/** Sums up the choice. The digest covers each number with its amounts and state. */
export async function totalChosen(tx: Transaction, decision: string): Promise<ChoiceTotals> {
  const [row] = await tx<ChoiceTotals[]>`
    SELECT count(*)::integer AS count, coalesce(sum(points), 0)::bigint AS points,
      coalesce(sum(gross_fen), 0)::bigint AS gross_fen, coalesce(sum(net_fen), 0)::bigint AS net_fen,
      left(encode(sha256(convert_to(${decision}::text || coalesce(string_agg(
        concat_ws(' ', '', withdrawal_no, points, gross_fen, net_fen, status, first_approved_by), E'\n'
          ORDER BY withdrawal_no COLLATE "C"), ''), 'UTF8')), 'hex'), 16) AS digest
    FROM chosen_withdrawals`;
  return row!;
}

/** Chosen withdrawals as they are now, in the order of their numbers. */
export async function listChosen(
  tx: Transaction,
  limit: number,
  which: Fragment = tx`true`,
): Promise<readonly DecidableWithdrawal[]> {
  return tx<DecidableWithdrawal[]>`
    SELECT w.member_id, w.withdrawal_id, w.withdrawal_no, c.member_no, w.status, w.points, w.gross_fen, w.fee_fen,
           w.net_fen, w.requested_by, w.requested_at, w.decided_by, w.decided_at, w.reason, w.approvals_needed,
           w.first_approved_by, w.approved_by, c.refusal, c.risks, ${payeeColumns(tx)}
    FROM (SELECT * FROM chosen_withdrawals WHERE ${which} ORDER BY withdrawal_no LIMIT ${limit}) c
    JOIN withdrawals w ON w.member_id = c.member_id AND w.withdrawal_id = c.withdrawal_id
    ${payeeJoin(tx)}
    ORDER BY w.withdrawal_no`;
}

/** The number of chosen withdrawals that cannot be decided, and the first of them. */
export async function refusedOfChosen(
  tx: Transaction,
  limit: number,
): Promise<{ readonly count: number; readonly first: readonly DecidableWithdrawal[] }> {
  const [row] = await tx<
    { count: number }[]
  >`SELECT count(*)::integer AS count FROM chosen_withdrawals WHERE refusal IS NOT NULL`;
  return { count: row!.count, first: row!.count === 0 ? [] : await listChosen(tx, limit, tx`refusal IS NOT NULL`) };
}
