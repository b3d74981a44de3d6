import { coolingOffEnd } from "../accounts/model.ts";
import { formatInstant, type BusinessDate } from "../../shared/business-date.ts";
import { AccrueError, refusedError, type ErrorFacts } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import type { Policy } from "../../shared/policy.ts";
import type { WithdrawalStatus } from "./model.ts";

/** The facts that decide about a request. */
export interface RequestFacts {
  readonly memberNo: string;
  readonly memberStatus: "active" | "frozen" | "closed";
  readonly isVerified: boolean;
  readonly points: bigint;
  readonly grossFen: Fen;
  readonly feeFen: Fen;
  readonly netFen: Fen;
  readonly availablePoints: bigint;
  /** The points of the member's other requests of the business date, except those that ended without payment. */
  readonly dailyPoints: bigint;
  /** The same of all members. Ignored where the policy has no limit for it. */
  readonly platformPoints: bigint;
  readonly businessDate: BusinessDate;
  readonly namesAccount: boolean;
  readonly isHolderOther: boolean;
  readonly accountId: bigint | null;
  readonly accountsChangedAt: Date | null;
  readonly now: Date;
  readonly zone: string;
  /** The points fund less the gross of all open withdrawals. */
  readonly freeFundFen: Fen;
  readonly policy: Policy;
}

/** Why a request is refused: the first reason that holds, in the rule's order; undefined when none does. */
export function requestRefusal(facts: RequestFacts): AccrueError | undefined {
  return (
    memberRefusal(facts) ?? accountRefusal(facts) ?? limitRefusal(facts) ?? netRefusal(facts) ?? coverRefusal(facts)
  );
}

function memberRefusal({ memberNo, memberStatus, isVerified }: RequestFacts): AccrueError | undefined {
  const details = { member_no: memberNo };
  if (memberStatus === "frozen") {
    return refusedError("member_frozen", `member ${memberNo} is frozen: a frozen member cannot withdraw`, {
      hint: `\`accrue member show ${memberNo}\` says why; \`accrue member unfreeze\` lifts it`,
      details,
    });
  }
  if (memberStatus === "closed") {
    return refusedError("member_closed", `member ${memberNo} is closed: a closed member cannot withdraw`, {
      hint: `\`accrue member show ${memberNo}\` says who closed it and when`,
      details,
    });
  }
  if (isVerified) return undefined;
  return refusedError("identity_unverified", `the identity of member ${memberNo} is not verified`, {
    hint: `verify it, then \`accrue member verify-identity ${memberNo}\``,
    details,
  });
}

function accountRefusal({
  memberNo,
  namesAccount,
  isHolderOther,
  accountId,
  accountsChangedAt,
  policy,
  now,
  zone,
}: RequestFacts): AccrueError | undefined {
  if (isHolderOther) {
    return refusedError(
      "account_holder_differs",
      `the holder of the account has another name than member ${memberNo}`,
      {
        hint: "a withdrawal is paid to the member's own account; mend the name, or the member number",
        details: { member_no: memberNo },
      },
    );
  }
  if (namesAccount && accountId === null) {
    return refusedError("account_unknown", `member ${memberNo} has no such open payout account`, {
      hint: `\`accrue account list ${memberNo}\` shows the member's accounts; \`accrue account add\` adds one`,
      details: { member_no: memberNo },
    });
  }
  const end = coolingOffEnd(accountsChangedAt, policy.coolingOffHours, now);
  if (end === undefined) return undefined;
  const until = formatInstant(end, zone);
  return refusedError(
    "withdrawal_cooling_off",
    `a payout account of member ${memberNo} was added or made the default: the member can withdraw again from ${until}`,
    {
      hint: `request again from ${until}; \`accrue account list ${memberNo}\` shows the accounts`,
      details: { member_no: memberNo, until: end.toISOString() },
    },
  );
}

function limitRefusal(facts: RequestFacts): AccrueError | undefined {
  const { memberNo, points, dailyPoints, businessDate, policy } = facts;
  const { minWithdrawalPoints, maxWithdrawalPoints, maxDailyPoints } = policy;
  if (points < minWithdrawalPoints) {
    return refusedError(
      "withdrawal_below_minimum",
      `${points} points are below the minimum of ${minWithdrawalPoints} for one withdrawal`,
      { hint: `request ${minWithdrawalPoints} points or more`, details: { points, minimum: minWithdrawalPoints } },
    );
  }
  if (points > maxWithdrawalPoints) {
    return refusedError(
      "withdrawal_over_request_limit",
      `${points} points are over the limit of ${maxWithdrawalPoints} for one withdrawal`,
      { hint: `request ${maxWithdrawalPoints} points or fewer`, details: { points, limit: maxWithdrawalPoints } },
    );
  }
  if (dailyPoints + points <= maxDailyPoints) return platformLimitRefusal(facts);
  return refusedError(
    "withdrawal_over_daily_limit",
    `member ${memberNo} requested ${dailyPoints} points on ${businessDate}; ${points} more are over the limit of ${maxDailyPoints} for one day`,
    {
      hint:
        dailyPoints < maxDailyPoints
          ? `${maxDailyPoints - dailyPoints} points are left for ${businessDate}`
          : "request again on the next day",
      details: {
        member_no: memberNo,
        business_date: businessDate,
        requested_points: dailyPoints,
        points,
        limit: maxDailyPoints,
      },
    },
  );
}

