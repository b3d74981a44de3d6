import { addMoneyAccount } from "../../../domain/money-accounts/add.ts";
import { moneyChannels } from "../../../domain/money-accounts/model.ts";
import { defineCommand } from "../../command.ts";
import { choice } from "../../flags.ts";

export const command = defineCommand({
  examples: [["accrue money-account add icbc-8812 --channel bank", "an account of the platform's own, at a bank"]],
  configure: (command) =>
    command
      .argument("<name>", "what it is called from now on: lower-case letters, digits and hyphens")
      .addOption(choice("--channel <channel>", "where it is kept", moneyChannels).makeOptionMandatory())
      .option("--dry-run", "check and roll back"),
  run: async (session, [name], { channel }) => {
    const { isDry } = session;
    const { account, isNew } = await addMoneyAccount(await session.open(), name, channel);
    const document = {
      money_account: account.moneyAccount,
      channel: account.channel,
      added_by: account.addedBy,
      added_at: account.addedAt.toISOString(),
      new: isNew,
      dry_run: isDry,
    };
    await session.ui.show(document, (page) =>
      page.line(
        isNew
          ? `${isDry ? "dry run: " : ""}added money account ${name} (${channel})`
          : `money account ${name} (${channel}) is there already; nothing to do`,
      ),
    );
  },
});
