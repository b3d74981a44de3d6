import { showMerchant } from "../../../domain/merchants/show.ts";
import { defineCommand } from "../../command.ts";
import { merchantDocument, merchantPage } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue merchant show S001", "facts, contribution rates, who did what when"],
    ["accrue merchant show S001 --orders", "with its number of orders"],
  ],
  configure: (command) =>
    command
      .argument("<merchant-code>", "the merchant's code")
      .option("--orders", "count its orders too; reads every order there is"),
  run: async (session, [merchantCode], { orders }) => {
    const context = await session.open();
    const story = await showMerchant(context, merchantCode, orders === true);
    await session.ui.show(merchantDocument(story), (page) => merchantPage(page, story, context.zone));
  },
});
