import { setDefaultAccount } from "../../../domain/accounts/change.ts";
import { accountDocument, accountText, readAccountId } from "./view.ts";
import { defineCommand } from "../../command.ts";
import { outcomeText } from "../../story-view.ts";

export const command = defineCommand({
  examples: [["accrue account set-default M00000001 17", "withdrawals are paid there, once the cooling-off is over"]],
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .argument("<account-id>", "the account's number, as `accrue account list` shows it", readAccountId)
      .option("--dry-run", "check and roll back"),
  run: async (session, [memberNo, accountId]) => {
    const { isDry } = session;
    const name = { memberNo, accountId };
    const account = await setDefaultAccount(await session.open(), name);
    await session.ui.show(
      { ...accountDocument(memberNo, account), changed: account.isChanged, dry_run: isDry },
      (page) =>
        page.line(
          outcomeText(`${accountText(account)} is the default of member ${memberNo}`, account.isChanged, isDry),
        ),
    );
  },
});
