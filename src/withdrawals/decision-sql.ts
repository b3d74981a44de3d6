import type { Sql, Transaction } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { Fen } from "../shared/money.ts";
import type { Decision, WithdrawalAmounts } from "./model.ts";
import type { DecisionFacts } from "./refusals.ts";

/** A withdrawal that was named for a decision, with all that the decision is judged by. */
export interface DecidableWithdrawal extends DecisionFacts, WithdrawalAmounts {
  readonly memberId: bigint;
  readonly withdrawalId: bigint;
  readonly points: bigint;
  readonly requestedAt: Date;
  readonly reason: string | null;
}

/** Array parameters go out as text: the driver types an array by its first element, and would declare int8 for int8[]. */
const ids = (values: readonly bigint[]): string[] => values.map(String);

/**
 * Takes the one slot in which withdrawals are decided, until the transaction ends. Decisions are few and by people: one
 * after the other they cannot approve more than the fund holds between them, nor wait for each other in a circle.
 */
export async function takeDecisionSlot(tx: Transaction): Promise<void> {
  // The row's lock is the slot: it ends with the transaction, so the row never has to say who holds it.
  await tx`INSERT INTO run_slots (name) VALUES ('withdrawal_decision') ON CONFLICT (name) DO UPDATE SET name = excluded.name`;
}

/** The withdrawals with the given numbers, in the order of their numbers; unknown numbers are simply absent. */
export async function selectDecidable(sql: Sql, withdrawalNos: readonly string[]): Promise<readonly DecidableWithdrawal[]> {
  return sql<DecidableWithdrawal[]>`
    SELECT w.member_id, w.withdrawal_id, w.withdrawal_no, m.member_no, w.status, w.points, w.gross_fen, w.fee_fen, w.net_fen,
           w.requested_by, w.requested_at, w.decided_by, w.decided_at, w.reason,
           m.status AS member_status, m.identity_verified_at IS NOT NULL AS is_verified
    FROM withdrawal_keys k
    JOIN withdrawals w ON w.member_id = k.member_id AND w.withdrawal_id = k.withdrawal_id
    JOIN members m ON m.member_id = w.member_id
    WHERE k.withdrawal_no = ANY(${[...withdrawalNos]}::text[])
    ORDER BY w.withdrawal_no`;
}

/** Who decides, when, and why. */
export interface DecisionWords {
  readonly operator: string;
  readonly at: Date;
  readonly reason: string | null;
}

/**
 * Moves withdrawals on by one conditional update.
 *
 * @returns the numbers of those that moved; one that is missing was moved by somebody else in between
 */
export async function applyDecision(
  tx: Transaction,
  withdrawals: readonly DecidableWithdrawal[],
  { from, to }: Decision,
  { operator, at, reason }: DecisionWords,
): Promise<ReadonlySet<string>> {
  const approval = to === "approved" ? tx`approved_by = ${operator},` : tx``;
  const moved = await tx<{ withdrawalNo: string }[]>`
    UPDATE withdrawals SET status = ${to}, ${approval} decided_by = ${operator}, decided_at = ${at}, reason = ${reason}
    WHERE (member_id, withdrawal_id) IN (
        SELECT * FROM unnest(${ids(withdrawals.map((one) => one.memberId))}::bigint[], ${ids(withdrawals.map((one) => one.withdrawalId))}::bigint[]))
      AND status = ANY(${[...from]}::text[])
    RETURNING withdrawal_no`;
  return new Set(moved.map(({ withdrawalNo }) => withdrawalNo));
}

/**
 * Gives held points back: the entry of each release, and the balances of all members concerned in one statement.
 *
 * @returns whether every balance had the points held; anything else is a broken ledger
 */
export async function releasePoints(
  tx: Transaction,
  withdrawals: readonly DecidableWithdrawal[],
  at: Date,
  businessDate: BusinessDate,
): Promise<boolean> {
  const members = ids(withdrawals.map((one) => one.memberId));
  const points = ids(withdrawals.map((one) => one.points));
  await tx`
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
    SELECT r.member_id, r.withdrawal_id, 2, 'release', r.points, -r.points, ${at}, ${businessDate}
    FROM unnest(${members}::bigint[], ${ids(withdrawals.map((one) => one.withdrawalId))}::bigint[], ${points}::bigint[])
      AS r (member_id, withdrawal_id, points)`;
  const { count } = await tx`
    UPDATE balances b SET available_points = b.available_points + r.points, held_points = b.held_points - r.points
    FROM (SELECT member_id, sum(points)::bigint AS points
          FROM unnest(${members}::bigint[], ${points}::bigint[]) AS u (member_id, points)
          GROUP BY member_id ORDER BY member_id) r
    WHERE b.member_id = r.member_id`;
  return count === new Set(members).size;
}

/** What has been approved and is not paid yet, in fen of gross: what the fund is committed to. */
export async function committedGrossFen(sql: Sql): Promise<Fen> {
  const [row] = await sql<{ grossFen: bigint }[]>`
    SELECT coalesce(sum(gross_fen), 0)::bigint AS gross_fen FROM withdrawals WHERE status IN ('approved', 'paying')`;
  return row!.grossFen;
}
