import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { takeDecisionSlot } from "../withdrawals/decision-sql.ts";
import { stateAfter, type PayoutChannel } from "./model.ts";
import type { PayoutAnswer, PayoutConflict } from "./provider.ts";
import { createStaging, judgeStaged, rejectedAnswers, stageAnswers } from "./result-sql.ts";
import { explainReject, settleJudged } from "./settle.ts";

const pass = 1;

/**
 * Takes in what a provider answered, by the same rules as a channel's file: success burns the hold, failure releases it,
 * processing and unknown are noted.
 *
 * @returns the answers that contradict what is known; nothing was changed for those
 */
export async function recordAnswers(context: Context, channel: PayoutChannel, answers: readonly PayoutAnswer[]): Promise<readonly PayoutConflict[]> {
  if (answers.length === 0) return [];
  const { db, clock, zone, operator: { name: operator, host } } = context;
  return inTransaction(db, async (tx) => {
    await takeDecisionSlot(tx);
    await createStaging(tx);
    await stageAnswers(tx, pass, answers.map((one) => ({ ...one, state: stateAfter(one.status) })));
    await judgeStaged(tx, pass, channel);
    await settleJudged(tx, { operator, host, at: clock(), zone, importId: null });
    return (await rejectedAnswers(tx)).flatMap((rejected) => {
      const { detailNo, status } = answers[rejected.record - 1]!;
      // Not to know contradicts nothing: another run has heard more meanwhile.
      return status === "unknown" ? [] : [{ detailNo, reason: explainReject(rejected).message }];
    });
  });
}
