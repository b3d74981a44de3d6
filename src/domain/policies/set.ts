import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading, type Sql, type Transaction } from "../../db/database.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError, usageError } from "../../shared/errors.ts";
import { identityNotProven } from "../operators/refusals.ts";
import type { Policy, PolicyTerms } from "../../shared/policy.ts";
import { changedTerms, columnOf, severeChanges, termsProblem, type SevereChange } from "./model.ts";
import { nextPolicyDate, policyOn, putPolicy } from "./sql.ts";

/** The terms to change from a business date on; the others stay as they are in force on that date. */
export interface PolicyChange {
  readonly effectiveFrom: BusinessDate;
  readonly terms: Partial<PolicyTerms>;
}

/** What an operator confirms: the terms before and after, and how long they last. */
export interface PolicyPlan {
  readonly change: PolicyChange;
  readonly was: Policy;
  readonly now: PolicyTerms;
  readonly changed: readonly (keyof PolicyTerms)[];
  /** Changes that have to be confirmed one by one. */
  readonly severe: readonly SevereChange[];
  /** False when the same terms are set for the same date already. */
  readonly isNew: boolean;
  /** The date from which a later policy is in force, if one is set. */
  readonly until: BusinessDate | undefined;
}

/**
 * Plans a change of policy; changes nothing.
 *
 * @throws a usage error for terms that cannot be a policy; refused for a date in the past
 */
export async function planPolicy(context: Context, change: PolicyChange): Promise<PolicyPlan> {
  requireNotPast(context, change.effectiveFrom);
  return reading(() => plan(context.db.sql, change));
}

/**
 * Sets a policy from a business date on. What was requested, approved or granted before keeps its frozen terms. Terms
 * that are in force already are set all the same, so that the result does not depend on the order in which two dates
 * are set.
 *
 * @throws what `planPolicy` throws; refused `identity_not_proven`
 */
export async function setPolicy(
  tx: Transaction,
  context: Context,
  change: PolicyChange,
  proposalNo: string,
): Promise<PolicyPlan> {
  const { effectiveFrom } = change;
  requireNotPast(context, effectiveFrom);
  const present = await plan(tx, change);
  if (!present.isNew) return present;
  // Whoever wants approvals to be proven has to be, or nobody could approve anything any more.
  const { provenIdentity } = present.now;
  if (present.changed.includes("provenIdentity") && provenIdentity === true && context.operator.identity === "asserted")
    throw identityNotProven(context.operator);
  const policy = { ...present.now, effectiveFrom, setBy: context.operator.name, setAt: context.clock() };
  await putPolicy(tx, policy, proposalNo);
  await recordAction(tx, context, {
    action: "policy.set",
    subjectKind: "policy",
    subject: effectiveFrom,
    details: Object.fromEntries(
      present.changed.map((name) => [
        columnOf(name),
        `${valueText(present.was[name])} -> ${valueText(present.now[name])}`,
      ]),
    ),
  });
  return present;
}

async function plan(sql: Sql, change: PolicyChange): Promise<PolicyPlan> {
  const was = await policyOn(sql, change.effectiveFrom);
  const now = { ...was, ...change.terms };
  const problem = termsProblem(now);
  if (problem !== undefined)
    throw usageError("invalid_policy", problem, { hint: "`accrue policy show` shows the terms in force" });
  const changed = changedTerms(was, now);
  const isNew = changed.length > 0 || was.effectiveFrom !== change.effectiveFrom;
  const until = await nextPolicyDate(sql, change.effectiveFrom);
  return { change, was, now, changed, severe: severeChanges(was, now), isNew, until };
}

/** A term's value in the record: a plain number of its own unit. */
const valueText = (value: bigint | number | string | boolean | null): string =>
  value === null ? "none" : value.toString();

function requireNotPast({ clock, zone }: Context, effectiveFrom: BusinessDate): void {
  const today = businessDateOf(clock(), zone);
  if (effectiveFrom >= today) return;
  throw refusedError("policy_in_the_past", `a policy cannot count from ${effectiveFrom}: that day is over`, {
    hint: `set it for today, ${today}, or a later date`,
    details: { effective_from: effectiveFrom, today },
  });
}
