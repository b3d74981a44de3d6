import { recordActions } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, reading, type Sql, type Transaction } from "../db/database.ts";
import { releaseLines } from "../ledger/model.ts";
import { fundMoney, postJournals } from "../ledger/sql.ts";
import { businessDateOf } from "../shared/business-date.ts";
import { formatYuan } from "../shared/money.ts";
import { applyDecision, committedGrossFen, releasePoints, selectDecidable, takeDecisionSlot, type DecidableWithdrawal } from "./decision-sql.ts";
import { decisions, type DecisionName } from "./model.ts";
import { alreadyDecided, approvalsNotCovered, decisionRefusal, decisionsRefused, withdrawalUnknown } from "./refusals.ts";

/** What to decide about which withdrawals. `dryRun` goes the same way and keeps nothing. */
export interface DecisionRequest {
  readonly name: DecisionName;
  readonly withdrawalNos: readonly string[];
  readonly reason?: string;
  readonly dryRun?: boolean;
}

/** What a person is asked to confirm: the withdrawals as they stood at one look, in the order of their numbers. */
export interface DecisionPlan {
  readonly request: DecisionRequest;
  readonly withdrawals: readonly DecidableWithdrawal[];
}

/**
 * Looks at the withdrawals that a decision is asked for.
 *
 * @throws refused, naming each withdrawal that cannot be decided and why
 */
export async function planDecision(context: Context, request: DecisionRequest): Promise<DecisionPlan> {
  return { request, withdrawals: await reading(() => decidable(context.db.sql, context, request)) };
}

/**
 * Approves, rejects or cancels withdrawals: all of the plan, as it was seen, or none. Of two operators who saw the same
 * withdrawal one wins; the other is told who did and when.
 *
 * @returns the withdrawals as they are now, in the order of their numbers
 * @throws refused, naming each withdrawal that cannot be decided any more and why; nothing is changed then
 */
export async function applyDecisionPlan(context: Context, plan: DecisionPlan): Promise<readonly DecidableWithdrawal[]> {
  return inTransaction(context.db.sql, (tx) => decide(tx, context, plan), plan.request.dryRun === true ? "rollback" : "commit");
}

/** Plans a decision and applies it at once, for where nobody is asked. */
export async function decideWithdrawals(context: Context, request: DecisionRequest): Promise<readonly DecidableWithdrawal[]> {
  return applyDecisionPlan(context, await planDecision(context, request));
}

async function decide(tx: Transaction, context: Context, { request, withdrawals: seen }: DecisionPlan): Promise<readonly DecidableWithdrawal[]> {
  const at = context.clock();
  const operator = context.operator.name;
  const decision = decisions[request.name];
  await takeDecisionSlot(tx);
  const withdrawals = await decidable(tx, context, request, seen);
  const reason = request.reason ?? null;
  const moved = await applyDecision(tx, withdrawals, decision, { operator, at, reason });
  const lost = withdrawals.map(({ withdrawalNo }) => withdrawalNo).filter((withdrawalNo) => !moved.has(withdrawalNo));
  if (lost.length > 0) throw await lostRace(tx, context, { ...request, withdrawalNos: lost }, withdrawals);
  if (decision.releases) await release(tx, context, withdrawals, at);
  else await requireCover(tx);
  await recordActions(tx, context, withdrawals.map((one) => ({
    action: `withdrawal.${request.name}`,
    subjectKind: "withdrawal",
    subject: one.withdrawalNo,
    details: { member_no: one.memberNo, gross: formatYuan(one.grossFen), reason },
  })));
  return selectDecidable(tx, request.withdrawalNos);
}

/**
 * Reads the named withdrawals and refuses all of them when one cannot be decided.
 *
 * @param seen the look that the decision was made on; a withdrawal that moved since counts as decided by somebody else
 */
async function decidable(
  sql: Sql,
  { operator, zone }: Context,
  { name, withdrawalNos }: DecisionRequest,
  seen: readonly DecidableWithdrawal[] = [],
): Promise<readonly DecidableWithdrawal[]> {
  const seenStatus = new Map(seen.map(({ withdrawalNo, status }) => [withdrawalNo, status]));
  const asked = [...new Set(withdrawalNos)].sort();
  const found = new Map((await selectDecidable(sql, asked)).map((one) => [one.withdrawalNo, one]));
  const refused = asked.flatMap((withdrawalNo) => {
    const facts = found.get(withdrawalNo);
    if (facts === undefined) return withdrawalUnknown(withdrawalNo);
    if ((seenStatus.get(withdrawalNo) ?? facts.status) !== facts.status) return alreadyDecided(facts, zone);
    return decisionRefusal(facts, name, operator.name, zone) ?? [];
  });
  if (refused.length > 0) throw decisionsRefused(refused, name, asked.length);
  return [...found.values()];
}

/** The refusal for withdrawals that somebody moved on between the look and the update: it says who did. */
async function lostRace(tx: Transaction, context: Context, lost: DecisionRequest, seen: readonly DecidableWithdrawal[]): Promise<Error> {
  await decidable(tx, context, lost, seen);
  return new Error(`withdrawals ${lost.withdrawalNos.join(", ")} could not be moved, and nothing says why: run \`accrue verify\``);
}

async function release(tx: Transaction, { operator, zone }: Context, withdrawals: readonly DecidableWithdrawal[], at: Date): Promise<void> {
  const businessDate = businessDateOf(at, zone);
  if (!(await releasePoints(tx, withdrawals, at, businessDate))) throw new Error("a balance is missing: run `accrue verify`");
  await postJournals(tx, withdrawals.map((one) => ({
    head: { kind: "release", withdrawalNo: one.withdrawalNo, businessDate, operator: operator.name, postedAt: at },
    lines: releaseLines(one.points),
  })));
}

async function requireCover(tx: Transaction): Promise<void> {
  const [fundFen, committedFen] = [await fundMoney(tx), await committedGrossFen(tx)];
  if (committedFen > fundFen) throw approvalsNotCovered(fundFen, committedFen);
}
