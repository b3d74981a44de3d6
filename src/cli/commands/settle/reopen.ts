import { reopenable, reopenSubject } from "../../../night/reopen.ts";
import { formatInstant, isBusinessDate, type BusinessDate } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue settle reopen 2026-01-31 --reason 'a merchant sent half of its orders' --yes",
      "the newest closed date, once another operator approves it; neither is who closed it",
    ],
  ],
  configure: (command) =>
    addProposalOptions(command.argument("<date>", "the business date", readDate).option("--yes", "do not ask")),
  run: async (session, [date], { reason, expiresIn, yes }) => {
    const context = await session.open();
    const { closedAt, operator } = await reopenable(context, date);
    const question = `Propose to reopen ${date}, closed by ${operator} at ${formatInstant(closedAt!, context.zone)}?`;
    if (!session.isDry && yes !== true && !(await session.ui.confirm(question))) {
      session.ui.note("nothing was changed");
      return;
    }
    await proposeAndTell(session, context, reopenSubject, { business_date: date }, { reason, expiresIn });
  },
});

function readDate(text: string): BusinessDate {
  if (isBusinessDate(text)) return text;
  throw usageError("invalid_business_date", `"${text}" is no business date`, { hint: "write it like 2026-01-31" });
}