function platformLimitRefusal({
  points,
  platformPoints,
  businessDate,
  policy: { maxPlatformDailyPoints },
}: RequestFacts): AccrueError | undefined {
  if (maxPlatformDailyPoints === null || platformPoints + points <= maxPlatformDailyPoints) return undefined;
  return refusedError(
    "withdrawal_over_platform_limit",
    `all members requested ${platformPoints} points on ${businessDate}; ${points} more are over the platform's limit of ${maxPlatformDailyPoints} for one day`,
    {
      hint: "request again on the next day; `accrue policy show` shows the limits",
      details: { business_date: businessDate, requested_points: platformPoints, points, limit: maxPlatformDailyPoints },
    },
  );
}

function netRefusal({ points, grossFen, feeFen, netFen }: RequestFacts): AccrueError | undefined {
  if (netFen > 0n) return undefined;
  const worth = `${points === 1n ? "1 point is" : `${points} points are`} worth ${formatYuan(grossFen)} yuan`;
  return refusedError("withdrawal_net_zero", `${worth} and the fee is ${formatYuan(feeFen)}: nothing would be paid`, {
    hint: "request more points; `accrue policy show` shows what a point is worth, and the fee",
    details: { points, gross: formatYuan(grossFen), fee: formatYuan(feeFen) },
  });
}

function coverRefusal({
  memberNo,
  points,
  availablePoints,
  grossFen,
  freeFundFen,
}: RequestFacts): AccrueError | undefined {
  if (availablePoints < points) {
    return refusedError(
      "withdrawal_insufficient_points",
      `member ${memberNo} has ${availablePoints} points available, ${points} are asked for`,
      {
        hint: `\`accrue member statement ${memberNo}\` shows where the points went`,
        details: { member_no: memberNo, available: availablePoints, points },
      },
    );
  }
  if (freeFundFen >= grossFen) return undefined;
  return refusedError(
    "fund_insufficient",
    `the points fund would not cover it: ${formatYuan(freeFundFen)} yuan are free of other open withdrawals, ${formatYuan(grossFen)} are asked for`,
    {
      hint: "`accrue report fund` shows what the fund has to cover",
      details: { free: formatYuan(freeFundFen), gross: formatYuan(grossFen) },
    },
  );
}

/** The facts in the refusal of a decision about one withdrawal. */
export interface DecisionFacts {
  readonly withdrawalNo: string;
  readonly memberNo: string;
  readonly status: WithdrawalStatus;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly firstApprovedBy: string | null;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
}

/** Why one withdrawal cannot be decided: a stable code and the reason in words. */
export interface DecisionRefusal {
  readonly withdrawalNo: string;
  readonly code: string;
  readonly reason: string;
}

/** The refusal for a withdrawal that was decided already: how, by whom and when. */
export function alreadyDecided(
  { withdrawalNo, status, decidedBy, decidedAt }: DecisionFacts,
  zone: string,
): DecisionRefusal {
  const when = decidedAt === null ? "" : ` at ${formatInstant(decidedAt, zone)}`;
  return {
    withdrawalNo,
    code: "withdrawal_already_decided",
    reason: `is ${status} already, by ${decidedBy ?? "nobody"}${when}`,
  };
}

const reasons: Readonly<Record<string, (facts: DecisionFacts, zone: string) => string>> = {
  maker_is_checker: ({ requestedBy }) => `was requested by ${requestedBy}, who cannot approve it too`,
  approved_by_you: ({ firstApprovedBy }) => `was approved by ${firstApprovedBy} once; it takes two operators`,
  member_frozen: ({ memberNo }) => `belongs to member ${memberNo}, who is frozen`,
  member_closed: ({ memberNo }) => `belongs to member ${memberNo}, who is closed`,
  identity_unverified: ({ memberNo }) => `belongs to member ${memberNo}, whose identity is not verified`,
  member_in_debt: ({ memberNo }) => `belongs to member ${memberNo}, whose points are below zero`,
  withdrawal_not_stale: ({ requestedAt }, zone) =>
    `was requested at ${formatInstant(requestedAt, zone)}, which is not long enough ago to expire`,
};

/**
 * Says in words why a withdrawal cannot be decided.
 *
 * @param zone the time zone of times in the text
 */
