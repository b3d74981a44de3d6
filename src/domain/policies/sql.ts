import type { Sql, Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { Policy } from "../../shared/policy.ts";

const columns = (sql: Sql) => sql`
  effective_from, contribution_bps, points_bps, grant_delay_days, point_value_fen, fee_bps, min_withdrawal_points,
  max_withdrawal_points, max_daily_points, max_platform_daily_points, two_approvers_above_fen, cooling_off_hours,
  request_expiry_days, payment_term_days, billing, grant_on, grant_evidence, min_cash_coverage_bps,
  min_contribution_bps, max_contribution_bps, proven_identity, suspend_overdue_days, set_by, set_at`;

/**
 * The policy in force on a business date: the latest revision of the newest date on or before it. `accrue init` sets
 * the first one.
 */
export async function policyOn(sql: Sql, date: BusinessDate): Promise<Policy> {
  const [row] = await sql<Policy[]>`
    SELECT ${columns(sql)} FROM policies WHERE effective_from <= (${date}::text)::date
    ORDER BY effective_from DESC, revision DESC LIMIT 1`;
  return row!;
}

/** The first business date after `date` from which another policy is in force, or undefined. */
export async function nextPolicyDate(sql: Sql, date: BusinessDate): Promise<BusinessDate | undefined> {
  const [row] = await sql<{ effectiveFrom: BusinessDate }[]>`
    SELECT effective_from FROM policies WHERE effective_from > (${date}::text)::date ORDER BY effective_from LIMIT 1`;
  return row?.effectiveFrom;
}

/** The latest revision of the policy of each date, the earliest first. */
export async function selectPolicies(sql: Sql): Promise<readonly Policy[]> {
  return sql<
    Policy[]
  >`SELECT DISTINCT ON (effective_from) ${columns(sql)} FROM policies ORDER BY effective_from, revision DESC`;
}

/** What a point was worth on each day of a span of `days` that ends with a date. */
export async function pointValuesByDay(
  sql: Sql,
  date: BusinessDate,
  days: number,
): Promise<readonly { readonly businessDate: BusinessDate; readonly pointValueFen: Fen }[]> {
  return sql<{ businessDate: BusinessDate; pointValueFen: Fen }[]>`
    SELECT s.day AS business_date, (SELECT point_value_fen FROM policies WHERE effective_from <= s.day ORDER BY effective_from DESC, revision DESC LIMIT 1)
    FROM (SELECT (${date}::text)::date - n AS day FROM generate_series(0, ${days - 1}::int) n) s ORDER BY s.day`;
}

/** Keeps other operators from setting a policy until the transaction ends; readers do not wait. */
export async function takePolicySlot(tx: Transaction): Promise<void> {
  await tx`INSERT INTO run_slots (name) VALUES ('policy') ON CONFLICT (name) DO UPDATE SET name = excluded.name`;
}

/**
 * Writes a policy; for a date that has one, as a new revision, which is in force from now on.
 *
 * @param proposalNo the proposal that it is applied of; null for the first one
 */
export async function putPolicy(tx: Transaction, policy: Policy, proposalNo: string | null): Promise<void> {
  await tx`
    INSERT INTO policies (${columns(tx)}, proposal_no, revision)
    VALUES ((${policy.effectiveFrom}::text)::date, ${policy.contributionBps}, ${policy.pointsBps},
            ${policy.grantDelayDays}, ${policy.pointValueFen}, ${policy.feeBps}, ${policy.minWithdrawalPoints},
            ${policy.maxWithdrawalPoints}, ${policy.maxDailyPoints}, ${policy.maxPlatformDailyPoints},
            ${policy.twoApproversAboveFen}, ${policy.coolingOffHours}, ${policy.requestExpiryDays},
            ${policy.paymentTermDays}, ${policy.billing}, ${policy.grantOn}, ${policy.grantEvidence},
            ${policy.minCashCoverageBps}, ${policy.minContributionBps}, ${policy.maxContributionBps},
            ${policy.provenIdentity}, ${policy.suspendOverdueDays}, ${policy.setBy}, ${policy.setAt}, ${proposalNo},
            (SELECT coalesce(max(revision), 0) + 1 FROM policies
              WHERE effective_from = (${policy.effectiveFrom}::text)::date))`;
}
