import type { SecretBox } from "../accounts/secret-box.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { selectUnsettled, type BatchRow } from "./batch-sql.ts";
import { handOver } from "./hand-over.ts";
import type { PayoutConflict, PayoutProvider } from "./provider.ts";
import { countAnswers, type AnswerCounts } from "./read-sql.ts";

/** What became of a batch that was sent. */
export interface SentBatch {
  readonly batch: BatchRow & AnswerCounts;
  readonly conflictCount: number;
  /** The first answers that contradict what was sent. */
  readonly conflicts: readonly PayoutConflict[];
}

/**
 * Sends what of recorded batches is unanswered: asks what became of each payout, and makes those that the provider never
 * heard of, under the same keys. However often, and after whatever end of another run, nobody is paid twice.
 *
 * @param batchNos in their order
 * @param isFirst the batches were recorded just now
 * @throws what `handOver` throws; the batches before are sent then
 */
export async function sendBatches(context: Context, box: SecretBox, provider: PayoutProvider, batchNos: readonly string[], isFirst = false): Promise<readonly SentBatch[]> {
  const sent: SentBatch[] = [];
  for (const batchNo of batchNos) {
    const { batch, conflictCount, conflicts } = await handOver(context, box, provider, batchNo, isFirst);
    sent.push({ batch: { ...batch, ...(await reading(() => countAnswers(context.db.sql, batchNo))) }, conflictCount, conflicts });
  }
  return sent;
}

/** The batches of a provider's channel that something of is unanswered, or may never have been sent, oldest first. */
export async function unsettledBatches({ db }: Context, { channel }: PayoutProvider): Promise<readonly string[]> {
  return reading(() => selectUnsettled(db.sql, channel));
}
