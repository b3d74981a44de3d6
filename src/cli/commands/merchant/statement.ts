import { merchantStatement, type MerchantStatement } from "../../../domain/billing/read.ts";
import type { StatementLine } from "../../../domain/billing/read-sql.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate } from "../../../shared/rates.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, documentsOf, figure, tableOf, yuan, type Thing } from "../../fields.ts";
import { date, given } from "../../flags.ts";
import { tellWithin } from "../../list.ts";
import { bill } from "./bill-view.ts";

/** One line of a merchant's statement. */
const movement: Thing<StatementLine> = {
  fields: {
    business_date: { of: (line) => line.businessDate, heading: "date", key: true },
    kind: { of: (line) => line.kind },
    contribution_rate: { of: (line) => (line.contributionBps === null ? null : formatRate(line.contributionBps)) },
    orders: figure((line) => line.orders),
    collection_no: { of: (line) => line.collectionNo, isId: true },
    proposal_no: { of: (line) => line.proposalNo, isId: true },
    bill_no: { of: (line) => line.billNo, isId: true },
    amount: yuan((line) => line.amountFen),
    balance: yuan((line) => line.balanceFen),
  },
};

export const command = defineCommand({
  examples: [
    ["accrue merchant statement S001", "what it contributed and paid since the last bills, and what it owes"],
    ["accrue merchant statement S001 --from 2026-01-01 --to 2026-03-31", "the same over a quarter"],
  ],
  configure: (command) =>
    addFormOptions(
      command
        .argument("<merchant-code>", "the merchant's code")
        .addOption(date("--from <date>", "from this business date on (default: where the last bills begin)"))
        .addOption(date("--to <date>", "up to this business date (default: today)")),
      movement,
    ),
  run: async (session, [merchantCode], { from, to }) => {
    const context = await session.openToRead();
    const statement = await merchantStatement(context, merchantCode, given({ from, to }));
    const rows = { nothing: "nothing was booked", of: statement.lines, zone: context.zone };
    await tellWithin(session, movement, rows, () =>
      session.ui.show(statementDocument(statement), (page) => statementPage(page, statement)),
    );
  },
});

const statementDocument = ({
  merchantCode,
  merchantName,
  period,
  openingFen,
  lines,
  closingFen,
  bills,
  standing,
}: MerchantStatement) => ({
  merchant_code: merchantCode,
  merchant_name: merchantName,
  from: period.from,
  to: period.to,
  opening: formatYuan(openingFen),
  lines: documentsOf(movement, lines),
  closing: formatYuan(closingFen),
  bills: documentsOf(bill, bills),
  owed_on_bills: formatYuan(standing.billedFen),
  not_billed_yet: formatYuan(standing.unbilledFen),
  cleared_to: standing.clearedTo,
});

const whatOf = (line: StatementLine): string => {
  const { kind, contributionBps, orders, collectionNo, proposalNo, billNo, amountFen } = line;
  if (kind === "write_off") return `written off by ${proposalNo}`;
  if (kind === "correction") return `bill ${billNo} corrected by ${proposalNo}`;
  if (kind === "collection") return amountFen < 0n ? `collection ${collectionNo}` : `taken back as ${collectionNo}`;
  return kind === "clawback"
    ? `clawed back at ${formatRate(contributionBps!)}`
    : `${orders} ${orders === 1n ? "order" : "orders"} at ${formatRate(contributionBps!)}`;
};

function statementPage(
  page: Page,
  { merchantCode, merchantName, period, openingFen, lines, bills, standing }: MerchantStatement,
): void {
  const { billedFen, unbilledFen, clearedTo } = standing;
  page
    .heading(`Statement of merchant ${merchantCode} ${merchantName}`)
    .table(
      [
        { heading: "date", key: true },
        { heading: "what" },
        { heading: "yuan", align: "right" },
        { heading: "owed", align: "right" },
      ],
      [
        ["", "before", "", formatYuan(openingFen)],
        ...lines.map((line) => [
          line.businessDate,
          whatOf(line),
          formatYuan(line.amountFen),
          formatYuan(line.balanceFen),
        ]),
      ],
    );
  if (bills.length > 0) {
    tableOf(page.line().heading("Bills"), bill, bills, "", {
      names: ["bill_no", "period_from", "due_on", "closing", "open"],
    });
  }
  page.line().facts([
    [billedFen < 0n ? "prepaid" : "owed on bills", `${formatYuan(billedFen < 0n ? -billedFen : billedFen)} yuan`],
    ["not billed yet", `${formatYuan(unbilledFen)} yuan, of closed dates`],
    ["paid up to", clearedTo ?? "no date"],
    ["from", period.from === "0001-01-01" ? undefined : period.from],
  ]);
}
