import { lacksEvidence } from "../evidence/verdict-sql.ts";
import type { Context } from "../../db/context.ts";
import type { Sql, Transaction } from "../../db/database.ts";
import { requireProvenIdentity } from "../operators/identity.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import {
  chooseMatching,
  chooseNamed,
  judgeChosen,
  leaveOut,
  listChosen,
  noteRisks,
  operatorsOfChosen,
  refusedOfChosen,
  totalChosen,
  type ChoiceTotals,
  type DecidableWithdrawal,
  type DecisionFilter,
  type LeftOut,
} from "./choice-sql.ts";
import { namesAmong } from "../../shared/operator-names.ts";
import { decisions, waitingStatuses, type DecisionName } from "./model.ts";
import {
  decisionsRefused,
  expiryNotSet,
  explainRefusal,
  planTooLarge,
  withdrawalUnknown,
  type DecisionRefusal,
} from "./refusals.ts";

/** The withdrawals that a decision is about: those with these numbers, or else those that match the filter. */
export interface Subject {
  readonly name: DecisionName;
  readonly withdrawalNos?: readonly string[];
  readonly filter?: DecisionFilter;
  /** For withdrawals that a person reviewed one by one: decide those that still wait, and report the others. */
  readonly waitingOnly?: boolean;
  /** The most withdrawals of one decision. */
  readonly maxWithdrawals?: number;
  /** With more than that, take the first and leave the rest for later; without this, more are refused. */
  readonly inParts?: boolean;
}

/** The withdrawals that a decision would be about, at one moment. */
export interface Choice extends ChoiceTotals {
  /** The first of them, in the order of their numbers. */
  readonly withdrawals: readonly DecidableWithdrawal[];
  /**
   * Withdrawals that match the filter and that this operator cannot decide. Empty for named withdrawals, which are
   * refused instead.
   */
  readonly leftOut: readonly LeftOut[];
  /** Named withdrawals that cannot be decided, and why, where the others are decided all the same. */
  readonly refused: readonly DecisionRefusal[];
}

const mostWithdrawals = 200_000;
const maxListed = 1000;
const dayMs = 86_400_000;

/**
 * Puts the withdrawals that a decision is about into the temporary table of `createChosen`, and records for each
 * whether it can be made.
 *
 * @throws refused, listing each named withdrawal that cannot be decided, and why; unless `waitingOnly`;
 *   `identity_not_proven`
 */
export async function choose(tx: Transaction, context: Context, subject: Subject): Promise<Choice> {
  const {
    name,
    withdrawalNos,
    filter = {},
    waitingOnly = false,
    maxWithdrawals = mostWithdrawals,
    inParts = false,
  } = subject;
  if (name === "approve") await requireProvenIdentity(tx, context);
  const from = waitingOnly ? waitingStatuses : decisions[name].from;
  const requestedBefore = name === "expire" ? await expiresBefore(tx, context) : undefined;
  if (name === "expire" && requestedBefore === undefined) throw expiryNotSet();
  const missing = withdrawalNos === undefined ? [] : await chooseNamed(tx, withdrawalNos);
  if (withdrawalNos === undefined)
    await chooseMatching(tx, filter, from, requestedBefore, maxWithdrawals + (inParts ? 0 : 1));
  const approverNames = name === "approve" ? namesAmong(await operatorsOfChosen(tx), context.operator.name) : undefined;
  await judgeChosen(tx, { from, approverNames, requestedBefore });
  const { refused, count } =
    withdrawalNos === undefined ? { refused: [], count: 0 } : await refusalsOf(tx, context, missing);
  if (count > 0 && !waitingOnly) throw decisionsRefused(refused, name, new Set(withdrawalNos).size, count);
  if (name === "approve" || filter.risk !== undefined) await noteRisks(tx, lacksEvidence(tx));
  const gone = await leaveOut(tx, filter.risk);
  const leftOut = withdrawalNos === undefined ? gone : [];
  const totals = await totalChosen(tx, name);
  if (totals.count > maxWithdrawals) throw planTooLarge(maxWithdrawals);
  return { ...totals, leftOut, refused, withdrawals: await listChosen(tx, maxListed) };
}

/** The instant before which requests expire; undefined where the policy in force lets none expire. */
export async function expiresBefore(
  sql: Sql,
  { clock, zone }: Pick<Context, "clock" | "zone">,
): Promise<Date | undefined> {
  const now = clock();
  const { requestExpiryDays } = await policyOn(sql, businessDateOf(now, zone));
  return requestExpiryDays === null ? undefined : new Date(now.getTime() - requestExpiryDays * dayMs);
}

/** Named withdrawals that cannot be decided: their number, and the first of them in the order of their numbers. */
async function refusalsOf(
  tx: Transaction,
  { zone }: Context,
  missing: readonly string[],
): Promise<{ readonly refused: readonly DecisionRefusal[]; readonly count: number }> {
  const { count, first } = await refusedOfChosen(tx, maxListed);
  const refused = [
    ...first.map((one) => explainRefusal(one, zone)),
    ...missing.slice(0, maxListed).map(withdrawalUnknown),
  ].sort((one, other) => (one.withdrawalNo < other.withdrawalNo ? -1 : 1));
  return { refused, count: count + missing.length };
}
