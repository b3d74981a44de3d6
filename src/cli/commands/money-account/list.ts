import { listMoneyAccounts } from "../../../domain/money-accounts/list.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions } from "../../fields.ts";
import { tellAll } from "../../list.ts";
import { moneyAccount } from "./view.ts";

export const command = defineCommand({
  examples: [["accrue money-account list", "the platform's own accounts, and what is booked on each"]],
  configure: (command) => addFormOptions(command, moneyAccount),
  run: async (session) => {
    const context = await session.openToRead();
    await tellAll(session, moneyAccount, "no money accounts", await listMoneyAccounts(context), context.zone);
  },
});
