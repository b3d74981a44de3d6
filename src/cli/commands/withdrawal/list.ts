import { channels } from "../../../domain/accounts/model.ts";
import { usageError } from "../../../shared/errors.ts";
import { listWithdrawals } from "../../../domain/withdrawals/list.ts";
import { withdrawalStatuses } from "../../../domain/withdrawals/model.ts";
import { riskFilters } from "../../../domain/withdrawals/risk.ts";
import { defineCommand } from "../../command.ts";
import { amount, choice, date } from "../../flags.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";
import { listedDocument, withdrawalsTable } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue withdrawal list --status requested", "what waits for a decision, oldest first"],
    ["accrue withdrawal list --risk any", "of those, the ones that something speaks against"],
    ["accrue withdrawal list --from 2026-01-01 --to 2026-01-31 --min-amount 1000 --json", "a month's large ones, one object a line"],
    ["accrue withdrawal list --member M00000001", "a member's withdrawals"],
  ],
  configure: (command) =>
    addPageOptions(command
      .addOption(choice("--status <status>", "of this status", withdrawalStatuses))
      .option("--member <member-no>", "of this member")
      .addOption(date("--from <date>", "requested on or after this business date"))
      .addOption(date("--to <date>", "requested on or before this business date"))
      .addOption(amount("--min-amount <yuan>", "of at least this gross amount"))
      .addOption(amount("--max-amount <yuan>", "of at most this gross amount"))
      .addOption(choice("--channel <channel>", "paid to an account of this channel", channels))
      .addOption(choice("--risk <risk>", "that wait, and nothing, something or this speaks against", riskFilters))
      .option("--requested-by <operator>", "requested by this operator"), "withdrawal number", String),
  run: async (session, _args, { status, risk, from, to, requestedBy, channel, after, limit = defaultLimit, ...options }) => {
    if (risk !== undefined && status !== undefined && status !== "requested") {
      throw usageError("conflicting_options", `--risk and --status ${status} exclude each other: only what waits for a decision is judged`, {
        hint: "leave --status out, or give --status requested",
      });
    }
    const { member: memberNo, minAmount: minGrossFen, maxAmount: maxGrossFen } = options;
    const filter = { status, risk, memberNo, from, to, minGrossFen, maxGrossFen, requestedBy, channel };
    const { withdrawals, nextAfter } = await listWithdrawals(await session.open(), filter, { after, limit });
    await session.ui.list(withdrawals.map(listedDocument), (page) => {
      if (withdrawals.length === 0) page.line("no withdrawals");
      else withdrawalsTable(page, withdrawals, moreText(nextAfter !== undefined, nextAfter));
    });
  },
});
