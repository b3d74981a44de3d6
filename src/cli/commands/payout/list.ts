import { listBatches, listUnanswered } from "../../../domain/payouts/list.ts";
import { payoutChannels } from "../../../domain/payouts/model.ts";
import type { BatchStanding } from "../../../domain/payouts/read-sql.ts";
import { defineCommand } from "../../command.ts";
import { chosenOf } from "../../fields.ts";
import { choice } from "../../flags.ts";
import { addListOptions, tellAll, tellList, type Listing } from "../../list.ts";
import { listedBatch, unansweredPayouts } from "./view.ts";

const batches: Listing<BatchStanding> = {
  thing: listedBatch,
  nothing: "no payout batches",
  keyName: "batch number (batches are listed newest first)",
};

export const command = defineCommand({
  examples: [
    ["accrue payout list", "the newest batches, and how much of each is answered"],
    ["accrue payout list --unanswered", "what still waits for an answer, by age"],
    ["accrue payout list --channel bank --json", "a channel's batches, one object a line"],
  ],
  configure: (command) =>
    addListOptions(
      command
        .addOption(choice("--channel <channel>", "of this channel", payoutChannels))
        .option("--unanswered", "count what waits for an answer, by channel and age, instead"),
      batches,
      unansweredPayouts,
    ),
  run: async (session, _args, { channel, unanswered, ...options }) => {
    if (unanswered !== true)
      return tellList(session, batches, (context, page) => listBatches(context, channel, page), options);
    chosenOf(session, unansweredPayouts);
    const context = await session.openToRead();
    await tellAll(
      session,
      unansweredPayouts,
      "every payout is answered",
      await listUnanswered(context, channel),
      context.zone,
    );
  },
});
