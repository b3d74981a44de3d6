import { formatYuan } from "../../../shared/money.ts";
import { formatRate } from "../../../shared/rates.ts";
import { readPoints } from "../../../domain/withdrawals/model.ts";
import { requestWithdrawal } from "../../../domain/withdrawals/request.ts";
import { defineCommand } from "../../command.ts";
import { readAccountId } from "../account/view.ts";
import { statusText, withdrawalDocument } from "./view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue withdrawal request --member M00000001 --points 100",
      "hold 100 points, to be paid out once another operator approves",
    ],
    [
      "accrue withdrawal request --member M00000001 --points 100 --dry-run",
      "what the member would get, and whether anything stands against it",
    ],
  ],
  configure: (command) =>
    command
      .requiredOption("--member <member-no>", "the member's number")
      .requiredOption("--points <number>", "how many points to turn into cash", readPoints)
      .option(
        "--account <account-id>",
        "the payout account to pay it to (default: the member's default account)",
        readAccountId,
      )
      .option("--dry-run", "check and roll back"),
  run: async (session, _args, { member, points, account }) => {
    const { isDry } = session;
    const made = await requestWithdrawal(await session.open(), { memberNo: member, points, accountId: account });
    const withdrawal = {
      ...made,
      status: "requested",
      firstApprovedBy: null,
      approvedBy: null,
      decidedBy: null,
      decidedAt: null,
      reason: null,
    } as const;
    // A dry run's number is not the withdrawal's: nothing keeps it.
    const document = {
      ...withdrawalDocument(withdrawal),
      withdrawal_no: isDry ? null : made.withdrawalNo,
      available: made.availablePoints,
      dry_run: isDry,
    };
    await session.ui.show(document, (page) => {
      page
        .line(
          isDry
            ? `dry run: member ${member} can withdraw ${made.points} points`
            : `requested ${made.withdrawalNo} for member ${member}`,
        )
        .facts([
          ["points", made.points.toString()],
          ["gross", `${formatYuan(made.grossFen)} yuan`],
          ["fee", `${formatYuan(made.feeFen)} yuan (${formatRate(made.policy.feeBps)})`],
          ["net", `${formatYuan(made.netFen)} yuan`],
          ["status", statusText(withdrawal)],
          ["left available", `${made.availablePoints} points`],
        ]);
    });
  },
});
