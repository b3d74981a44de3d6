import { reportFund, type FundReport } from "../../../reports/fund.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate, type Bps } from "../../../shared/rates.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, chosenOf, figure, tellThing, yuan, type Thing } from "../../fields.ts";

/** The position of the fund. */
const fund: Thing<FundReport> = {
  fields: {
    business_date: { of: (one) => one.businessDate },
    fund: yuan((one) => one.fundFen),
    points_available: figure((one) => one.availablePoints),
    points_held: figure((one) => one.heldPoints),
    point_value: yuan((one) => one.pointValueFen),
    points_worth: yuan((one) => one.worthFen),
    debt_points: figure((one) => one.debtPoints),
    debts: yuan((one) => one.debtsFen),
    shortfall: yuan((one) => one.shortfallFen),
    coverage: { of: (one) => rateOrNull(one.coverageBps) },
    cash: yuan((one) => one.cashFen),
    cash_coverage: { of: (one) => rateOrNull(one.cashCoverageBps) },
    open_withdrawals: figure((one) => one.openWithdrawals),
    open_gross: yuan((one) => one.openGrossFen),
    contributions: yuan((one) => one.contributionsFen),
    collected: yuan((one) => one.collectedFen),
    platform_share: yuan((one) => one.platformShareFen),
    fee_income: yuan((one) => one.feeIncomeFen),
    paid_out: yuan((one) => one.payoutsFen),
  },
};

const rateOrNull = (bps: Bps | undefined): string | null => (bps === undefined ? null : formatRate(bps));

export const command = defineCommand({
  examples: [
    ["accrue report fund", "the money behind the points, and what it has to cover"],
    ["accrue report fund --json", "for scripts"],
  ],
  configure: (command) => addFormOptions(command, fund),
  run: async (session) => {
    chosenOf(session, fund);
    const context = await session.openToRead();
    const report = await reportFund(context);
    await tellThing(session, fund, report, context.zone, (page) => {
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
