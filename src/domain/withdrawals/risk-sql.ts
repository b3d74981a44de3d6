import type { Fragment, Sql } from "../../db/database.ts";
import { riskLimits, type Risk } from "./risk.ts";

/** A query for a member's newest paid orders, the part of the history that risks are computed from. */
export const newestOrders = (sql: Sql, memberId: Fragment): Fragment => sql`
  SELECT * FROM orders n WHERE n.member_id = ${memberId} AND n.paid_at IS NOT NULL AND n.status <> 'void' ORDER BY n.order_id DESC
  LIMIT ${riskLimits.newest}`;

/**
 * The risks of each withdrawal of a set: a query for member_id, withdrawal_id, risks. It reads the newest rows of each
 * member, so the cost follows the set, not the history.
 *
 * @param subjects a query for member_id, withdrawal_id, points, requested_at, account_id
 * @param lacksEvidence whether an order `o` lacks evidence of its payment
 */
export const riskRows = (sql: Sql, subjects: Fragment, lacksEvidence: Fragment): Fragment => sql`
  SELECT s.member_id, s.withdrawal_id, array_remove(ARRAY[
      CASE WHEN b.in_debt THEN 'member_in_debt' END,
      CASE WHEN m.registered_at > s.requested_at - make_interval(days => ${riskLimits.newAccountDays})
        THEN 'new_account' END,
      CASE WHEN greatest(a.added_at,
      a.default_at) > s.requested_at - make_interval(days => ${riskLimits.changedAccountDays})
        THEN 'payout_account_changed' END, CASE WHEN o.merchants = 1 THEN 'single_merchant' END,
      CASE WHEN o.refunded_fen * 10000 > o.amount_fen * ${riskLimits.refundBps}::bigint THEN 'many_refunds' END,
      CASE WHEN o.unevidenced_fen * 10000 > o.amount_fen * ${riskLimits.withoutEvidenceBps}::bigint
        THEN 'without_evidence' END,
      CASE WHEN u.earlier >= ${riskLimits.usualAfter} AND s.points * u.earlier > u.points * ${riskLimits.usualTimes}
        THEN 'unusual_amount' END,
      CASE WHEN x.members >= ${riskLimits.sharedBy} THEN 'shared_payout_account' END
    ], NULL) AS risks
  FROM (${subjects}) s
  JOIN members m ON m.member_id = s.member_id
  JOIN balances b ON b.member_id = s.member_id
  LEFT JOIN payout_accounts a ON a.member_id = s.member_id AND a.account_id = s.account_id
  LEFT JOIN LATERAL (
    SELECT count(DISTINCT o.merchant_id) AS merchants, sum(o.amount_fen)::bigint AS amount_fen,
      sum(o.refunded_fen)::bigint AS refunded_fen, sum(o.amount_fen)
        FILTER (WHERE ${lacksEvidence})::bigint AS unevidenced_fen
    FROM (${newestOrders(sql, sql`s.member_id`)}) o
  ) o ON true
  LEFT JOIN LATERAL (
    SELECT count(*) AS earlier, sum(t.points)::bigint AS points
    FROM (SELECT n.points FROM withdrawals n
          WHERE n.member_id = s.member_id AND n.withdrawal_id < s.withdrawal_id
            AND n.status IN ('approved', 'paying', 'paid')
          ORDER BY n.withdrawal_id DESC LIMIT ${riskLimits.newest}) t
  ) u ON true
  LEFT JOIN LATERAL (
    SELECT count(DISTINCT t.member_id) AS members
    FROM (SELECT n.member_id FROM ${accountsOfNumber(sql, sql`a.number_digest`)} n
      WHERE n.closed_at IS NULL LIMIT ${riskLimits.newest}) t
  ) x ON true`;

/**
 * The accounts of a number, open or not. Not narrowed to the open ones here: the planner would take the index of those,
 * which is by member first, and read all of it for each number.
 */
export const accountsOfNumber = (sql: Sql, digest: Fragment): Fragment =>
  sql`(SELECT member_id, closed_at FROM payout_accounts WHERE number_digest = ${digest} OFFSET 0)`;

/** The risks of some withdrawals by withdrawal id; an empty list where there are none. */
export async function risksOf(
  sql: Sql,
  withdrawals: readonly { readonly memberId: bigint; readonly withdrawalId: bigint }[],
  lacksEvidence: Fragment,
): Promise<ReadonlyMap<bigint, readonly Risk[]>> {
  const rows = await sql<{ withdrawalId: bigint; risks: Risk[] }[]>`
    SELECT withdrawal_id, risks FROM (${riskRows(
      sql,
      sql`
      SELECT w.member_id, w.withdrawal_id, w.points, w.requested_at, w.account_id
      FROM unnest(${withdrawals.map(({ memberId }) => `${memberId}`)}::bigint[],
        ${withdrawals.map(({ withdrawalId }) => `${withdrawalId}`)}::bigint[])
        AS k (member_id, withdrawal_id)
      JOIN withdrawals w ON w.member_id = k.member_id AND w.withdrawal_id = k.withdrawal_id`,
      lacksEvidence,
    )}) r`;
  return new Map(rows.map(({ withdrawalId, risks }) => [withdrawalId, risks]));
}
