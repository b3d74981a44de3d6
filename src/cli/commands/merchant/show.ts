import { showMerchant } from "../../../domain/merchants/show.ts";
import { defineShow } from "../../show.ts";
import { merchantPage, merchantStory, shownMerchant } from "./view.ts";

export const command = defineShow({
  examples: [
    ["accrue merchant show S001", "facts, contribution rates, who did what when"],
    ["accrue merchant show S001 --orders", "with its number of orders"],
  ],
  thing: merchantStory,
  page: merchantPage,
  configure: (command) =>
    command
      .argument("<merchant-code>", "the merchant's code")
      .option("--orders", "count its orders too; reads every order there is"),
  get:
    ({ orders = false }, [merchantCode]) =>
    async (context) =>
      shownMerchant(await showMerchant(context, merchantCode, orders)),
});
