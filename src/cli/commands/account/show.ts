import { showAccount } from "../../../domain/accounts/show.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { accountDocument, readAccountId, statusOf } from "./view.ts";
import { defineCommand } from "../../command.ts";
import { secretBoxOf } from "../../secret-box.ts";

export const command = defineCommand({
  examples: [
    ["accrue account show M00000001 17", "one account, and which other members have the same"],
    ["accrue account show M00000001 17 --reveal", "with number and holder in full; this is recorded"],
  ],
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .argument("<account-id>", "the account's number, as `accrue account list` shows it", readAccountId)
      .option("--reveal", "show number and holder in full; this is recorded"),
  run: async (session, [memberNo, accountId], { reveal }) => {
    const name = { memberNo, accountId };
    const box = reveal === true ? secretBoxOf(session) : undefined;
    const context = await session.open();
    const { account, sharedWith } = await showAccount(context, name, box);
    const by = (operator: string | null, at: Date | null) => (at === null ? undefined : `${formatInstant(at, context.zone)} by ${operator}`);
    await session.ui.show({ ...accountDocument(memberNo, account), key_id: account.keyId, shared_with: sharedWith }, (page) => {
      page.heading(`Payout account ${account.accountId} of member ${memberNo}`).facts([
        ["channel", account.channel],
        ["number", account.number],
        ["holder", account.holder],
        ["bank", account.bankName ?? undefined],
        ["branch", account.branchCode ?? undefined],
        ["status", account.isDefault ? "open, the default" : statusOf(account)],
        ["default since", account.isDefault ? formatInstant(account.defaultAt!, context.zone) : undefined],
        ["added", by(account.addedBy, account.addedAt)],
        ["closed", by(account.closedBy, account.closedAt)],
        ["sealed under key", account.keyId],
        ["others with the same", sharedWith.join(", ") || "none"],
      ]);
    });
  },
});
