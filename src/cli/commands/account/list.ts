import { listAccounts } from "../../../domain/accounts/show.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions } from "../../fields.ts";
import { tellAll } from "../../list.ts";
import { secretBoxOf } from "../../secret-box.ts";
import { listedAccount } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue account list M00000001", "the member's open accounts, their numbers masked"],
    [
      "accrue account list M00000001 --all --reveal",
      "the closed ones too, with number and holder in full; this is recorded",
    ],
  ],
  configure: (command) =>
    addFormOptions(
      command
        .argument("<member-no>", "the member's number")
        .option("--all", "closed accounts too")
        .option("--reveal", "show numbers and holders in full; this is recorded"),
      listedAccount,
    ),
  run: async (session, [memberNo], { all = false, reveal = false }) => {
    const box = reveal ? secretBoxOf(session) : undefined;
    const context = await session.openToRead({ reveal });
    const accounts = await listAccounts(context, memberNo, all, box);
    const rows = accounts.map((one) => Object.assign({}, one, { memberNo }));
    await tellAll(
      session,
      listedAccount,
      `member ${memberNo} has no ${all ? "" : "open "}payout account`,
      rows,
      context.zone,
    );
  },
});
