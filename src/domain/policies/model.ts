import type { BusinessDate } from "../../shared/business-date.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { PolicyTerms } from "../../shared/policy.ts";
import { formatRate, fullBps, type Bps } from "../../shared/rates.ts";

/** The policy of a new platform. */
export const initialTerms: PolicyTerms = {
  contributionBps: 3000,
  pointsBps: 7000,
  grantDelayDays: 0,
  pointValueFen: 100n,
  feeBps: 500,
  minWithdrawalPoints: 10n,
  maxWithdrawalPoints: 50_000n,
  maxDailyPoints: 100_000n,
  maxPlatformDailyPoints: null,
  twoApproversAboveFen: 1_000_000n,
  coolingOffHours: 24,
  requestExpiryDays: 30,
  paymentTermDays: 15,
  billing: "by_hand",
  grantOn: "paid_order",
  grantEvidence: "none",
  minCashCoverageBps: null,
  minContributionBps: null,
  maxContributionBps: null,
  provenIdentity: null,
  suspendOverdueDays: null,
};

const names = Object.keys(initialTerms) as (keyof PolicyTerms)[];

/** What is proposed of a policy: the terms that change from a date on, by their columns. */
export type PolicyDocument = { readonly effective_from: BusinessDate; readonly terms: JsonObject };

/** A term's name as the database and JSON have it. */
export const columnOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Terms as a document has them: amounts and points as text. */
export const termsToJson = (terms: Partial<PolicyTerms>): JsonObject =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = terms[name];
      return value === undefined ? [] : [[columnOf(name), typeof value === "bigint" ? value.toString() : value]];
    }),
  );

/** The inverse of `termsToJson`. */
export const termsFromJson = (json: JsonObject): Partial<PolicyTerms> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = json[columnOf(name)];
      if (value === undefined) return [];
      return [[name, typeof value === "string" && /^\d+$/.test(value) ? BigInt(value) : value]];
    }),
  ) as Partial<PolicyTerms>;

/** The terms in which two policies differ, in the order in which terms are shown. */
export const changedTerms = (was: PolicyTerms, now: PolicyTerms): readonly (keyof PolicyTerms)[] =>
  names.filter((name) => was[name] !== now[name]);

/** A change that gives away money or a safeguard, with its effect in words. */
export interface SevereChange {
  readonly name: keyof PolicyTerms;
  readonly why: string;
}

/** The changes between two policies that an operator has to confirm one by one. */
export function severeChanges(was: PolicyTerms, now: PolicyTerms): readonly SevereChange[] {
  const changes: readonly (SevereChange & { readonly isMade: boolean })[] = [
    {
      name: "pointValueFen",
      why: "every point that members hold is worth more",
      isMade: now.pointValueFen > was.pointValueFen,
    },
    {
      name: "twoApproversAboveFen",
      why: "one operator alone approves any amount",
      isMade: isSecondApproverDropped(was, now),
    },
    {
      name: "coolingOffHours",
      why: "money goes to a new payout account at once",
      isMade: was.coolingOffHours > 0 && now.coolingOffHours === 0,
    },
    {
      name: "grantOn",
      why: "points are granted before merchants have paid for them",
      isMade: was.grantOn === "collection" && now.grantOn === "paid_order",
    },
    {
      name: "grantEvidence",
      why: "points are granted for orders that no channel has seen paid",
      isMade: was.grantEvidence === "required" && now.grantEvidence === "none",
    },
    {
      name: "minCashCoverageBps",
      why: "withdrawals leave less cash behind the points",
      isMade: (now.minCashCoverageBps ?? 0) < (was.minCashCoverageBps ?? 0),
    },
    {
      name: "provenIdentity",
      why: "whoever types an operator's name approves as them",
      isMade:
        was.provenIdentity !== now.provenIdentity && (now.provenIdentity === false || was.provenIdentity === true),
    },
  ];
  return changes.filter(({ isMade }) => isMade).map(({ name, why }) => ({ name, why }));
}

/** Whether a rule of two approvers is dropped, or raised above what any withdrawal can reach. */
function isSecondApproverDropped(
  { twoApproversAboveFen: before }: PolicyTerms,
  { twoApproversAboveFen: after, maxWithdrawalPoints, pointValueFen }: PolicyTerms,
): boolean {
  if (before === null) return false;
  return after === null || (after > before && after >= maxWithdrawalPoints * pointValueFen);
}

/** The lowest and the highest rate that merchants may have; from nothing to all where a policy says neither. */
export const rateBounds = ({
  minContributionBps,
  maxContributionBps,
}: Pick<PolicyTerms, "minContributionBps" | "maxContributionBps">): { readonly least: Bps; readonly most: Bps } => ({
  least: minContributionBps ?? 0,
  most: maxContributionBps ?? Number(fullBps),
});

/**
 * Why terms cannot be a policy, or undefined when they can: each within its bounds, and limits that rise from a request
 * to a day.
 */
export function termsProblem(terms: PolicyTerms): string | undefined {
  if (terms.feeBps > 9999) return "the fee has to leave something to pay out: it is below 100%";
  if (terms.grantDelayDays > 365) return "the grant delay is at most 365 days";
  if (terms.pointValueFen < 1n || terms.pointValueFen > 1_000_000n) return "a point is worth 0.01 to 10000.00 yuan";
  if (terms.coolingOffHours > 8760) return "the cooling-off is at most 8760 hours, a year";
  if (terms.requestExpiryDays !== null && (terms.requestExpiryDays < 1 || terms.requestExpiryDays > 365))
    return "requests expire after 1 to 365 days";
  if (terms.paymentTermDays > 365) return "bills are due within 365 days";
  const { least, most } = rateBounds(terms);
  if (terms.contributionBps < least || terms.contributionBps > most)
    return `the contribution of merchants without a rate of their own (${formatRate(terms.contributionBps)}) is within the bounds of rates, ${formatRate(least)} to ${formatRate(most)}`;
  if (terms.suspendOverdueDays !== null && (terms.suspendOverdueDays < 1 || terms.suspendOverdueDays > 365))
    return "merchants are suspended when a bill is overdue for 1 to 365 days";
  if (terms.minCashCoverageBps === 0) return "a cash coverage of 0% is none: say so";
  return limitsProblem(terms);
}

function limitsProblem({
  minWithdrawalPoints,
  maxWithdrawalPoints,
  maxDailyPoints,
  maxPlatformDailyPoints,
}: PolicyTerms): string | undefined {
  if (minWithdrawalPoints < 1n) return "the minimum of one withdrawal is 1 point or more";
  if (maxWithdrawalPoints < minWithdrawalPoints) {
    return `the maximum of one withdrawal (${maxWithdrawalPoints} points) cannot be below the minimum (${minWithdrawalPoints})`;
  }
  if (maxDailyPoints < maxWithdrawalPoints) {
    return `a member's limit of a day (${maxDailyPoints} points) cannot be below the maximum of one withdrawal (${maxWithdrawalPoints})`;
  }
  if (maxPlatformDailyPoints === null || maxPlatformDailyPoints >= maxDailyPoints) return undefined;
  return `the platform's limit of a day (${maxPlatformDailyPoints} points) cannot be below that of one member (${maxDailyPoints})`;
}
