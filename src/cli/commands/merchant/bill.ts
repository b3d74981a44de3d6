import { issueBills, type IssuedBills } from "../../../domain/billing/issue.ts";
import { periodText } from "../../../domain/billing/model.ts";
import { writeBills, type WrittenBills } from "../../../reports/bill-documents.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { amountDocument, amountFacts, readPeriodFlag } from "./bill-view.ts";

export const command = defineCommand({
  examples: [
    ["accrue merchant bill --period 2026-01 --dry-run", "what January would come to"],
    [
      "accrue merchant bill --period 2026-01 --out bills",
      "bill it, and write a page for each merchant and a table of all",
    ],
    ["accrue merchant bill --period 2026-02-01..2026-02-15", "half a month"],
  ],
  configure: (command) =>
    command
      .requiredOption(
        "--period <period>",
        "a month, or two dates: 2026-02-01..2026-02-15; all of it has to be closed",
        readPeriodFlag,
      )
      .option("--out <directory>", "write one HTML file for each bill there, and a CSV file of all")
      .option("--dry-run", "work everything out and keep nothing"),
  run: async (session, _args, { period, out }) => {
    const { isDry } = session;
    const context = await session.open();
    const issued = await issueBills(context, period);
    const written = out === undefined || isDry ? undefined : await writeBills(context, period, out);
    await session.ui.show(issuedDocument(issued, written, isDry), (page) => issuedPage(page, issued, written, isDry));
  },
});

const issuedDocument = ({ period, isNew }: IssuedBills, written: WrittenBills | undefined, isDry: boolean) => ({
  period: periodText({ from: period.periodFrom, to: period.periodTo }),
  period_from: period.periodFrom,
  period_to: period.periodTo,
  due_on: period.dueOn,
  bills: period.bills,
  ...amountDocument(period),
  issued_by: period.issuedBy,
  issued_at: period.issuedAt.toISOString(),
  new: isNew,
  csv_file: written?.csvFile ?? null,
  dry_run: isDry,
});

function issuedPage(
  page: Page,
  { period, isNew }: IssuedBills,
  written: WrittenBills | undefined,
  isDry: boolean,
): void {
  const name = periodText({ from: period.periodFrom, to: period.periodTo });
  if (isNew) {
    page.line(
      `${isDry ? "dry run: " : ""}billed ${name}: ${period.bills} ${period.bills === 1n ? "bill" : "bills"}, due on ${period.dueOn}`,
    );
    page.facts(amountFacts(period));
  } else {
    page.line(`nothing to do: ${period.issuedBy} billed ${name} before, ${period.bills} bills`);
  }
  if (written !== undefined) page.line(`${written.htmlFiles} pages and ${written.csvFile} are written`);
}
