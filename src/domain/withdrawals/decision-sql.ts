import { send, type Fragment, type Sql, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { WithdrawalStatus } from "./model.ts";

/**
 * Keeps all other decisions waiting until the transaction ends. One after the other they cannot together approve more
 * than the fund holds, nor deadlock.
 */
export async function takeDecisionSlot(tx: Transaction): Promise<void> {
  // The lock on the row is enough; the row does not have to name its holder.
  await tx`INSERT INTO run_slots (name) VALUES ('withdrawal_decision')
    ON CONFLICT (name) DO UPDATE SET name = excluded.name`;
}

export interface DecisionWords {
  readonly operator: string;
  readonly at: Date;
  readonly reason: string | null;
}

/** Whether this approval is the last that a chosen withdrawal needs. */
const isLast = (sql: Sql): Fragment => sql`(c.approvals_needed = 1 OR c.first_approved_by IS NOT NULL)`;

/**
 * Approves the chosen withdrawals by one conditional update: the first of two approvals is noted, the last one changes
 * the state. The risks at the time are stored with each.
 *
 * @returns how many were updated; fewer than chosen when another session changed some
 */
export async function approveChosen(tx: Transaction, { operator, at, reason }: DecisionWords): Promise<number> {
  const last = isLast(tx);
  const { count } = await joiningByIndex(tx, () =>
    send(tx`
    UPDATE withdrawals w SET
      status = CASE WHEN ${last} THEN 'approved' ELSE w.status END,
      approved_by = CASE WHEN ${last} THEN ${operator}::text END,
      approval_risks = CASE WHEN ${last} THEN c.risks END,
      decided_by = CASE WHEN ${last} THEN ${operator}::text END,
      decided_at = CASE WHEN ${last} THEN ${at}::timestamptz END,
      reason = CASE WHEN ${last} THEN ${reason}::text END,
      first_approved_by = CASE WHEN ${last} THEN w.first_approved_by ELSE ${operator}::text END,
      first_approved_at = CASE WHEN ${last} THEN w.first_approved_at ELSE ${at}::timestamptz END,
      first_approval_risks = CASE WHEN ${last} THEN w.first_approval_risks ELSE c.risks END
    FROM chosen_withdrawals c
    WHERE w.member_id = c.member_id AND w.withdrawal_id = c.withdrawal_id
      AND w.status = c.status AND w.first_approved_by IS NOT DISTINCT FROM c.first_approved_by`),
  );
  return count;
}

/**
 * Ends the chosen withdrawals without payment, by one conditional update. @returns how many, as `approveChosen` does
 */
export async function endChosen(
  tx: Transaction,
  to: WithdrawalStatus,
  { operator, at, reason }: DecisionWords,
): Promise<number> {
  const { count } = await joiningByIndex(tx, () =>
    send(tx`
    UPDATE withdrawals w SET status = ${to}, decided_by = ${operator}, decided_at = ${at}, reason = ${reason}
    FROM chosen_withdrawals c WHERE w.member_id = c.member_id AND w.withdrawal_id = c.withdrawal_id
      AND w.status = c.status`),
  );
  return count;
}

/**
 * Releases held points: writes the entries, changes the balances, and assigns the ids of the journal transactions, in
 * one statement.
 *
 * @returns false when a balance did not hold the points, which means a broken ledger
 */
export async function releaseChosen(tx: Transaction, at: Date, businessDate: BusinessDate): Promise<boolean> {
  await tx`UPDATE chosen_withdrawals SET journal_id = nextval('journal_id_seq')`;
  await tx`
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at,
      business_date)
    SELECT member_id, withdrawal_id, 2, 'release', points, -points, ${at}::timestamptz, ${businessDate}::date
    FROM chosen_withdrawals ORDER BY member_id, withdrawal_id`;
  const { count } = await joiningByIndex(tx, () =>
    send(tx`
    UPDATE balances b SET available_points = b.available_points + r.points, held_points = b.held_points - r.points
    FROM (SELECT member_id, sum(points)::bigint AS points FROM chosen_withdrawals GROUP BY member_id
      ORDER BY member_id) r
    WHERE b.member_id = r.member_id`),
  );
  const [row] = await tx<
    { members: number }[]
  >`SELECT count(DISTINCT member_id)::integer AS members FROM chosen_withdrawals`;
  return count === row!.members;
}

/** A query for subject and details of each decision's record. */
export const decisionRecords = (tx: Transaction, reason: string | null): Fragment => tx`
  SELECT withdrawal_no AS subject,
    jsonb_build_object('member_no', member_no,
      'gross', (gross_fen / 100) || '.' || lpad((gross_fen % 100)::text, 2, '0'), 'reason', ${reason}::text)
    || CASE WHEN risks <> '{}' THEN jsonb_build_object('risks', array_to_string(risks, ' ')) ELSE '{}' END
    || CASE WHEN risks IS NOT NULL AND approvals_needed = 2
         THEN jsonb_build_object('approval', CASE WHEN first_approved_by IS NULL THEN '1 of 2' ELSE '2 of 2' END)
           ELSE '{}' END AS details
  FROM chosen_withdrawals ORDER BY withdrawal_no`;

/**
 * The gross of withdrawals that are approved, if only by the first of two operators, and not paid, in fen: the fund is
 * committed to it.
 */
export async function committedGrossFen(sql: Sql): Promise<Fen> {
  const [row] = await sql<{ grossFen: bigint }[]>`
    SELECT coalesce(sum(gross_fen), 0)::bigint AS gross_fen FROM (
      SELECT gross_fen FROM withdrawals WHERE status IN ('approved', 'paying')
      UNION ALL
      SELECT gross_fen FROM withdrawals WHERE status = 'requested' AND first_approved_by IS NOT NULL
    ) w`;
  return row!.grossFen;
}
