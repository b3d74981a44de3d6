import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { balanceOf, findMember, type BalanceRow, type MemberRow } from "../members/sql.ts";
import { AccrueError } from "../../shared/errors.ts";
import { waitingPages } from "./by-risk.ts";
import { decideWaiting, type DecisionPlan } from "./decide.ts";
import { isSameOperator, namesAmong, waitingStatuses } from "./model.ts";
import { findWithdrawal, type WithdrawalFilter, type WithdrawalRow } from "./read-sql.ts";
import { alreadyDecided, explainRefusal, withdrawalUnknown, type DecisionRefusal } from "./refusals.ts";
import { accountOfWithdrawal, approvalRefusal, otherWithdrawalsOf, pointsSourcesOf, type OtherWithdrawal, type PointsSource, type ReviewedAccount } from "./review-sql.ts";
import { risksOf } from "./risk-sql.ts";
import type { Risk, RiskFilter } from "./risk.ts";

/** Which of the withdrawals that wait are to be reviewed. */
export interface ReviewFilter extends Omit<WithdrawalFilter, "status"> {
  /** Those that nothing, something, or one thing speaks against. */
  readonly risk?: RiskFilter | undefined;
}

/** What a reviewer has to know of a withdrawal, as it is now. */
export interface ReviewSubject {
  readonly withdrawal: WithdrawalRow;
  readonly member: MemberRow;
  readonly balance: BalanceRow;
  /** Where it is paid to; undefined while the member has no account. */
  readonly account: ReviewedAccount | undefined;
  readonly risks: readonly Risk[];
  /** The merchants that the member's points come from, the one of most points first. */
  readonly sources: readonly PointsSource[];
  /** The newest of the member's other withdrawals. */
  readonly others: readonly OtherWithdrawal[];
  /** Why this operator cannot approve it; undefined when they can. */
  readonly refusal: DecisionRefusal | undefined;
}

/** What a reviewer decided about one withdrawal. */
export type Verdict = { readonly decision: "approve" } | { readonly decision: "reject"; readonly reason: string };

/** What came of a review. */
export interface ReviewOutcome {
  /** What was decided: for each decision (and reason) what it comes to, and the withdrawals as they are now. */
  readonly decided: readonly DecisionPlan[];
  /** What somebody else decided first, or what cannot be decided any more, and why. */
  readonly overtaken: readonly DecisionRefusal[];
  /** What stopped the writing before its end, if anything did: what `decided` tells is written all the same. */
  readonly failure: AccrueError | undefined;
}

const othersShown = 3;

/** The numbers of the withdrawals that wait for this operator, the oldest first. Those that the operator approved and that wait for another are left out. */
export async function* reviewQueue(context: Context, { risk, ...filter }: ReviewFilter): AsyncGenerator<string, void, undefined> {
  for await (const page of waitingPages(context, filter, risk)) {
    for (const { withdrawalNo, firstApprovedBy } of page) {
      if (firstApprovedBy === null || !isSameOperator(firstApprovedBy, context.operator.name)) yield withdrawalNo;
    }
  }
}

/**
 * Looks at a withdrawal as a reviewer does: all of it at one moment.
 *
 * @returns what there is to know, or the refusal that tells what became of it when it does not wait any more
 */
export async function lookAt({ db, operator, zone }: Context, withdrawalNo: string): Promise<ReviewSubject | DecisionRefusal> {
  return reading(() => db.sql.begin("isolation level repeatable read read only", async (sql) => {
    const withdrawal = await findWithdrawal(sql, withdrawalNo);
    if (withdrawal === undefined) return withdrawalUnknown(withdrawalNo);
    if (!waitingStatuses.includes(withdrawal.status)) return alreadyDecided(withdrawal, zone);
    const { memberId, memberNo, withdrawalId, requestedBy, firstApprovedBy } = withdrawal;
    const ownNames = namesAmong([requestedBy, firstApprovedBy ?? ""], operator.name);
    const [member, balance, account, risks, sources, others, refusal] = await Promise.all([
      findMember(sql, memberNo), balanceOf(sql, memberId), accountOfWithdrawal(sql, withdrawal), risksOf(sql, [withdrawal]),
      pointsSourcesOf(sql, memberId), otherWithdrawalsOf(sql, withdrawal, othersShown), approvalRefusal(sql, withdrawal, ownNames),
    ]);
    return {
      withdrawal, member: member!, balance, account, risks: risks.get(withdrawalId)!, sources, others,
      refusal: refusal === null ? undefined : explainRefusal({ ...withdrawal, refusal }, zone),
    };
  })) as Promise<ReviewSubject | DecisionRefusal>;
}

/**
 * Writes what a reviewer decided, by the rules of approving and rejecting: one plan for each reason, then the approvals.
 * Whatever somebody else decided meanwhile stays as it is and is told; the rest is decided.
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
  return { decided: decided.filter(({ count }) => count > 0), overtaken: decided.flatMap(({ refused }) => refused), failure };
}

/** Some withdrawals with one verdict. */
export interface VerdictGroup {
  readonly name: "approve" | "reject";
  readonly reason?: string;
  readonly withdrawalNos: readonly string[];
}

/** The withdrawals of each verdict; the approvals last, for they alone can be refused as a whole. */
export function groupsOf(verdicts: ReadonlyMap<string, Verdict>): readonly VerdictGroup[] {
  const approved: string[] = [];
  const rejected = new Map<string, string[]>();
  for (const [withdrawalNo, verdict] of verdicts) {
    if (verdict.decision === "approve") approved.push(withdrawalNo);
    else rejected.set(verdict.reason, [...(rejected.get(verdict.reason) ?? []), withdrawalNo]);
  }
  const rejections = [...rejected].map(([reason, withdrawalNos]) => ({ name: "reject", reason, withdrawalNos }) as const);
  return approved.length === 0 ? rejections : [...rejections, { name: "approve", withdrawalNos: approved }];
}
