import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import { formatRate, fullBps, type Bps } from "../../shared/rates.ts";

/**
 * The cash behind the points, and what all points are worth, in fen. Cash below zero is money that was paid out and
 * never came in.
 */
export interface CashPosition {
  readonly cashFen: Fen;
  readonly worthFen: Fen;
}

/** The policy's least cash coverage, and what it is held against; undefined where the policy asks for none. */
export type LeastCoverage = (CashPosition & { readonly minBps: Bps }) | undefined;

/** Cash / worth in basis points, rounded down; undefined while nothing is owed. */
export const cashCoverageBps = ({ cashFen, worthFen }: CashPosition): Bps | undefined =>
  worthFen <= 0n ? undefined : cashFen <= 0n ? 0 : Number((cashFen * fullBps) / worthFen);

/**
 * Why payouts would break the policy's least cash coverage, or undefined when they do not: what is left of the cash
 * once all are paid has to cover that part of what the points are worth that are left then.
 *
 * @param payoutsFen the gross of all payouts that are asked for, these included
 */
export function coverageRefusal(least: LeastCoverage, payoutsFen: Fen): AccrueError | undefined {
  if (least === undefined) return undefined;
  const { cashFen, worthFen, minBps } = least;
  const left = { cashFen: cashFen - payoutsFen, worthFen: worthFen - payoutsFen };
  if (left.cashFen >= 0n && left.cashFen * fullBps >= left.worthFen * BigInt(minBps)) return undefined;
  const rest = cashCoverageBps(left);
  return refusedError(
    "cash_coverage_insufficient",
    `the cash behind the points would cover ${rest === undefined ? "nothing" : formatRate(rest)} of what they are worth, and the policy asks for ${formatRate(minBps)}: ` +
      `${formatYuan(cashFen)} yuan of cash, ${formatYuan(worthFen)} owed, ${formatYuan(payoutsFen)} asked for with this`,
    {
      hint: "`accrue report fund` shows both coverages; what merchants paid counts once it is collected (`accrue collection record`)",
      details: {
        cash: formatYuan(cashFen),
        points_worth: formatYuan(worthFen),
        payouts: formatYuan(payoutsFen),
        minimum: formatRate(minBps),
      },
    },
  );
}
