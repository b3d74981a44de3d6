import { coverageRefusal, type LeastCoverage } from "../ledger/coverage.ts";
import { memberUnknown } from "../members/member-errors.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { AccrueError } from "../../shared/errors.ts";
import type { Fen } from "../../shared/money.ts";
import type { Policy } from "../../shared/policy.ts";
import { approvalsNeededFor, withdrawalAmounts, type WithdrawalAmounts } from "./model.ts";
import { requestRefusal } from "./refusals.ts";
import type { AskedFacts } from "./request-sql.ts";

/** The state of the platform when requests are judged; each accepted request reduces it for the next ones. */
export interface PlatformFacts {
  /** What the policy's least cash coverage is held against; undefined where it asks for none. */
  readonly leastCoverage: LeastCoverage;
  /** The gross of all open withdrawals. */
  readonly openGrossFen: Fen;
  readonly policy: Policy;
  readonly businessDate: BusinessDate;
  readonly now: Date;
  /** The time zone of times in refusals. */
  readonly zone: string;
  /** The points fund less the gross of all open withdrawals. */
  readonly freeFundFen: Fen;
  /** Points requested on the business date so far; ignored where the policy has no limit for it. */
  readonly platformPoints: bigint;
}

/** A request with the facts of its member and account. */
export interface NamedFacts extends AskedFacts {
  /** Whether a file gives the account's holder another name than the member's. */
  readonly isHolderOther: boolean;
}

/** How a request contradicts what is known by its number. */
export interface RequestConflict {
  readonly column: "member_no" | "points" | "account";
  readonly code: string;
  readonly message: string;
}

/** Why a request contradicts what its number is known with, or undefined when it does not. */
export function conflictOf(asked: AskedFacts): RequestConflict | undefined {
  const { memberNo, points, knownMemberNo, knownPoints, isOtherAccount } = asked;
  const conflict = (column: RequestConflict["column"], code: string, known: string) => ({
    column,
    code,
    message: `the request is known with ${known}`,
  });
  if (knownMemberNo === null) return undefined;
  if (knownMemberNo !== memberNo) return conflict("member_no", "conflict_member", "another member");
  if (knownPoints !== points) return conflict("points", "conflict_points", `${knownPoints} points`);
  return isOtherAccount ? conflict("account", "conflict_account", "another payout account") : undefined;
}

/** The result for a request: what to write, or why it is refused. */
export type Judgement =
  | (WithdrawalAmounts & {
      readonly asked: AskedFacts;
      readonly memberId: bigint;
      readonly approvalsNeeded: number;
      readonly refusal?: never;
    })
  | { readonly asked: AskedFacts; readonly refusal: AccrueError };

interface Remaining {
  availablePoints: bigint;
  dailyPoints: bigint;
}

/**
 * Applies the withdrawal rule to a set of requests, one after the other: accepted ones reduce what is left for the
 * later ones. A single request is a set of one.
 */
export function judgeRequests(
  asked: readonly NamedFacts[],
  { policy, businessDate, now, zone, leastCoverage, ...platform }: PlatformFacts,
): readonly Judgement[] {
  const members = new Map<bigint, Remaining>();
  let { freeFundFen, openGrossFen, platformPoints } = platform;
  return asked.map((one): Judgement => {
    const { memberId, points } = one;
    if (memberId === null) return { asked: one, refusal: memberUnknown(one.memberNo) };
    const member = members.get(memberId) ?? { availablePoints: one.availablePoints, dailyPoints: one.dailyPoints };
    const amounts = withdrawalAmounts(points, policy);
    const refusal =
      requestRefusal({ ...one, ...amounts, ...member, platformPoints, businessDate, now, zone, freeFundFen, policy }) ??
      coverageRefusal(leastCoverage, openGrossFen + amounts.grossFen);
    if (refusal !== undefined) return { asked: one, refusal };
    members.set(memberId, {
      availablePoints: member.availablePoints - points,
      dailyPoints: member.dailyPoints + points,
    });
    freeFundFen -= amounts.grossFen;
    openGrossFen += amounts.grossFen;
    platformPoints += points;
    return { ...amounts, asked: one, memberId, approvalsNeeded: approvalsNeededFor(amounts.grossFen, policy) };
  });
}
