import { channels, type Channel } from "../../../domain/accounts/model.ts";
import { usageError } from "../../../shared/errors.ts";
import { listWithdrawals, type ListFilter } from "../../../domain/withdrawals/list.ts";
import { withdrawalStatuses, type WithdrawalStatus } from "../../../domain/withdrawals/model.ts";
import { riskFilters, type RiskFilter } from "../../../domain/withdrawals/risk.ts";
import { choice } from "../../choice.ts";
import { defineCommand } from "../../command.ts";
import { addPageOptions, amountOption, dateOption, limitOf, moreText, type PageOptions } from "../../list-options.ts";
import { listedDocument, withdrawalsTable } from "./view.ts";

interface Options extends PageOptions {
  readonly status?: WithdrawalStatus;
  readonly member?: string;
  readonly from?: string;
  readonly to?: string;
  readonly minAmount?: string;
  readonly maxAmount?: string;
  readonly requestedBy?: string;
  readonly channel?: Channel;
  readonly risk?: RiskFilter;
}

export const command = defineCommand<Options>({
  examples: [
    ["accrue withdrawal list --status requested", "what waits for a decision, oldest first"],
    ["accrue withdrawal list --risk any", "of those, the ones that something speaks against"],
    ["accrue withdrawal list --from 2026-01-01 --to 2026-01-31 --min-amount 1000 --json", "a month's large ones, one object a line"],
    ["accrue withdrawal list --member M00000001", "a member's withdrawals"],
  ],
  configure: (command) => {
    command
      .addOption(choice("--status <status>", "of this status", withdrawalStatuses))
      .option("--member <member-no>", "of this member")
      .option("--from <date>", "requested on or after this business date")
      .option("--to <date>", "requested on or before this business date")
      .option("--min-amount <yuan>", "of at least this gross amount")
      .option("--max-amount <yuan>", "of at most this gross amount")
      .addOption(choice("--channel <channel>", "paid to an account of this channel", channels))
      .addOption(choice("--risk <risk>", "that wait, and nothing, something or this speaks against", riskFilters))
      .option("--requested-by <operator>", "requested by this operator");
    addPageOptions(command, "withdrawal number");
  },
  run: async (session, _args, options) => {
    const limit = limitOf(options);
    const filter = filterOf(options);
    const page = { limit, ...(options.after === undefined ? {} : { after: options.after }) };
    const { withdrawals, nextAfter } = await listWithdrawals(await session.open(), filter, page);
    await session.ui.list(withdrawals.map(listedDocument), (page) => {
      if (withdrawals.length === 0) page.line("no withdrawals");
      else withdrawalsTable(page, withdrawals, moreText(nextAfter !== undefined, nextAfter));
    });
  },
});

function filterOf(options: Options): ListFilter {
  const { status, risk } = options;
  if (risk !== undefined && status !== undefined && status !== "requested") {
    throw usageError("conflicting_options", `--risk and --status ${status} exclude each other: only what waits for a decision is judged`, {
      hint: "leave --status out, or give --status requested",
    });
  }
  return { ...narrowed(options), status, risk };
}

const narrowed = (options: Options): Omit<ListFilter, "status" | "risk"> => ({
  memberNo: options.member,
  from: dateOption("--from", options.from),
  to: dateOption("--to", options.to),
  minGrossFen: amountOption("--min-amount", options.minAmount),
  maxGrossFen: amountOption("--max-amount", options.maxAmount),
  requestedBy: options.requestedBy,
  channel: options.channel,
});
