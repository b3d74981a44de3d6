import { closeAccount } from "../../../domain/accounts/change.ts";
import { accountDocument, accountText, readAccountId } from "./view.ts";
import { defineCommand } from "../../command.ts";
import { isConfirmed } from "../../confirm.ts";
import { outcomeText } from "../../story-view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue account close M00000001 17 --reason 'the member lost the card'",
      "nothing is paid there any more; asks first",
    ],
  ],
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .argument("<account-id>", "the account's number, as `accrue account list` shows it", readAccountId)
      .option("--reason <text>", "why; recorded with the change")
      .option("--yes", "do not ask")
      .option("--dry-run", "check and roll back"),
  run: async (session, [memberNo, accountId], { reason, yes }) => {
    const { isDry } = session;
    const name = { memberNo, accountId };
    if (
      !isDry &&
      !(await isConfirmed(
        session.ui,
        { text: `Close payout account ${accountId} of member ${memberNo} for good?` },
        yes,
      ))
    )
      return;
    const account = await closeAccount(await session.open(), name, reason);
    await session.ui.show(
      { ...accountDocument(memberNo, account), changed: account.isChanged, dry_run: isDry },
      (page) => {
        page.line(outcomeText(`${accountText(account)} of member ${memberNo} is closed`, account.isChanged, isDry));
        if (account.wasDefault) page.line(`member ${memberNo} has no default account now`);
      },
    );
  },
});
