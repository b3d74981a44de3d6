import { reportNight } from "../../../night/report/night.ts";
import { requireReportFormat, writeNightReport } from "../../../night/report/file.ts";
import { defineCommand } from "../../command.ts";
import { date } from "../../flags.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue report night --business-date 2026-01-31 --output night.html",
      "a page to look at or print: charts of points, rejects, fund and withdrawals",
    ],
    ["accrue report night --business-date 2026-01-31 --output night.csv", "the same figures, one a row"],
  ],
  configure: (command) =>
    command
      .addOption(date("--business-date <date>", "the night's business date").makeOptionMandatory())
      .requiredOption("--output <file>", "where it goes; its name ends in .html or .csv"),
  run: async (session, _args, { businessDate, output }) => {
    requireReportFormat(output);
    await writeNightReport(output, await reportNight(await session.openToRead(), businessDate));
    await session.ui.show({ business_date: businessDate, file: output }, (page) =>
      page.line(`the night of ${businessDate} is in ${output}`),
    );
  },
});
