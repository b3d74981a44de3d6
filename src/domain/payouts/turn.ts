import type { Context } from "../../db/context.ts";
import { dedicated, inTransaction } from "../../db/database.ts";
import { ensureSlot, freeSlot, slotHolder, takeSlot } from "../../db/run-slots.ts";
import { nextId } from "../../db/numbers.ts";
import type { PayoutChannel } from "./model.ts";
import { payoutsBusy } from "./payout-errors.ts";

/**
 * Runs `work` as the only payment run of a channel, from recording a batch to handing it over. Batches and their keys,
 * not this lock, keep payments from being made twice, so the batch of a dead run can be continued without it.
 *
 * @throws busy `payouts_busy`, at once, naming who pays through the channel now
 */
export async function inTurn<T>(context: Context, channel: PayoutChannel, work: () => Promise<T>): Promise<T> {
  const slot = `payout_${channel}` as const;
  const session = dedicated(context.db);
  try {
    const runId = await inTransaction(session, async (tx) => {
      await ensureSlot(tx, slot);
      // This run is not recorded, so it takes an id, not a run number.
      const ownId = await nextId(tx);
      if ((await takeSlot(tx, slot, ownId, context.operator, context.clock())) !== undefined) return ownId;
      const holder = await slotHolder(tx, slot);
      throw payoutsBusy(channel, holder?.lives === true ? holder : undefined);
    });
    try {
      return await work();
    } finally {
      // Best effort: a connection that is gone has freed the slot already.
      await inTransaction(session, (tx) => freeSlot(tx, slot, runId)).catch(() => {});
    }
  } finally {
    await session.close();
  }
}
