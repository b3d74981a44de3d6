import { approveMerchant } from "../../../domain/merchants/decide.ts";
import { defineCommand } from "../../command.ts";
import { decidedMerchantDocument } from "./view.ts";
import { outcomeText } from "../../story-view.ts";

interface Options {
  readonly reason?: string;
  readonly dryRun?: boolean;
}

export const command = defineCommand<Options>({
  examples: [["accrue merchant approve S001", "a pending or suspended merchant becomes active: its orders are taken"]],
  configure: (command) => {
    command
      .argument("<merchant-code>", "the merchant's code")
      .option("--reason <text>", "why; recorded with the change")
      .option("--dry-run", "check and roll back");
  },
  run: async (session, [merchantCode], { reason, dryRun }) => {
    const context = await session.open();
    const decided = await approveMerchant(context, merchantCode!, reason, dryRun === true ? "rollback" : "commit");
    await session.ui.show(decidedMerchantDocument(decided, dryRun === true), (page) =>
      page.line(outcomeText(`merchant ${merchantCode} is active`, decided.isChanged, dryRun, ` (was ${decided.was})`)),
    );
  },
});
