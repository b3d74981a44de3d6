import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, fundOfPoints, type Fen } from "../../shared/money.ts";
import { formatRate, fullBps, type Bps } from "../../shared/rates.ts";
import type { Account } from "./model.ts";

/** Debits minus credits of each control account, in fen or points. */
export type AccountTotals = Readonly<Record<Account, bigint>>;

/**
 * The cash behind the points, and what all points are worth, in fen. Cash below zero is money that was paid out and
 * never came in.
 */
export interface CashPosition {
  readonly cashFen: Fen;
  readonly worthFen: Fen;
}

/** What the cash behind the points follows from, beside the control accounts. */
export interface CashFacts {
  /** What merchants paid: all collections that were confirmed. */
  readonly collectedFen: Fen;
  /** What merchants contributed and will never pay. */
  readonly writtenOffFen: Fen;
  /** The points of opening balances, and the money that the fund opened with. */
  readonly openedPoints: bigint;
  readonly openedFen: Fen;
  /**
   * What went out of the platform's accounts, by their statements, and was not matched with anything yet: an unknown
   * debit, or a payout that no run has matched so far, which counts twice until one has.
   */
  readonly unknownOutFen: Fen;
}

/** The contributions of merchants, paid by them or not. */
export const contributionsOf = (totals: AccountTotals, { collectedFen, writtenOffFen }: CashFacts): Fen =>
  totals.contributions_receivable + collectedFen + writtenOffFen;

/** What grants and adjustments put into the fund. */
export const putIntoFund = (totals: AccountTotals, { openedPoints }: CashFacts): Fen =>
  fundOfPoints(totals.points_issued - openedPoints);

/**
 * The cash behind the points. Of what merchants paid the fund has its share: the part of all contributions that was put
 * into it, or what the policy gives to points, whichever is more, for contributions whose points still wait have put
 * nothing into it yet. The fund has what it opened with besides. What was taken out of it since is gone from that, too.
 *
 * @param pointsBps of the policy in force
 */
export function cashBehindPoints(totals: AccountTotals, facts: CashFacts, pointsBps: Bps): Fen {
  const { collectedFen, openedFen, unknownOutFen } = facts;
  const [fundFen, putInFen] = [-totals.points_fund, putIntoFund(totals, facts)];
  const contributionsFen = contributionsOf(totals, facts);
  // Liabilities are negative on the accounts. What went out and nobody knows why stands in suspense as if it were to come back.
  const heldFen = totals.bank + totals.suspense - unknownOutFen;
  const freeFen = heldFen + totals.payouts_payable + totals.tax_payable;
  const byRate = (collectedFen * BigInt(pointsBps)) / fullBps;
  const byFund = contributionsFen <= 0n ? 0n : (collectedFen * putInFen) / contributionsFen;
  const takenOutFen = putInFen + openedFen - fundFen;
  const shareFen = openedFen + (byRate > byFund ? byRate : byFund) - takenOutFen;
  return [freeFen, shareFen, fundFen].reduce((least, one) => (one < least ? one : least));
}

/** The policy's least cash coverage, and what it is held against; undefined where the policy asks for none. */
export type LeastCoverage =
  | (CashPosition & {
      readonly minBps: Bps;
      /** Up to so much gross payouts may go today whatever is left: two operators said so. */
      readonly allowedFen: Fen;
    })
  | undefined;

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
  if (least === undefined || payoutsFen <= least.allowedFen) return undefined;
  const { cashFen, worthFen, minBps } = least;
  const left = { cashFen: cashFen - payoutsFen, worthFen: worthFen - payoutsFen };
  if (left.cashFen >= 0n && left.cashFen * fullBps >= left.worthFen * BigInt(minBps)) return undefined;
  const rest = cashCoverageBps(left);
  return refusedError(
    "cash_coverage_insufficient",
    `the cash behind the points would cover ${rest === undefined ? "nothing" : formatRate(rest)} of what they are worth, and the policy asks for ${formatRate(minBps)}: ` +
      `${formatYuan(cashFen)} yuan of cash, ${formatYuan(worthFen)} owed, ${formatYuan(payoutsFen)} asked for with this`,
    {
      hint: "`accrue report fund` shows both coverages; what merchants paid counts once it is collected (`accrue collection record`); `accrue payout allow` asks another operator to let payouts go today",
      details: {
        cash: formatYuan(cashFen),
        points_worth: formatYuan(worthFen),
        payouts: formatYuan(payoutsFen),
        minimum: formatRate(minBps),
      },
    },
  );
}
