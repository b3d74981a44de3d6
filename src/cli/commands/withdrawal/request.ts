import { formatYuan } from "../../../shared/money.ts";
import { formatRate } from "../../../shared/rates.ts";
import { readPoints, readRequestNo } from "../../../domain/withdrawals/model.ts";
import { requestWithdrawal, type RequestedWithdrawal } from "../../../domain/withdrawals/request.ts";
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
    [
      "accrue withdrawal request --member M00000001 --points 100 --request-no APP-4711",
      "for programs: run again, it is the same request",
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
      .option(
        "--request-no <number>",
        "the number that whoever asks knows it by; the same again changes nothing",
        readRequestNo,
      )
      .option("--dry-run", "check and roll back"),
  run: async (session, _args, { member, points, account, requestNo }) => {
    const { isDry } = session;
    const request = { memberNo: member, points, accountId: account, requestNo };
    const made = await requestWithdrawal(await session.open(), request);
    // A dry run's number is not the withdrawal's: nothing keeps it.
    const document = {
      ...withdrawalDocument(made),
      withdrawal_no: isDry && made.isNew ? null : made.withdrawalNo,
      request_no: made.requestNo,
      available: made.availablePoints,
      new: made.isNew,
      dry_run: isDry,
    };
    await session.ui.show(document, (page) => {
      page.line(outcome(made, isDry)).facts([
        ["points", made.points.toString()],
        ["gross", `${formatYuan(made.grossFen)} yuan`],
        ["fee", `${formatYuan(made.feeFen)} yuan (${formatRate(made.feeBps)})`],
        ["net", `${formatYuan(made.netFen)} yuan`],
        ["status", statusText(made)],
        ["left available", `${made.availablePoints} points`],
      ]);
    });
  },
});

function outcome({ isNew, memberNo, points, withdrawalNo, requestNo }: RequestedWithdrawal, isDry: boolean): string {
  if (!isNew) return `request ${requestNo} is ${withdrawalNo} already; nothing to do`;
  return isDry
    ? `dry run: member ${memberNo} can withdraw ${points} points`
    : `requested ${withdrawalNo} for member ${memberNo}`;
}
