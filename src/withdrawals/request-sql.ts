import type { Sql, Transaction } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { Fen } from "../shared/money.ts";
import type { Policy } from "../shared/policy.ts";
import type { WithdrawalAmounts } from "./model.ts";

/** The member who wants to withdraw. */
export interface Requester {
  readonly memberId: bigint;
  readonly memberNo: string;
  readonly status: "active" | "frozen" | "closed";
  readonly isVerified: boolean;
}

/** Finds a member by its number, or undefined. */
export async function findRequester(sql: Sql, memberNo: string): Promise<Requester | undefined> {
  const [row] = await sql<Requester[]>`
    SELECT m.member_id, m.member_no, m.status, m.identity_verified_at IS NOT NULL AS is_verified
    FROM member_numbers n JOIN members m ON m.member_id = n.member_id
    WHERE n.member_no = ${memberNo}`;
  return row;
}

/**
 * Moves points from available to held if there are enough. This is also what makes two requests of one member queue up,
 * so it goes before everything that a request is judged by.
 *
 * @returns false when too few are available; then nothing moved
 */
export async function holdPoints(tx: Transaction, memberId: bigint, points: bigint): Promise<boolean> {
  const { count } = await tx`
    UPDATE balances SET available_points = available_points - ${points}, held_points = held_points + ${points}
    WHERE member_id = ${memberId} AND available_points >= ${points}`;
  return count === 1;
}

/** The points a member has available, in this transaction. */
export async function availablePoints(tx: Transaction, memberId: bigint): Promise<bigint> {
  const [row] = await tx<{ availablePoints: bigint }[]>`SELECT available_points FROM balances WHERE member_id = ${memberId}`;
  return row!.availablePoints;
}

/** What a member's requests of a business date come to, in points; those that ended without payment do not count. */
export async function requestedPointsOn(tx: Transaction, memberId: bigint, businessDate: BusinessDate): Promise<bigint> {
  const [row] = await tx<{ points: bigint }[]>`
    SELECT coalesce(sum(points), 0)::bigint AS points FROM withdrawals
    WHERE member_id = ${memberId} AND business_date = ${businessDate} AND status NOT IN ('rejected', 'cancelled', 'expired', 'failed')`;
  return row!.points;
}

/** The gross of all withdrawals that still hold points, in fen. */
export async function openGrossFen(sql: Sql): Promise<Fen> {
  const [row] = await sql<{ grossFen: bigint }[]>`
    SELECT coalesce(sum(gross_fen), 0)::bigint AS gross_fen FROM withdrawals WHERE status IN ('requested', 'approved', 'paying')`;
  return row!.grossFen;
}

/** The ids of a new withdrawal: the one that entries refer to, and the number that its own number is made of. */
export async function nextWithdrawalIds(tx: Transaction): Promise<{ readonly withdrawalId: bigint; readonly sequence: bigint }> {
  const [row] = await tx<{ withdrawalId: bigint; sequence: bigint }[]>`
    SELECT nextval('id_seq') AS withdrawal_id, nextval('withdrawal_no_seq') AS sequence`;
  return row!;
}

/** A request as it is written; its amounts and the policy they come from never change again. */
export interface NewWithdrawal extends WithdrawalAmounts {
  readonly memberId: bigint;
  readonly withdrawalId: bigint;
  readonly withdrawalNo: string;
  readonly points: bigint;
  readonly policy: Pick<Policy, "pointValueFen" | "feeBps">;
  readonly businessDate: BusinessDate;
  readonly requestedBy: string;
  readonly requestedAt: Date;
}

/** Writes a request, its number, and the entry of its hold. */
export async function insertWithdrawal(tx: Transaction, withdrawal: NewWithdrawal): Promise<void> {
  const { memberId, withdrawalId, withdrawalNo, points, policy, grossFen, feeFen, netFen, businessDate, requestedBy, requestedAt } = withdrawal;
  await tx`INSERT INTO withdrawal_keys (withdrawal_no, member_id, withdrawal_id) VALUES (${withdrawalNo}, ${memberId}, ${withdrawalId})`;
  await tx`
    INSERT INTO withdrawals (member_id, withdrawal_id, withdrawal_no, status, points, point_value_fen, fee_bps, gross_fen, fee_fen, net_fen,
                             business_date, requested_by, requested_at)
    VALUES (${memberId}, ${withdrawalId}, ${withdrawalNo}, 'requested', ${points}, ${policy.pointValueFen}, ${policy.feeBps},
            ${grossFen}, ${feeFen}, ${netFen}, ${businessDate}, ${requestedBy}, ${requestedAt})`;
  await tx`
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
    VALUES (${memberId}, ${withdrawalId}, 1, 'hold', ${-points}, ${points}, ${requestedAt}, ${businessDate})`;
}
