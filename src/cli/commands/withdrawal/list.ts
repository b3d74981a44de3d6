import { channels } from "../../../domain/accounts/model.ts";
import { usageError } from "../../../shared/errors.ts";
import { listWithdrawals } from "../../../domain/withdrawals/list.ts";
import { withdrawalStatuses } from "../../../domain/withdrawals/model.ts";
import { riskFilters } from "../../../domain/withdrawals/risk.ts";
import { amount, choice, date } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { listedWithdrawal, riskLegend } from "./view.ts";

export const command = defineList({
  examples: [
    ["accrue withdrawal list --status requested", "what waits for a decision, oldest first"],
    ["accrue withdrawal list --risk any", "of those, the ones that something speaks against"],
    [
      "accrue withdrawal list --from 2026-01-01 --to 2026-01-31 --min-amount 1000 --json",
      "a month's large ones, one object a line",
    ],
    ["accrue withdrawal list --member M00000001", "a member's withdrawals"],
  ],
  thing: listedWithdrawal,
  nothing: "no withdrawals",
  keyName: "withdrawal number",
  legend: riskLegend,
  configure: (command) =>
    command
      .addOption(choice("--status <status>", "of this status", withdrawalStatuses))
      .option("--member <member-no>", "of this member")
      .addOption(date("--from <date>", "requested on or after this business date"))
      .addOption(date("--to <date>", "requested on or before this business date"))
      .addOption(amount("--min-amount <yuan>", "of at least this gross amount"))
      .addOption(amount("--max-amount <yuan>", "of at most this gross amount"))
      .addOption(choice("--channel <channel>", "paid to an account of this channel", channels))
      .addOption(choice("--risk <risk>", "that wait, and nothing, something or this speaks against", riskFilters))
      .option("--requested-by <operator>", "requested by this operator"),
  get: ({
    status,
    risk,
    from,
    to,
    requestedBy,
    channel,
    member: memberNo,
    minAmount: minGrossFen,
    maxAmount: maxGrossFen,
  }) => {
    if (risk !== undefined && status !== undefined && status !== "requested") {
      throw usageError(
        "conflicting_options",
        `--risk and --status ${status} exclude each other: only what waits for a decision is judged`,
        { hint: "leave --status out, or give --status requested" },
      );
    }
    const filter = { status, risk, memberNo, from, to, minGrossFen, maxGrossFen, requestedBy, channel };
    return (context, page) => listWithdrawals(context, filter, page);
  },
});
