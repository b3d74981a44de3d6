import { reportFund, type FundReport } from "../../../reports/fund.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate } from "../../../shared/rates.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  examples: [
    ["accrue report fund", "the money behind the points, and what it has to cover"],
    ["accrue report fund --json", "for scripts"],
  ],
  run: async (session) => {
    const report = await reportFund(await session.openToRead());
    await session.ui.show(fundDocument(report), (page) => {
      page.heading(`Points fund on ${report.businessDate}`).facts([
        ["in the fund", `${formatYuan(report.fundFen)} yuan`],
        ["points available", report.availablePoints.toString()],
        ["points held", report.heldPoints.toString()],
        ["owed to members", `${formatYuan(report.worthFen)} yuan`],
        ["members owe", debtsText(report)],
        ["coverage", coverageText(report)],
        ["cash behind the points", `${formatYuan(report.cashFen)} yuan`],
        [
          "cash coverage",
          report.cashCoverageBps === undefined ? "no points to cover" : formatRate(report.cashCoverageBps),
        ],
        ["open withdrawals", `${report.openWithdrawals}, ${formatYuan(report.openGrossFen)} yuan gross`],
        ["contributions", `${formatYuan(report.contributionsFen)} yuan`],
        ["of that collected", `${formatYuan(report.collectedFen)} yuan`],
        ["platform share", `${formatYuan(report.platformShareFen)} yuan`],
        ["fee income", `${formatYuan(report.feeIncomeFen)} yuan`],
        ["paid out", `${formatYuan(report.payoutsFen)} yuan`],
      ]);
    });
  },
});

const debtsText = ({ debtPoints, debtsFen }: FundReport): string =>
  debtPoints === 0n ? "nothing" : `${formatYuan(debtsFen)} yuan, ${debtPoints} points below zero`;

function coverageText({ coverageBps, shortfallFen }: FundReport): string {
  const rate = coverageBps === undefined ? "" : formatRate(coverageBps);
  if (shortfallFen > 0n) return `${rate === "" ? "" : `${rate}, `}${formatYuan(shortfallFen)} yuan short`;
  return rate === "" ? "no points to cover" : rate;
}

const fundDocument = (report: FundReport) => ({
  business_date: report.businessDate,
  fund: formatYuan(report.fundFen),
  points_available: report.availablePoints,
  points_held: report.heldPoints,
  point_value: formatYuan(report.pointValueFen),
  points_worth: formatYuan(report.worthFen),
  debt_points: report.debtPoints,
  debts: formatYuan(report.debtsFen),
  shortfall: formatYuan(report.shortfallFen),
  coverage: report.coverageBps === undefined ? null : formatRate(report.coverageBps),
  cash: formatYuan(report.cashFen),
  cash_coverage: report.cashCoverageBps === undefined ? null : formatRate(report.cashCoverageBps),
  open_withdrawals: report.openWithdrawals,
  open_gross: formatYuan(report.openGrossFen),
  contributions: formatYuan(report.contributionsFen),
  collected: formatYuan(report.collectedFen),
  platform_share: formatYuan(report.platformShareFen),
  fee_income: formatYuan(report.feeIncomeFen),
  paid_out: formatYuan(report.payoutsFen),
});
