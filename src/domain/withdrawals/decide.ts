import { recordActionOnEach, recordActions, recordRefusals, type OperatorAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading, type Transaction } from "../../db/database.ts";
import { tuneBulk } from "../../db/planner.ts";
import { coverageRefusal } from "../ledger/coverage.ts";
import { leastCoverage } from "../ledger/fund-sql.ts";
import { releaseLines } from "../ledger/model.ts";
import { postPerPoint } from "../ledger/sql.ts";
import { fundMoney } from "../ledger/totals-sql.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import { countRequestedBefore, createChosen, listChosen, type DecidableWithdrawal } from "./choice-sql.ts";
import { choose, expiresBefore, type Choice, type Subject } from "./choose.ts";
import {
  approveChosen,
  committedGrossFen,
  decisionRecords,
  endChosen,
  releaseChosen,
  takeDecisionSlot,
} from "./decision-sql.ts";
import { decisions } from "./model.ts";
import { AccrueError } from "../../shared/errors.ts";
import {
  alreadyDecided,
  approvalsNotCovered,
  decisionsRefused,
  DecisionsRefused,
  planOverTotal,
  planStale,
  type DecisionRefusal,
} from "./refusals.ts";

/** A decision and the withdrawals that it is about. */
export interface DecisionRequest extends Subject {
  readonly reason?: string;
}

/** What an operator confirms: the withdrawals at the time of planning. */
export interface DecisionPlan extends Choice {
  readonly request: DecisionRequest;
}

/** The limits that were agreed beforehand, where nobody is asked. */
export interface PlanTerms {
  readonly digest?: string | undefined;
  readonly maxTotalFen?: Fen | undefined;
}

/**
 * Plans a decision; changes nothing.
 *
 * @throws refused, listing each named withdrawal that cannot be decided, and why; or when the plan exceeds the agreed
 * limits
 */
export async function planDecision(
  context: Context,
  request: DecisionRequest,
  { digest, maxTotalFen }: PlanTerms = {},
): Promise<DecisionPlan> {
  return refusalsRecorded(context, request, async () => {
    const choice = await inTransaction(
      context.db,
      async (tx) => {
        await begin(tx);
        return choose(tx, context, request);
      },
      "rollback",
    );
    if (digest !== undefined && choice.digest !== digest) throw planStale(request.name, choice.digest);
    if (maxTotalFen !== undefined && choice.grossFen > maxTotalFen) throw planOverTotal(choice.grossFen, maxTotalFen);
    return { request, ...choice };
  });
}

/**
 * Decides about withdrawals: all of the plan, unchanged since it was made, or none, in a few statements. Of two
 * operators who planned for the same withdrawal one wins; the error for the other says who decided, and when.
 *
 * @returns the first of the withdrawals as they are now, in the order of their numbers
 * @throws refused, listing each withdrawal that cannot be decided any more, and why, or that the plan is stale; nothing
 * is changed then
 */
export async function applyDecisionPlan(context: Context, plan: DecisionPlan): Promise<readonly DecidableWithdrawal[]> {
  return refusalsRecorded(context, plan.request, () =>
    inTransaction(context.db, (tx) => decide(tx, context, plan), context.ending),
  );
}

/** Plans a decision and applies it at once, where nobody is asked. */
export async function decideWithdrawals(
  context: Context,
  request: DecisionRequest,
): Promise<readonly DecidableWithdrawal[]> {
  return applyDecisionPlan(context, await planDecision(context, request));
}

const maxExpiredAtOnce = 50_000;

/**
 * Expires all requests that were not decided in the time of the policy, a limited number per transaction; the next run
 * finishes what a killed one left.
 *
 * @returns how many; 0 where the policy lets none expire
 */
export async function expireStale(context: Context, maxWithdrawals = maxExpiredAtOnce): Promise<number> {
  if ((await countStale(context)) === undefined) return 0;
  const request = { name: "expire", maxWithdrawals, inParts: true } as const;
  for (let expired = 0; ;) {
    context.signal.throwIfAborted();
    const { count } = await inTransaction(context.db, async (tx) => {
      const choice = await takeTurn(tx, context, request);
      if (choice.count > 0) await carryOut(tx, context, { request, ...choice });
      return choice;
    });
    expired += count;
    if (count < maxWithdrawals) return expired;
    context.onProgress({ phase: "letting stale requests expire", done: expired, unit: "requests" });
  }
}

/** The number of requests that would expire now; undefined where the policy lets none expire. */
export const countStale = (context: Context): Promise<number | undefined> =>
  reading(async () => {
    const before = await expiresBefore(context.db.sql, context);
    return before === undefined ? undefined : countRequestedBefore(context.db.sql, before);
  });

/**
 * Decides those of the withdrawals that a person reviewed one by one which still wait and which this operator can
 * decide. The others, which another operator may have decided first, are reported.
 *
 * @returns the decided withdrawals as they are now, and as `refused` the others, with the reason
 * @throws refused: `fund_insufficient`; nothing is changed then
 */
