import { showMoneyAccount } from "../../../domain/money-accounts/show.ts";
import { factsOf } from "../../fields.ts";
import { defineShow } from "../../show.ts";
import { moneyAccountStory } from "./view.ts";

export const command = defineShow({
  examples: [
    ["accrue money-account show icbc-8812", "what is booked on it, what its statements say, and what is open"],
  ],
  thing: moneyAccountStory,
  page: (page, one, zone) =>
    page.heading(`Money account ${one.moneyAccount}`).facts(factsOf(moneyAccountStory, one, zone)),
  configure: (command) => command.argument("<money-account>", "the account's name"),
  get:
    (_options, [name]) =>
    (context) =>
      showMoneyAccount(context, name),
});
