import { payoutChannels } from "../../../domain/payouts/model.ts";
import { resultKind } from "../../../domain/payouts/result.ts";
import { choice } from "../../flags.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    [
      "accrue payout result answer.csv",
      "what was paid burns its hold, what failed releases it; what contradicts is rejected for a person",
    ],
    ["accrue payout result answer.csv --channel wechat --dry-run", "what it would do, about WeChat's payouts only"],
  ],
  columns: resultKind().columns,
  configure: (command) =>
    command.addOption(choice("--channel <channel>", "reject answers about other channels' payouts", payoutChannels)),
  kind: ({ channel }) => resultKind(channel ?? null),
});
