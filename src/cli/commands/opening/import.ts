import { openingColumns } from "../../../domain/adjustments/import-row.ts";
import { proposeOpening } from "../../../domain/adjustments/propose.ts";
import { columnsText } from "../../../imports/columns.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { amount, date, parsed } from "../../flags.ts";
import { addProposalOptions } from "../../proposing.ts";
import { tellProposedRows } from "../points/view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue opening import balances.csv --date 2026-01-01 --control-points 812400 --control-fund 812400.00 --reason 'move from the old system'",
      "what each member brings, and the money that the fund opens with; another operator approves it",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<file>", "a CSV file, one row a member; - is standard input")
        .addOption(date("--date <date>", "the business date that the balances are of").makeOptionMandatory())
        .addOption(parsed("--control-points <points>", "what its points add up to", readTotal).makeOptionMandatory())
        .addOption(amount("--control-fund <yuan>", "the money that the fund opens with").makeOptionMandatory())
        .addHelpText(
          "after",
          `\nColumns (a Chinese name is as good, optional ones in brackets):\n  ${columnsText(openingColumns)}\n`,
        ),
    ),
  run: async (session, [path], { reason, expiresIn, date: day, controlPoints, controlFund }) => {
    const context = await session.open();
    const file = { input: { path }, date: day, control: { points: controlPoints, fundFen: controlFund } };
    await tellProposedRows(session, context, await proposeOpening(context, file, { reason, expiresIn }));
  },
});

function readTotal(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw usageError("invalid_points", `"${text}" is no number of points`, { hint: "write it like 812400" });
}
