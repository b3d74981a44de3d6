import type { SecretBox } from "../accounts/secret-box.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { selectUnsettled, type BatchRow } from "./batch-sql.ts";
import { handOver } from "./hand-over.ts";
import type { PayoutConflict, PayoutProvider } from "./provider.ts";
import { countAnswers, type AnswerCounts } from "./read-sql.ts";

/** The result of sending a batch. */
export interface SentBatch {
  readonly batch: BatchRow & AnswerCounts;
  readonly conflictCount: number;
  /** The first answers that contradict what was sent. */
  readonly conflicts: readonly PayoutConflict[];
}

/**
 * Sends the unanswered payouts of recorded batches: asks for the state of each, and makes those that the provider does
 * not know, under the same keys. It can be repeated, and after any crash of another run, without paying anybody twice.
 *
 * @param batchNos in the order to send them
 * @param isFirst the batches were recorded just now
 * @throws what `handOver` throws; earlier batches are sent then
 */
export async function sendBatches(
  context: Context,
  box: SecretBox,
  provider: PayoutProvider,
  batchNos: readonly string[],
  isFirst = false,
): Promise<readonly SentBatch[]> {
  const sent: SentBatch[] = [];
  for (const batchNo of batchNos) {
    const { batch, conflictCount, conflicts } = await handOver(context, box, provider, batchNo, isFirst);
    sent.push({
      batch: { ...batch, ...(await reading(() => countAnswers(context.db.sql, batchNo))) },
      conflictCount,
      conflicts,
    });
  }
  return sent;
}

/** The batches of a provider's channel with payouts that are unanswered or may not have been sent, oldest first. */
export async function unsettledBatches({ db }: Context, { channel }: PayoutProvider): Promise<readonly string[]> {
  return reading(() => selectUnsettled(db.sql, channel));
}
