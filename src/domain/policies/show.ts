import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import type { Policy } from "../../shared/policy.ts";
import { nextPolicyDate, policyOn, selectPolicies } from "./sql.ts";

/** A policy, and the business date from which the next one is in force, if one is set. */
export interface ShownPolicy {
  readonly policy: Policy;
  readonly until: BusinessDate | undefined;
}

/** The policy in force on a business date; today, when none is given. */
export async function showPolicy(
  { db, clock, zone }: Context,
  date: BusinessDate = businessDateOf(clock(), zone),
): Promise<ShownPolicy> {
  return reading(async () => ({ policy: await policyOn(db.sql, date), until: await nextPolicyDate(db.sql, date) }));
}

/** All policies, the earliest first, each with the date on which it ends. */
export async function policyHistory({ db }: Context): Promise<readonly ShownPolicy[]> {
  const policies = await reading(() => selectPolicies(db.sql));
  return policies.map((policy, index) => ({ policy, until: policies[index + 1]?.effectiveFrom }));
}