export async function decideWaiting(
  context: Context,
  named: Omit<DecisionRequest, "waitingOnly" | "filter">,
): Promise<DecisionPlan> {
  const request = { ...named, waitingOnly: true };
  return refusalsRecorded(context, request, () =>
    inTransaction(
      context.db,
      async (tx) => {
        const plan = { request, ...(await takeTurn(tx, context, request)) };
        await recordActions(tx, context, refusalsOf(request, plan.refused));
        return { ...plan, withdrawals: plan.count === 0 ? [] : await carryOut(tx, context, plan) };
      },
      context.ending,
    ),
  );
}

/** What an approver is refused is on record: each withdrawal that cannot be decided, or else the plan as a whole. */
async function refusalsRecorded<Result>(
  context: Context,
  request: DecisionRequest,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DecisionsRefused) await recordRefusals(context, refusalsOf(request, error.refused));
    else if (error instanceof AccrueError && error.kind === "refused" && isByApprover(request))
      await recordRefusals(context, [refusal(request, error.code, `withdrawal ${request.name}`, "command")]);
    throw error;
  }
}

const isByApprover = ({ name }: DecisionRequest): boolean => name === "approve" || name === "reject";

const refusal = (
  { name }: DecisionRequest,
  code: string,
  subject: string,
  subjectKind: "withdrawal" | "command" = "withdrawal",
): OperatorAction => ({ action: "withdrawal.refuse", subjectKind, subject, details: { deed: name, code } });

const refusalsOf = (request: DecisionRequest, refused: readonly DecisionRefusal[]): readonly OperatorAction[] =>
  isByApprover(request)
    ? refused
        .filter(({ code }) => code !== "withdrawal_unknown")
        .map(({ withdrawalNo, code }) => refusal(request, code, withdrawalNo))
    : [];

async function begin(tx: Transaction): Promise<void> {
  await tuneBulk(tx);
  await createChosen(tx);
}

async function decide(tx: Transaction, context: Context, plan: DecisionPlan): Promise<readonly DecidableWithdrawal[]> {
  const present = await takeTurn(tx, context, plan.request);
  if (present.digest !== plan.digest) throw overtaken(context, plan, present);
  return carryOut(tx, context, plan);
}

/** Waits until no other decision runs, and chooses; no other decision is made until the transaction ends. */
async function takeTurn(tx: Transaction, context: Context, subject: Subject): Promise<Choice> {
  await begin(tx);
  await takeDecisionSlot(tx);
  return choose(tx, context, subject);
}

/** Decides the chosen withdrawals. @returns the first of them as they are then */
async function carryOut(
  tx: Transaction,
  context: Context,
  plan: DecisionPlan,
): Promise<readonly DecidableWithdrawal[]> {
  const { name, reason = null } = plan.request;
  const { to, releases } = decisions[name];
  const words = { operator: context.operator.name, at: context.clock(), reason };
  const moved = name === "approve" ? await approveChosen(tx, words) : await endChosen(tx, to, words);
  if (moved !== plan.count) throw overtaken(context, plan, await choose(tx, context, plan.request));
  if (releases) await release(tx, context, words.at);
  else await requireCover(tx, businessDateOf(words.at, context.zone));
  await recordActionOnEach(
    tx,
    context,
    { action: `withdrawal.${name}`, subjectKind: "withdrawal" },
    decisionRecords(tx, reason),
  );
  return listChosen(tx, plan.withdrawals.length);
}

/** The refusal of a stale plan. For named withdrawals it says who decided which of them. */
function overtaken({ zone }: Context, { request, ...seen }: DecisionPlan, present: Choice): Error {
  if (request.withdrawalNos === undefined) return planStale(request.name, present.digest);
  const seenStatus = new Map(seen.withdrawals.map(({ withdrawalNo, status }) => [withdrawalNo, status]));
  const moved = present.withdrawals.filter(
    ({ withdrawalNo, status }) => (seenStatus.get(withdrawalNo) ?? status) !== status,
  );
  if (moved.length === 0) return planStale(request.name, present.digest);
  return decisionsRefused(
    moved.map((one) => alreadyDecided(one, zone)),
    request.name,
    seen.count,
  );
}

async function release(tx: Transaction, { operator, zone }: Context, at: Date): Promise<void> {
  const businessDate = businessDateOf(at, zone);
  if (!(await releaseChosen(tx, at, businessDate))) throw new Error("a balance is missing: run `accrue verify`");
  const head = { kind: "release", businessDate, operator: operator.name, postedAt: at } as const;
  await postPerPoint(
    tx,
    head,
    releaseLines,
    tx`SELECT journal_id, withdrawal_no, points FROM chosen_withdrawals ORDER BY withdrawal_no`,
  );
}

async function requireCover(tx: Transaction, businessDate: BusinessDate): Promise<void> {
  const [fundFen, committedFen] = [await fundMoney(tx), await committedGrossFen(tx)];
  if (committedFen > fundFen) throw approvalsNotCovered(fundFen, committedFen);
  const refusal = coverageRefusal(
    await leastCoverage(tx, await policyOn(tx, businessDate), businessDate),
    committedFen,
  );
  if (refusal !== undefined) throw refusal;
}
