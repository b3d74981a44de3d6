import type { Context } from "../db/context.ts";
import type { Transaction } from "../db/database.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf } from "../shared/business-date.ts";
import {
  chooseMatching, chooseNamed, judgeChosen, leaveOut, listChosen, noteRisks, operatorsOfChosen, refusedOfChosen, totalChosen,
  type ChoiceTotals, type DecidableWithdrawal, type DecisionFilter, type LeftOut,
} from "./choice-sql.ts";
import { decisions, isSameOperator, type DecisionName } from "./model.ts";
import { decisionsRefused, expiryNotSet, explainRefusal, planTooLarge, withdrawalUnknown } from "./refusals.ts";

/** Which withdrawals a decision is about: those with these numbers, or else those that the filter fits. */
export interface Subject {
  readonly name: DecisionName;
  readonly withdrawalNos?: readonly string[];
  readonly filter?: DecisionFilter;
  /** How many one decision takes at most. */
  readonly maxWithdrawals?: number;
}

/** What a decision would be about, as it stood at one look. */
export interface Choice extends ChoiceTotals {
  /** The first of them, in the order of their numbers. */
  readonly withdrawals: readonly DecidableWithdrawal[];
  /** What a filter fits and this operator cannot decide. Never anything where withdrawals are named: they are refused. */
  readonly leftOut: readonly LeftOut[];
}

const mostWithdrawals = 200_000;
const maxListed = 1000;
const dayMs = 86_400_000;

/**
 * Chooses the withdrawals that a decision is about into the temporary table of `createChosen`, and judges each.
 *
 * @throws refused, naming each withdrawal that was named and cannot be decided, and why
 */
export async function choose(tx: Transaction, context: Context, { name, withdrawalNos, filter = {}, maxWithdrawals = mostWithdrawals }: Subject): Promise<Choice> {
  const { from } = decisions[name];
  const requestedBefore = name === "expire" ? await expiresBefore(tx, context) : undefined;
  const missing = withdrawalNos === undefined ? [] : await chooseNamed(tx, withdrawalNos);
  if (withdrawalNos === undefined) await chooseMatching(tx, filter, from, requestedBefore, maxWithdrawals + 1);
  const approverNames = name === "approve" ? await namesOf(tx, context.operator.name) : undefined;
  await judgeChosen(tx, { from, approverNames, requestedBefore });
  if (withdrawalNos !== undefined) await requireAll(tx, context, { name, withdrawalNos }, missing);
  if (name === "approve" || filter.risk !== undefined) await noteRisks(tx);
  const leftOut = await leaveOut(tx, filter.risk);
  const totals = await totalChosen(tx, name);
  if (totals.count > maxWithdrawals) throw planTooLarge(maxWithdrawals);
  return { ...totals, leftOut, withdrawals: await listChosen(tx, maxListed) };
}

/** The names among the chosen ones' operators that are this operator's, whatever their case and width. */
async function namesOf(tx: Transaction, operator: string): Promise<readonly string[]> {
  return (await operatorsOfChosen(tx)).filter((name) => isSameOperator(name, operator));
}

async function expiresBefore(tx: Transaction, { clock, zone }: Context): Promise<Date> {
  const now = clock();
  const { requestExpiryDays } = await policyOn(tx, businessDateOf(now, zone));
  if (requestExpiryDays === null) throw expiryNotSet();
  return new Date(now.getTime() - requestExpiryDays * dayMs);
}

async function requireAll(tx: Transaction, { zone }: Context, { name, withdrawalNos }: Required<Pick<Subject, "name" | "withdrawalNos">>, missing: readonly string[]): Promise<void> {
  const { count, first } = await refusedOfChosen(tx, maxListed);
  if (count + missing.length === 0) return;
  const refused = [...first.map((one) => explainRefusal(one, zone)), ...missing.slice(0, maxListed).map(withdrawalUnknown)]
    .sort((one, other) => (one.withdrawalNo < other.withdrawalNo ? -1 : 1));
  throw decisionsRefused(refused, name, new Set(withdrawalNos).size, count + missing.length);
}
