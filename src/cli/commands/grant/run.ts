import { fundFen } from "../../../domain/grants/model.ts";
import { runGrant, type GrantReport, grantFigures } from "../../../domain/grants/run.ts";
import { formatYuan } from "../../../shared/money.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { skippedText, unevidencedText, waitingText, waitsText } from "./view.ts";
import { addLogOption } from "../../log-option.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue grant run --business-date 2026-01-31",
      "grant points for all paid orders up to that date that are not settled yet",
    ],
    ["accrue grant run --business-date 2026-01-31 --dry-run", "the same figures, with nothing kept"],
  ],
  configure: (command) =>
    addLogOption(
      command
        .requiredOption("--business-date <date>", "the day to settle up to, in the platform's time zone")
        .option("--dry-run", "the same path and figures, with nothing kept"),
    ),
  run: async (session, _args, { businessDate }) => {
    const report = await runGrant(await session.open(), { businessDate });
    await session.ui.show(reportDocument(report), (page) => showReport(page, report));
  },
});

const reportDocument = (report: GrantReport) => ({
  run_id: report.runId ?? null,
  business_date: report.businessDate,
  ...grantFigures(report),
  dry_run: report.dryRun,
  took_over_run_id: report.tookOver ?? null,
  earlier_run_id: report.earlier?.runId ?? null,
  waits: report.waits ?? null,
});

function showReport(page: Page, report: GrantReport): void {
  if (report.runId === undefined && !report.dryRun) {
    const { earlier } = report;
    const before =
      earlier === undefined
        ? ""
        : `; run ${earlier.runId} of ${earlier.operator} granted ${earlier.pointsGranted} points for this date`;
    const waiting = waitsText(report.waits!);
    const all = waiting === undefined ? "every order" : "but for orders that wait, every one";
    page.line(`nothing to do: ${all} up to ${report.businessDate} is settled${before}`);
    return void (waiting === undefined ? undefined : page.line(`waiting: ${waiting}`));
  }
  page.heading(
    report.dryRun
      ? `dry run for ${report.businessDate}, nothing kept`
      : `grant run ${report.runId} for ${report.businessDate}`,
  );
  page.facts([
    ["orders settled", report.orders.toLocaleString("en-US")],
    ["members", report.members.toLocaleString("en-US")],
    ["points granted", report.pointsGranted.toLocaleString("en-US")],
    ["points clawed back", report.pointsClawedBack.toLocaleString("en-US")],
    ["merchants contribute", formatYuan(report.contributionFen)],
    ["into the points fund", formatYuan(fundFen(report))],
    ["skipped", skippedText(report)],
    ["waiting", waitingText(report)],
    ["no evidence", unevidencedText(report)],
    ["took over", report.tookOver === undefined ? undefined : `the rest of run ${report.tookOver}, which died`],
  ]);
}
