import { listAccounts } from "../../../domain/accounts/show.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { accountDocument, statusOf } from "./view.ts";
import { defineCommand } from "../../command.ts";
import { secretBoxOf } from "../../secret-box.ts";
import { yesOrNo } from "../../story-view.ts";

export const command = defineCommand({
  examples: [
    ["accrue account list M00000001", "the member's open accounts, their numbers masked"],
    ["accrue account list M00000001 --all --reveal", "the closed ones too, with number and holder in full; this is recorded"],
  ],
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .option("--all", "closed accounts too")
      .option("--reveal", "show numbers and holders in full; this is recorded"),
  run: async (session, [memberNo], { all, reveal }) => {
    const box = reveal === true ? secretBoxOf(session) : undefined;
    const context = await session.open();
    const accounts = await listAccounts(context, memberNo, all === true, box);
    await session.ui.list(accounts.map((one) => accountDocument(memberNo, one)), (page) => {
      if (accounts.length === 0) return void page.line(`member ${memberNo} has no ${all === true ? "" : "open "}payout account`);
      page.table(
        [
          { heading: "account", align: "right" }, { heading: "channel" }, { heading: "number", key: true }, { heading: "holder" },
          { heading: "bank", rank: 2 }, { heading: "default" }, { heading: "status" }, { heading: "added", atLeast: 19 },
        ],
        accounts.map((one) => [
          one.accountId.toString(), one.channel, one.number, one.holder, one.bankName ?? "", yesOrNo(one.isDefault), statusOf(one),
          `${formatInstant(one.addedAt, context.zone)} ${one.addedBy}`,
        ]),
      );
    });
  },
});
