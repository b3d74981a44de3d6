import { suspendMerchant } from "../../../domain/merchants/decide.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { defineCommand } from "../../command.ts";
import { decidedMerchantDocument } from "./view.ts";
import { outcomeText } from "../../story-view.ts";

export const command = defineCommand({
  examples: [
    ["accrue merchant suspend S001 --reason 'complaints'", "orders paid from now on are rejected at import"],
    ["accrue merchant suspend S001 --from 2026-01-31", "orders paid on that day or later are"],
  ],
  configure: (command) =>
    command
      .argument("<merchant-code>", "the merchant's code")
      .option("--from <date-or-time>", "orders paid from then on are rejected (default: now)")
      .option("--reason <text>", "why; recorded with the change")
      .option("--dry-run", "check and roll back"),
  run: async (session, [merchantCode], { from, reason }) => {
    const context = await session.open();
    const decided = await suspendMerchant(context, merchantCode, { from, reason });
    const since = formatInstant(decided.merchant.suspendedAt!, context.zone);
    await session.ui.show(decidedMerchantDocument(decided, session.isDry), (page) =>
      page.line(
        outcomeText(
          `merchant ${merchantCode} is suspended${decided.isChanged ? "" : ` since ${since}`}`,
          decided.isChanged,
          session.isDry,
          `: orders paid at or after ${since} are rejected (was ${decided.was})`,
        ),
      ),
    );
  },
});
