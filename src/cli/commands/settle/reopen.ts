import { reopen, reopenable } from "../../../night/reopen.ts";
import { formatInstant, isBusinessDate, type BusinessDate } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import { readReason } from "../../../shared/reason.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue settle reopen 2026-01-31 --reason 'a merchant sent half of its orders' --yes",
      "the newest closed date, by another operator than who closed it",
    ],
  ],
  configure: (command) =>
    command
      .argument("<date>", "the business date", readDate)
      .requiredOption("--reason <text>", "why; recorded", readReason)
      .option("--yes", "do not ask")
      .option("--dry-run", "check and roll back"),
  run: async (session, [date], { reason, yes }) => {
    const { isDry } = session;
    const context = await session.open();
    const { closedAt, operator } = await reopenable(context, date);
    const question = `Reopen ${date}, closed by ${operator} at ${formatInstant(closedAt!, context.zone)}?`;
    if (!isDry && yes !== true && !(await session.ui.confirm(question))) {
      session.ui.note("nothing was changed");
      return;
    }
    await reopen(context, date, reason);
    await session.ui.show(
      { business_date: date, state: "open", reopened_by: context.operator.name, reason, dry_run: isDry },
      (page) => {
        page.line(
          isDry
            ? `dry run: business date ${date} would be open again`
            : `business date ${date} is open again; the next \`accrue settle\` settles and closes it`,
        );
      },
    );
  },
});

function readDate(text: string): BusinessDate {
  if (isBusinessDate(text)) return text;
  throw usageError("invalid_business_date", `"${text}" is no business date`, { hint: "write it like 2026-01-31" });
}
