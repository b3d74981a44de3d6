import { payoutChannels } from "../../../domain/payouts/model.ts";
import { explainResults, importResults } from "../../../domain/payouts/result.ts";
import { choice } from "../../flags.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue payout result answer.csv", "what was paid burns its hold, what failed releases it; what contradicts is rejected for a person"],
    ["accrue payout result answer.csv --channel wechat --dry-run", "what it would do, about WeChat's payouts only"],
  ],
  columnsText: "detail_no 商家明细单号, status 状态 (success 成功, failed 失败, processing 处理中, unknown 未知), amount 金额 (yuan), [reason 失败原因, channel_ref 流水号]",
  configure: (command) => command.addOption(choice("--channel <channel>", "reject answers about other channels' payouts", payoutChannels)),
  run: (context, input, { channel }) => importResults(context, input, channel ?? null),
  explain: explainResults,
});
