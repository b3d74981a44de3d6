import { reopen, reopenable } from "../../../settlement/reopen.ts";
import { formatInstant, isBusinessDate } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import { readReason } from "../../../withdrawals/model.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand<{ reason: string; yes?: boolean }>({
  examples: [["accrue settle reopen 2026-01-31 --reason 'a merchant sent half of its orders' --yes", "the newest closed date, by another operator than who closed it"]],
  configure: (command) => {
    command
      .argument("<date>", "the business date")
      .requiredOption("--reason <text>", "why; recorded")
      .option("--yes", "do not ask");
  },
  run: async (session, [date = ""], { reason: text, yes }) => {
    if (!isBusinessDate(date)) throw usageError("invalid_business_date", `"${date}" is no business date`, { hint: "write it like 2026-01-31" });
    const reason = readReason(text);
    const context = await session.open();
    const { closedAt, operator } = await reopenable(context, date);
    const question = `Reopen ${date}, closed by ${operator} at ${formatInstant(closedAt!, context.zone)}?`;
    if (yes !== true && !(await session.ui.confirm(question))) {
      session.ui.note("nothing was changed");
      return;
    }
    await reopen(context, date, reason);
    await session.ui.show({ business_date: date, state: "open", reopened_by: context.operator.name, reason }, (page) => {
      page.line(`business date ${date} is open again; the next \`accrue settle\` settles and closes it`);
    });
  },
});
