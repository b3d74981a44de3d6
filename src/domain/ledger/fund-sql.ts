import type { Sql } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { PolicyTerms } from "../../shared/policy.ts";
import { allowedPayouts } from "./coverage-sql.ts";
import { cashFacts } from "./cash-sql.ts";
import { cashBehindPoints, contributionsOf, putIntoFund, type LeastCoverage } from "./coverage.ts";
import { memberDebts, openWithdrawals } from "./memoranda-sql.ts";
import { accountTotals } from "./totals-sql.ts";

/** The claims of members, in points and fen, and the debts of members below zero. */
export interface Claims {
  /** The sum over all members; negative balances reduce it. */
  readonly availablePoints: bigint;
  /** The debts of members whose available and held points together are negative. */
  readonly debtPoints: bigint;
  /** The frozen gross of all open withdrawals. */
  readonly openGrossFen: Fen;
}

/**
 * What is owed to members, in fen: to each whose available and held points together are positive. Held points count as
 * the frozen gross of their withdrawals, all others at the point value. Debts of members below zero do not reduce it:
 * they pay nobody else.
 */
export const owedToMembersFen = ({ availablePoints, debtPoints, openGrossFen }: Claims, pointValueFen: Fen): Fen =>
  (availablePoints + debtPoints) * pointValueFen + openGrossFen;

/** The points fund, and what it has to cover. */
export interface FundPosition extends Claims {
  /** The money in the points fund. */
  readonly fundFen: Fen;
  readonly heldPoints: bigint;
  readonly pointValueFen: Fen;
  /** What is owed to members (`owedToMembersFen`). */
  readonly worthFen: Fen;
  /** The debts of members below zero, at the point value. */
  readonly debtsFen: Fen;
  /** What the fund lacks to cover what is owed; 0 when it covers it. */
  readonly shortfallFen: Fen;
  readonly openWithdrawals: bigint;
  /** The contributions of merchants, paid by them or not. */
  readonly contributionsFen: Fen;
  /** What merchants paid of them. */
  readonly collectedFen: Fen;
  /**
   * The cash behind the points: what lies on the platform's accounts and nobody else has a claim to, and never more
   * than the fund's share of what merchants paid.
   */
  readonly cashFen: Fen;
  readonly platformShareFen: Fen;
  readonly feeIncomeFen: Fen;
  /** Paid to members, net of fees and tax. */
  readonly payoutsFen: Fen;
}

/**
 * Reads the fund's position from the control accounts, collections, debtors and open withdrawals. @param terms of the
 * day
 */
export async function fundPosition(
  sql: Sql,
  { pointValueFen, pointsBps }: Pick<PolicyTerms, "pointValueFen" | "pointsBps">,
): Promise<FundPosition> {
  const [totals, facts] = [await accountTotals(sql), await cashFacts(sql)];
  const open = await openWithdrawals(sql);
  // Liabilities are negative on the accounts.
  const [availablePoints, heldPoints, fundFen] = [-totals.points_available, -totals.points_held, -totals.points_fund];
  const claims = { availablePoints, debtPoints: await memberDebts(sql), openGrossFen: open.grossFen };
  const worthFen = owedToMembersFen(claims, pointValueFen);
  return {
    ...claims,
    fundFen,
    contributionsFen: contributionsOf(totals, facts),
    collectedFen: facts.collectedFen,
    cashFen: cashBehindPoints(totals, facts, pointsBps),
    heldPoints,
    pointValueFen,
    worthFen,
    debtsFen: claims.debtPoints * pointValueFen,
    shortfallFen: worthFen > fundFen ? worthFen - fundFen : 0n,
    openWithdrawals: open.withdrawals,
    platformShareFen: -totals.platform_share,
    feeIncomeFen: -totals.fee_income,
    // What left the fund, less fees and tax: `payouts_payable` only has what was not yet seen leaving the bank.
    payoutsFen: putIntoFund(totals, facts) + facts.openedFen - fundFen + totals.fee_income + totals.tax_payable,
  };
}

/** What the policy's least cash coverage is held against on a day; undefined where it asks for none. */
export async function leastCoverage(sql: Sql, policy: PolicyTerms, date: BusinessDate): Promise<LeastCoverage> {
  const { minCashCoverageBps: minBps } = policy;
  if (minBps === null) return undefined;
  const { cashFen, worthFen } = await fundPosition(sql, policy);
  return { cashFen, worthFen, minBps, allowedFen: await allowedPayouts(sql, date) };
}
