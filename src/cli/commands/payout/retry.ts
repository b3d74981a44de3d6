import { retryPayouts } from "../../../domain/payouts/retry.ts";
import { formatYuan } from "../../../shared/money.ts";
import type { WithdrawalStatus } from "../../../domain/withdrawals/model.ts";
import { defineCommand } from "../../command.ts";
import { offeredWithdrawals } from "../../completion/offers.ts";

export const command = defineCommand({
  examples: [
    ["accrue payout retry W00000007", "request a withdrawal whose payout failed once more: its points were given back"],
    ["accrue payout retry W00000007 W00000009 --dry-run", "whether anything stands against it"],
  ],
  offers: { "withdrawal-no": offeredWithdrawals(["failed"] satisfies WithdrawalStatus[]) },
  configure: (command) =>
    command
      .argument("<withdrawal-no...>", "withdrawals that failed; all of them are requested anew, or none")
      .option("--yes", "do not ask")
      .option("--dry-run", "check and roll back"),
  run: async (session, [withdrawalNos], { yes }) => {
    const { isDry } = session;
    const context = await session.open();
    if (
      !isDry &&
      yes !== true &&
      !(await session.ui.confirm(
        `Request ${withdrawalNos.length === 1 ? withdrawalNos[0]! : `${withdrawalNos.length} withdrawals`} anew?`,
      ))
    ) {
      session.ui.note("nothing was changed");
      return;
    }
    const retried = await retryPayouts(context, withdrawalNos);
    const documents = retried.map(({ withdrawalNo, failedWithdrawalNo, memberNo, points, netFen }) => ({
      withdrawal_no: isDry ? null : withdrawalNo,
      in_place_of: failedWithdrawalNo,
      member_no: memberNo,
      points,
      net: formatYuan(netFen),
      dry_run: isDry,
    }));
    await session.ui.show(documents, (page) => {
      for (const { withdrawalNo, failedWithdrawalNo, memberNo, points, netFen } of retried) {
        const facts = `${points} points of member ${memberNo}, ${formatYuan(netFen)} yuan net`;
        page.line(
          isDry
            ? `dry run: ${failedWithdrawalNo} can be requested anew: ${facts}`
            : `requested ${withdrawalNo} in place of ${failedWithdrawalNo}: ${facts}; it waits for approval`,
        );
      }
    });
  },
});
