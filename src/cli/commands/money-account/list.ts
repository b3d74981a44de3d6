import { listMoneyAccounts } from "../../../domain/money-accounts/list.ts";
import type { BookedMoneyAccount } from "../../../domain/money-accounts/sql.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, id, yuan, type Thing } from "../../fields.ts";
import { tellAll } from "../../list.ts";

const moneyAccount: Thing<BookedMoneyAccount> = {
  fields: {
    money_account: id((one) => one.moneyAccount, { heading: "account" }),
    channel: { of: (one) => one.channel },
    booked: yuan((one) => one.bookedFen),
    added_by: { of: (one) => one.addedBy, rank: 2 },
    added_at: { of: (one) => one.addedAt },
  },
  columns: ["money_account", "channel", "booked", "added_by"],
};

export const command = defineCommand({
  examples: [["accrue money-account list", "the platform's own accounts, and what is booked on each"]],
  configure: (command) => addFormOptions(command, moneyAccount),
  run: async (session) => {
    const context = await session.openToRead();
    await tellAll(session, moneyAccount, "no money accounts", await listMoneyAccounts(context), context.zone);
  },
});
