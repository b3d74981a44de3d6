import { approveMerchant } from "../../../domain/merchants/decide.ts";
import { defineCommand } from "../../command.ts";
import { decidedMerchantDocument } from "./view.ts";
import { outcomeText } from "../../story-view.ts";

export const command = defineCommand({
  examples: [["accrue merchant approve S001", "a pending or suspended merchant becomes active: its orders are taken"]],
  configure: (command) =>
    command
      .argument("<merchant-code>", "the merchant's code")
      .option("--reason <text>", "why; recorded with the change")
      .option("--dry-run", "check and roll back"),
  run: async (session, [merchantCode], { reason }) => {
    const context = await session.open();
    const decided = await approveMerchant(context, merchantCode, reason);
    await session.ui.show(decidedMerchantDocument(decided, session.isDry), (page) =>
      page.line(
        outcomeText(`merchant ${merchantCode} is active`, decided.isChanged, session.isDry, ` (was ${decided.was})`),
      ),
    );
  },
});
