import type { Fragment, Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { Fen } from "../../shared/money.ts";
import { refusalBy } from "./choice-sql.ts";
import { waitingStatuses } from "./model.ts";
import { accountsOfNumber, newestOrders } from "./risk-sql.ts";
import { riskLimits } from "./risk.ts";

type WithdrawalKey = Row<"withdrawals", "memberId" | "withdrawalId">;

/** Why an approver with these names cannot approve a withdrawal that waits; null when they can. */
export async function approvalRefusal(
  sql: Sql,
  { memberId, withdrawalId }: WithdrawalKey,
  approverNames: readonly string[],
): Promise<string | null> {
  const [row] = await sql<{ refusal: string | null }[]>`
    SELECT ${refusalBy(sql, { from: waitingStatuses, approverNames, requestedBefore: undefined })} AS refusal
    FROM (
      SELECT w.status, w.requested_by, w.requested_at, w.first_approved_by, m.status AS member_status,
        m.identity_verified_at IS NOT NULL AS is_verified, b.in_debt
      FROM withdrawals w JOIN members m ON m.member_id = w.member_id JOIN balances b ON b.member_id = w.member_id
      WHERE w.member_id = ${memberId} AND w.withdrawal_id = ${withdrawalId}
    ) w`;
  return row!.refusal;
}

/** The account that a withdrawal is paid to, as a reviewer sees it. */
export interface ReviewedAccount extends Row<"payoutAccounts", "channel" | "numberMasked" | "bankName" | "closedAt"> {
  /** When it was added, or made the default after that. */
  readonly changedAt: Date;
  /** How many other members have an open account of the same number. */
  readonly otherMembers: number;
}

/** The account that a withdrawal is paid to; undefined where it has none yet. */
export async function accountOfWithdrawal(
  sql: Sql,
  { memberId, withdrawalId }: WithdrawalKey,
): Promise<ReviewedAccount | undefined> {
  const [row] = await sql<ReviewedAccount[]>`
    SELECT a.channel, a.number_masked, a.bank_name, greatest(a.added_at, a.default_at) AS changed_at, a.closed_at,
      (SELECT count(DISTINCT t.member_id)::integer
       FROM (SELECT n.member_id FROM ${accountsOfNumber(sql, sql`a.number_digest`)} n
             WHERE n.closed_at IS NULL AND n.member_id <> a.member_id
             LIMIT ${riskLimits.newest}) t) AS other_members
    FROM withdrawals w JOIN payout_accounts a ON a.member_id = w.member_id AND a.account_id = w.account_id
    WHERE w.member_id = ${memberId} AND w.withdrawal_id = ${withdrawalId}`;
  return row;
}

/** A member's orders at one merchant, and their points. */
export interface PointsSource {
  readonly merchantCode: string;
  readonly merchantName: string;
  readonly orders: number;
  /** How many of them no channel shows the payment of; none where no evidence is kept. */
  readonly unevidencedOrders: number;
  readonly amountFen: Fen;
  readonly refundedFen: Fen;
  readonly points: bigint;
}

/**
 * The merchants of a member's newest paid orders, the one with the most points first.
 *
 * @param lacksEvidence whether an order `o` lacks evidence of its payment
 */
export async function pointsSourcesOf(
  sql: Sql,
  memberId: bigint,
  lacksEvidence: Fragment,
): Promise<readonly PointsSource[]> {
  return sql<PointsSource[]>`
    SELECT m.merchant_code, m.name AS merchant_name, t.orders, t.unevidenced_orders, t.amount_fen, t.refunded_fen,
      t.points
    FROM (
      SELECT o.merchant_id, count(*)::integer AS orders,
        (count(*) FILTER (WHERE ${lacksEvidence}))::integer AS unevidenced_orders,
        sum(o.amount_fen)::bigint AS amount_fen, sum(o.refunded_fen)::bigint AS refunded_fen,
        coalesce(sum(p.points), 0)::bigint AS points
      FROM (${newestOrders(sql, sql`${memberId}`)}) o
      LEFT JOIN LATERAL (
        SELECT sum(e.available_points) AS points FROM points_entries e
        WHERE e.member_id = o.member_id AND e.ref_id = o.order_id
      ) p ON true
      GROUP BY o.merchant_id
    ) t
    JOIN merchants m ON m.merchant_id = t.merchant_id
    ORDER BY t.points DESC, m.merchant_code`;
}

/** Another withdrawal of the same member. */
export interface OtherWithdrawal extends Row<"withdrawals", "withdrawalNo" | "businessDate" | "points" | "status"> {
  /** The number of the member's other withdrawals, and of the paid ones among them. */
  readonly others: number;
  readonly paid: number;
}

/** A member's other withdrawals, the newest `limit` of them. */
export async function otherWithdrawalsOf(
  sql: Sql,
  { memberId, withdrawalId }: WithdrawalKey,
  limit: number,
): Promise<readonly OtherWithdrawal[]> {
  return sql<OtherWithdrawal[]>`
    SELECT withdrawal_no, business_date, points, status,
      count(*) OVER ()::integer AS others, (count(*) FILTER (WHERE status = 'paid') OVER ())::integer AS paid
    FROM (SELECT * FROM withdrawals n WHERE n.member_id = ${memberId} AND n.withdrawal_id <> ${withdrawalId}
          ORDER BY n.withdrawal_id DESC LIMIT ${riskLimits.newest}) t
    ORDER BY withdrawal_id DESC LIMIT ${limit}`;
}
