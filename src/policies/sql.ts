import type { Sql, Transaction } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { Policy } from "../shared/policy.ts";

const columns = (sql: Sql) => sql`
  effective_from, contribution_bps, points_bps, grant_delay_days, point_value_fen, fee_bps, min_withdrawal_points, max_withdrawal_points,
  max_daily_points, max_platform_daily_points, two_approvers_above_fen, cooling_off_hours, request_expiry_days, set_by, set_at`;

/** The policy in force on a business date: the newest one on or before it. There always is one, from `accrue init` on. */
export async function policyOn(sql: Sql, date: BusinessDate): Promise<Policy> {
  const [row] = await sql<Policy[]>`
    SELECT ${columns(sql)} FROM policies WHERE effective_from <= (${date}::text)::date ORDER BY effective_from DESC LIMIT 1`;
  return row!;
}

/** The first business date behind `date` from which another policy is in force, or undefined. */
export async function nextPolicyDate(sql: Sql, date: BusinessDate): Promise<BusinessDate | undefined> {
  const [row] = await sql<{ effectiveFrom: BusinessDate }[]>`
    SELECT effective_from FROM policies WHERE effective_from > (${date}::text)::date ORDER BY effective_from LIMIT 1`;
  return row?.effectiveFrom;
}

/** Every policy there ever was or is to come, the earliest first. */
export async function selectPolicies(sql: Sql): Promise<readonly Policy[]> {
  return sql<Policy[]>`SELECT ${columns(sql)} FROM policies ORDER BY effective_from`;
}

/** Keeps other operators from setting a policy until the transaction ends; readers are not held up. */
export async function lockPolicies(tx: Transaction): Promise<void> {
  await tx`LOCK TABLE policies IN SHARE ROW EXCLUSIVE MODE`;
}

/** Writes a policy, over the one that was set for the same date. */
export async function putPolicy(tx: Transaction, policy: Policy): Promise<void> {
  await tx`
    INSERT INTO policies (${columns(tx)})
    VALUES ((${policy.effectiveFrom}::text)::date, ${policy.contributionBps}, ${policy.pointsBps}, ${policy.grantDelayDays}, ${policy.pointValueFen},
            ${policy.feeBps}, ${policy.minWithdrawalPoints}, ${policy.maxWithdrawalPoints}, ${policy.maxDailyPoints}, ${policy.maxPlatformDailyPoints},
            ${policy.twoApproversAboveFen}, ${policy.coolingOffHours}, ${policy.requestExpiryDays}, ${policy.setBy}, ${policy.setAt})
    ON CONFLICT (effective_from) DO UPDATE SET
      contribution_bps = excluded.contribution_bps, points_bps = excluded.points_bps, grant_delay_days = excluded.grant_delay_days,
      point_value_fen = excluded.point_value_fen, fee_bps = excluded.fee_bps, min_withdrawal_points = excluded.min_withdrawal_points,
      max_withdrawal_points = excluded.max_withdrawal_points, max_daily_points = excluded.max_daily_points,
      max_platform_daily_points = excluded.max_platform_daily_points, two_approvers_above_fen = excluded.two_approvers_above_fen,
      cooling_off_hours = excluded.cooling_off_hours, request_expiry_days = excluded.request_expiry_days,
      set_by = excluded.set_by, set_at = excluded.set_at`;
}
