import type { Context } from "../db/context.ts";
import { reportFund } from "../reports/fund.ts";
import { formatRate, type Bps } from "../shared/rates.ts";
import type { Page } from "../ui/page.ts";

const rateText = (bps: Bps | undefined): string => (bps === undefined ? "nothing" : formatRate(bps));

/** Reads how far the points are covered, by the fund and by cash; gives what lays it out before money is let go. */
export async function coverageLine(context: Context): Promise<(page: Page) => void> {
  const { coverageBps, cashCoverageBps } = await reportFund(context);
  return (page) =>
    void page.line(
      `points are covered by the fund to ${rateText(coverageBps)}, by cash to ${rateText(cashCoverageBps)}`,
    );
}
