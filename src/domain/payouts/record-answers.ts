import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { createStaging } from "../../imports/staged.ts";
import { takeDecisionSlot } from "../withdrawals/decision-sql.ts";
import { stateAfter, type PayoutChannel } from "./model.ts";
import type { PayoutAnswer, PayoutConflict } from "./provider.ts";
import { answers as staging, mergeAnswers } from "./result.ts";
import { stageAnswers } from "./result-sql.ts";

/**
 * Records the answers of a provider, by the same rules as a channel's file: success burns the hold, failure releases
 * it, processing and unknown are noted.
 *
 * @returns the answers that contradict what is recorded; nothing was changed for those
 */
export async function recordAnswers(
  context: Context,
  channel: PayoutChannel,
  answers: readonly PayoutAnswer[],
): Promise<readonly PayoutConflict[]> {
  if (answers.length === 0) return [];
  const {
    db,
    clock,
    zone,
    operator: { name: operator, host },
  } = context;
  return inTransaction(db, async (tx) => {
    await takeDecisionSlot(tx);
    await createStaging(tx, staging);
    await stageAnswers(
      tx,
      answers.map((one) => ({ ...one, state: stateAfter(one.status) })),
    );
    const { rejects } = await mergeAnswers(tx, channel, { operator, host, now: clock(), zone, importId: null });
    return rejects
      .toSorted((one, other) => one.record - other.record)
      .flatMap(({ record, refusal }) => {
        const { detailNo, status } = answers[record - 1]!;
        // `unknown` contradicts nothing: another run may have got a better answer meanwhile.
        return status === "unknown" ? [] : [{ detailNo, reason: refusal!.message }];
      });
  });
}
