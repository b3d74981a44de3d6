import { reopen, reopenable } from "../../../night/reopen.ts";
import { formatInstant, isBusinessDate } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import { readReason } from "../../../domain/withdrawals/model.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand<{ reason: string; yes?: boolean; dryRun?: boolean }>({
  examples: [["accrue settle reopen 2026-01-31 --reason 'a merchant sent half of its orders' --yes", "the newest closed date, by another operator than who closed it"]],
  configure: (command) => {
    command
      .argument("<date>", "the business date")
      .requiredOption("--reason <text>", "why; recorded")
      .option("--yes", "do not ask")
      .option("--dry-run", "check and roll back");
  },
  run: async (session, [date = ""], { reason: text, yes, dryRun = false }) => {
    if (!isBusinessDate(date)) throw usageError("invalid_business_date", `"${date}" is no business date`, { hint: "write it like 2026-01-31" });
    const reason = readReason(text);
    const context = await session.open();
    const { closedAt, operator } = await reopenable(context, date);
    const question = `Reopen ${date}, closed by ${operator} at ${formatInstant(closedAt!, context.zone)}?`;
    if (!dryRun && yes !== true && !(await session.ui.confirm(question))) {
      session.ui.note("nothing was changed");
      return;
    }
    await reopen(context, date, reason, dryRun ? "rollback" : "commit");
    await session.ui.show({ business_date: date, state: "open", reopened_by: context.operator.name, reason, dry_run: dryRun }, (page) => {
      page.line(dryRun ? `dry run: business date ${date} would be open again` : `business date ${date} is open again; the next \`accrue settle\` settles and closes it`);
    });
  },
});
