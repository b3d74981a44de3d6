import type { Context } from "../../db/context.ts";
import { dedicated, inTransaction } from "../../db/database.ts";
import { ensureSlot, freeSlot, slotHolder, takeSlot } from "../../db/run-slots.ts";
import { nextId } from "../../db/numbers.ts";
import type { PayoutChannel } from "./model.ts";
import { payoutsBusy } from "./payout-errors.ts";

/**
 * Pays through a channel as the only run that does, from recording a batch to handing it over. That nobody is paid twice
 * does not rest on it, but on batches and their keys: so a batch that a dead run left is gone on with outside of any turn.
 *
 * @throws busy `payouts_busy`, at once, naming who pays through the channel now
 */
export async function inTurn<T>(context: Context, channel: PayoutChannel, work: () => Promise<T>): Promise<T> {
  const slot = `payout_${channel}` as const;
  const session = dedicated(context.db);
  try {
    const runId = await inTransaction(session, async (tx) => {
      await ensureSlot(tx, slot);
      // No run that is recorded anywhere, so none that takes the number of one.
      const ownId = await nextId(tx);
      if ((await takeSlot(tx, slot, ownId, context.operator, context.clock())) !== undefined) return ownId;
      const holder = await slotHolder(tx, slot);
      throw payoutsBusy(channel, holder?.lives === true ? holder : undefined);
    });
    try {
      return await work();
    } finally {
      // When the connection is dead, that frees the slot as well.
      await inTransaction(session, (tx) => freeSlot(tx, slot, runId)).catch(() => {});
    }
  } finally {
    await session.close();
  }
}