export function explainRefusal(
  facts: DecisionFacts & { readonly refusal: string | null },
  zone: string,
): DecisionRefusal {
  const { withdrawalNo, refusal } = facts;
  const reason = reasons[refusal ?? ""];
  return reason === undefined
    ? alreadyDecided(facts, zone)
    : { withdrawalNo, code: refusal!, reason: reason(facts, zone) };
}

/**
 * What can be done about a withdrawal of a member below zero, who cannot be paid: the fund would be left with the debt.
 */
export const debtHint =
  "reject or cancel it, which fills the balance up with its points, or wait until later grants have: `accrue member show`";

const hints: Record<string, string> = {
  member_in_debt: debtHint,
  withdrawal_unknown: "`accrue withdrawal list` shows withdrawal numbers",
  withdrawal_already_decided: "nothing was changed; `accrue withdrawal show` shows its story",
  maker_is_checker: "another operator has to approve it (--operator says who is at work)",
  approved_by_you: "another operator has to complete it (--operator says who is at work)",
  withdrawal_not_stale: "`accrue policy show` shows after how many days requests expire; reject or cancel it instead",
};

const namedRefusals = 20;

/** The refusal of withdrawals by name: which cannot be decided, and why. */
export class DecisionsRefused extends AccrueError {
  readonly refused: readonly DecisionRefusal[];

  constructor(refused: readonly DecisionRefusal[], code: string, message: string, facts: ErrorFacts) {
    super("refused", code, message, facts);
    this.refused = refused;
  }
}

/**
 * The one error for all withdrawals of a command that cannot be decided; nothing was changed, the others included.
 *
 * @param refused the first of them, in the order of their numbers
 * @param count how many they are in all
 */
export function decisionsRefused(
  refused: readonly DecisionRefusal[],
  name: string,
  asked: number,
  count = refused.length,
): DecisionsRefused {
  const codes = new Set(refused.map(({ code }) => code));
  const code = codes.size === 1 ? refused[0]!.code : "withdrawals_refused";
  const lines = refused
    .slice(0, namedRefusals)
    .map(({ withdrawalNo, reason }) => `withdrawal ${withdrawalNo} ${reason}`);
  if (count > namedRefusals) lines.push(`and ${count - namedRefusals} more`);
  const message =
    asked === 1
      ? lines[0]!
      : `${count} of ${asked} withdrawals cannot be decided (${name}), so none was:\n  ${lines.join("\n  ")}`;
  return new DecisionsRefused(refused, code, message, {
    hint: hints[code] ?? "nothing was changed; leave these out, or settle what stands against them",
    details: {
      refused: refused.map(({ withdrawalNo, code, reason }) => ({ withdrawal_no: withdrawalNo, code, reason })),
    },
  });
}

/** The refusal to approve more than the fund can pay. */
export const approvalsNotCovered = (fundFen: Fen, committedFen: Fen): AccrueError =>
  refusedError(
    "fund_insufficient",
    `the points fund holds ${formatYuan(fundFen)} yuan, all approved withdrawals with these come to ${formatYuan(committedFen)}`,
    {
      hint: "approve fewer; `accrue report fund` shows what the fund has to cover",
      details: { fund: formatYuan(fundFen), committed: formatYuan(committedFen) },
    },
  );

/** The refusal for a number that no withdrawal has. */
export const withdrawalUnknown = (withdrawalNo: string): DecisionRefusal => ({
  withdrawalNo,
  code: "withdrawal_unknown",
  reason: "does not exist",
});

/** The refusal of a plan whose withdrawals have changed. */
export const planStale = (name: string, digest: string): AccrueError =>
  refusedError(
    "withdrawal_plan_stale",
    `what there is to ${name} is not what the plan said any more: it would be plan ${digest} now`,
    { hint: "nothing was changed; look at the plan again (--dry-run shows it)", details: { digest } },
  );

/** The refusal of a plan that exceeds the agreed limits. */
export const planOverTotal = (grossFen: Fen, maxTotalFen: Fen): AccrueError =>
  refusedError(
    "withdrawal_plan_over_total",
    `the plan comes to ${formatYuan(grossFen)} yuan gross, over the ${formatYuan(maxTotalFen)} of --max-total`,
    {
      hint: "nothing was changed; narrow the filter, or look at the plan again (--dry-run shows it)",
      details: { gross: formatYuan(grossFen), max_total: formatYuan(maxTotalFen) },
    },
  );

/** The refusal of a plan with more withdrawals than one decision may have. */
export const planTooLarge = (limit: number): AccrueError =>
  refusedError("withdrawal_plan_too_large", `the plan has more than ${limit} withdrawals`, {
    hint: "narrow the filter, and decide them in several plans",
  });

/** The refusal to expire requests where the policy says that none does. */
export const expiryNotSet = (): AccrueError =>
  refusedError("withdrawal_expiry_not_set", "the policy in force lets no request expire", {
    hint: "`accrue policy set` gives it the days after which one does; reject or cancel named ones instead",
  });
