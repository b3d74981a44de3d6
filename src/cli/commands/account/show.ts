import { showAccount } from "../../../domain/accounts/show.ts";
import { factsOf } from "../../fields.ts";
import { secretBoxOf } from "../../secret-box.ts";
import { defineShow } from "../../show.ts";
import { accountStory, readAccountId } from "./view.ts";

export const command = defineShow({
  examples: [
    ["accrue account show M00000001 17", "one account, and which other members have the same"],
    ["accrue account show M00000001 17 --reveal", "with number and holder in full; this is recorded"],
  ],
  thing: accountStory,
  page: (page, one, zone) =>
    page.heading(`Payout account ${one.accountId} of member ${one.memberNo}`).facts(factsOf(accountStory, one, zone)),
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .argument("<account-id>", "the account's number, as `accrue account list` shows it", readAccountId)
      .option("--reveal", "show number and holder in full; this is recorded"),
  get: ({ reveal = false }, [memberNo, accountId], session) => {
    const box = reveal ? secretBoxOf(session) : undefined;
    return async (context) => {
      const { account, sharedWith } = await showAccount(context, { memberNo, accountId }, box);
      return { ...account, memberNo, sharedWith };
    };
  },
});
