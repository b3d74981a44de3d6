import { listMoneyAccounts } from "../../../domain/money-accounts/list.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  examples: [["accrue money-account list", "the platform's own accounts, and what is booked on each"]],
  run: async (session) => {
    const accounts = await listMoneyAccounts(await session.open());
    const documents = accounts.map((one) => ({
      money_account: one.moneyAccount, channel: one.channel, booked: formatYuan(one.bookedFen), added_by: one.addedBy, added_at: one.addedAt.toISOString(),
    }));
    await session.ui.list(documents, (page) => {
      if (accounts.length === 0) return void page.line("no money accounts");
      page.table(
        [{ heading: "account", key: true }, { heading: "channel" }, { heading: "booked", align: "right" }, { heading: "added by", rank: 2 }],
        accounts.map((one) => [one.moneyAccount, one.channel, formatYuan(one.bookedFen), one.addedBy]),
      );
    });
  },
});
