import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { lacksEvidence } from "../evidence/verdict-sql.ts";
import { balanceOf, findShown, type BalanceRow, type ShownMember } from "../members/sql.ts";
import { AccrueError } from "../../shared/errors.ts";
import { isSameOperator, namesAmong } from "../../shared/operator-names.ts";
import type { Verdict } from "../../shared/verdict.ts";
import { waitingPages } from "./by-risk.ts";
import { decideWaiting, type DecisionPlan } from "./decide.ts";
import { waitingStatuses } from "./model.ts";
import { findWithdrawal, type WithdrawalFilter, type WithdrawalRow } from "./read-sql.ts";
import { alreadyDecided, explainRefusal, withdrawalUnknown, type DecisionRefusal } from "./refusals.ts";
import {
  accountOfWithdrawal,
  approvalRefusal,
  otherWithdrawalsOf,
  pointsSourcesOf,
  type OtherWithdrawal,
  type PointsSource,
  type ReviewedAccount,
} from "./review-sql.ts";
import { risksOf } from "./risk-sql.ts";
import type { Risk, RiskFilter } from "./risk.ts";

/** The filter of a review. */
export interface ReviewFilter extends Omit<WithdrawalFilter, "status"> {
  /** With no risk, any risk, or one risk. */
  readonly risk?: RiskFilter | undefined;
}

/** A withdrawal with all that a reviewer needs. */
export interface ReviewSubject {
  readonly withdrawal: WithdrawalRow;
  readonly member: ShownMember;
  readonly balance: BalanceRow;
  /** Undefined while the member has no account. */
  readonly account: ReviewedAccount | undefined;
  readonly risks: readonly Risk[];
  /** The merchants that the member's points come from, the one with the most points first. */
  readonly sources: readonly PointsSource[];
  /** The newest of the member's other withdrawals. */
  readonly others: readonly OtherWithdrawal[];
  /** Why this operator cannot approve it; undefined when they can. */
  readonly refusal: DecisionRefusal | undefined;
}

/** The result of a review. */
export interface ReviewOutcome {
  /** For each decision and reason: its totals, and the withdrawals as they are now. */
  readonly decided: readonly DecisionPlan[];
  /** Withdrawals that cannot be decided any more, and why: another operator may have been first. */
  readonly overtaken: readonly DecisionRefusal[];
  /** The error that stopped it, if any; what is in `decided` is written all the same. */
  readonly failure: AccrueError | undefined;
}

const othersShown = 3;

/**
 * The numbers of the withdrawals that wait for this operator, the oldest first; not those that wait for a second
 * approver after this one.
 */
export async function* reviewQueue(
  context: Context,
  { risk, ...filter }: ReviewFilter,
): AsyncGenerator<string, void, undefined> {
  for await (const page of waitingPages(context, filter, risk)) {
    for (const { withdrawalNo, firstApprovedBy } of page) {
      if (firstApprovedBy === null || !isSameOperator(firstApprovedBy, context.operator.name)) yield withdrawalNo;
    }
  }
}

/**
 * Reads all that a reviewer needs about a withdrawal, in one snapshot.
 *
 * @returns that, or the refusal that says how it was decided, when it does not wait any more
 */
export async function lookAt(
  { db, operator, zone }: Context,
  withdrawalNo: string,
): Promise<ReviewSubject | DecisionRefusal> {
  return reading(() =>
    db.sql.begin("isolation level repeatable read read only", async (sql) => {
      const withdrawal = await findWithdrawal(sql, withdrawalNo);
      if (withdrawal === undefined) return withdrawalUnknown(withdrawalNo);
      if (!waitingStatuses.includes(withdrawal.status)) return alreadyDecided(withdrawal, zone);
      const { memberId, memberNo, withdrawalId, requestedBy, firstApprovedBy } = withdrawal;
      const ownNames = namesAmong([requestedBy, firstApprovedBy ?? ""], operator.name);
      const [member, balance, account, risks, sources, others, refusal] = await Promise.all([
        findShown(sql, memberNo),
        balanceOf(sql, memberId),
        accountOfWithdrawal(sql, withdrawal),
        risksOf(sql, [withdrawal], lacksEvidence(sql)),
        pointsSourcesOf(sql, memberId, lacksEvidence(sql)),
        otherWithdrawalsOf(sql, withdrawal, othersShown),
        approvalRefusal(sql, withdrawal, ownNames),
      ]);
      return {
        withdrawal,
        member: member!,
        balance,
        account,
        risks: risks.get(withdrawalId)!,
        sources,
        others,
        refusal: refusal === null ? undefined : explainRefusal({ ...withdrawal, refusal }, zone),
      };
    }),
  ) as Promise<ReviewSubject | DecisionRefusal>;
}

/**
 * Carries out a reviewer's decisions: one plan for each reason of a rejection, then the approvals. Withdrawals that
 * others decided meanwhile stay as they are and are reported; the rest is decided.
 *
 * @param verdicts by withdrawal number
 */
export async function applyReview(context: Context, verdicts: ReadonlyMap<string, Verdict>): Promise<ReviewOutcome> {
  const decided: DecisionPlan[] = [];
  let failure: AccrueError | undefined;
  try {
    for (const { name, reason, withdrawalNos } of groupsOf(verdicts)) {
      context.signal.throwIfAborted();
      decided.push(await decideWaiting(context, { name, withdrawalNos, ...(reason === undefined ? {} : { reason }) }));
    }
  } catch (error) {
    if (!(error instanceof AccrueError)) throw error;
    failure = error;
  }
  return {
    decided: decided.filter(({ count }) => count > 0),
    overtaken: decided.flatMap(({ refused }) => refused),
    failure,
  };
}

/** Some withdrawals with one verdict. */
export interface VerdictGroup {
  readonly name: "approve" | "reject";
  readonly reason?: string;
  readonly withdrawalNos: readonly string[];
}

/** The withdrawals of each verdict; approvals last, for only they can be refused as a whole. */
export function groupsOf(verdicts: ReadonlyMap<string, Verdict>): readonly VerdictGroup[] {
  const approved: string[] = [];
  const rejected = new Map<string, string[]>();
  for (const [withdrawalNo, verdict] of verdicts) {
    if (verdict.decision === "approve") approved.push(withdrawalNo);
    else rejected.set(verdict.reason, [...(rejected.get(verdict.reason) ?? []), withdrawalNo]);
  }
  const rejections = [...rejected].map(
    ([reason, withdrawalNos]) => ({ name: "reject", reason, withdrawalNos }) as const,
  );
  return approved.length === 0 ? rejections : [...rejections, { name: "approve", withdrawalNos: approved }];
}
