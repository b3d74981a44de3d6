import type { Sql } from "../../db/database.ts";
import { fundOfPoints, type Fen } from "../../shared/money.ts";
import type { PolicyTerms } from "../../shared/policy.ts";
import { fullBps, type Bps } from "../../shared/rates.ts";
import type { LeastCoverage } from "./coverage.ts";
import { memberDebts, openWithdrawals } from "./memoranda-sql.ts";
import { accountTotals, type AccountTotals } from "./totals-sql.ts";

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
  const [totals, collectedFen] = [await accountTotals(sql), await collected(sql)];
  const open = await openWithdrawals(sql);
  // Liabilities are negative on the accounts.
  const [availablePoints, heldPoints, fundFen] = [-totals.points_available, -totals.points_held, -totals.points_fund];
  const claims = { availablePoints, debtPoints: await memberDebts(sql), openGrossFen: open.grossFen };
  const worthFen = owedToMembersFen(claims, pointValueFen);
  const contributionsFen = totals.contributions_receivable + collectedFen + totals.write_offs;
  const opened = await openingBalances(sql);
  const putInFen = fundOfPoints(totals.points_issued - opened.points);
  return {
    ...claims,
    fundFen,
    contributionsFen,
    collectedFen,
    cashFen: cashBehindPoints(totals, {
      fundFen,
      contributionsFen,
      collectedFen,
      pointsBps,
      putInFen,
      openingFen: opened.fundFen,
      unknownOutFen: await unknownOut(sql),
    }),
    heldPoints,
    pointValueFen,
    worthFen,
    debtsFen: claims.debtPoints * pointValueFen,
    shortfallFen: worthFen > fundFen ? worthFen - fundFen : 0n,
    openWithdrawals: open.withdrawals,
    platformShareFen: -totals.platform_share,
    feeIncomeFen: -totals.fee_income,
    // What left the fund, less fees and tax: `payouts_payable` only has what was not yet seen leaving the bank.
    payoutsFen: putInFen + opened.fundFen - fundFen + totals.fee_income + totals.tax_payable,
  };
}

/** The points of opening balances, and the money that the fund opened with. */
async function openingBalances(sql: Sql): Promise<{ readonly points: bigint; readonly fundFen: Fen }> {
  const [row] = await sql<{ points: bigint; fundFen: Fen }[]>`
    SELECT coalesce(sum(points), 0)::bigint AS points, coalesce(sum(fund_fen), 0)::bigint AS fund_fen
    FROM adjustment_postings WHERE counter = 'suspense'`;
  return row!;
}

/**
 * The cash behind the points. Of what merchants paid the fund has its share: the part of all contributions that was put
 * into it, or what the policy gives to points, whichever is more, for contributions whose points still wait have put
 * nothing into it yet. The fund has what it opened with besides. What was taken out of it since is gone from that, too.
 */
function cashBehindPoints(
  totals: AccountTotals,
  {
    fundFen,
    contributionsFen,
    collectedFen,
    pointsBps,
    putInFen,
    openingFen,
    unknownOutFen,
  }: Pick<FundPosition, "fundFen" | "contributionsFen" | "collectedFen"> & {
    readonly pointsBps: Bps;
    /** What grants and adjustments put in. */
    readonly putInFen: Fen;
    readonly openingFen: Fen;
    readonly unknownOutFen: Fen;
  },
): Fen {
  // Liabilities are negative on the accounts. What went out and nobody knows why stands in suspense as if it were to come back.
  const heldFen = totals.bank + totals.suspense - unknownOutFen;
  const freeFen = heldFen + totals.payouts_payable + totals.tax_payable;
  const byRate = (collectedFen * BigInt(pointsBps)) / fullBps;
  const byFund = contributionsFen <= 0n ? 0n : (collectedFen * putInFen) / contributionsFen;
  const takenOutFen = putInFen + openingFen - fundFen;
  const shareFen = openingFen + (byRate > byFund ? byRate : byFund) - takenOutFen;
  return [freeFen, shareFen, fundFen].reduce((least, one) => (one < least ? one : least));
}

/**
 * What went out of the platform's accounts, by their statements, and was not matched with anything yet: an unknown
 * debit, or a payout that no run has matched so far, which counts twice until one has.
 */
async function unknownOut(sql: Sql): Promise<Fen> {
  const [row] = await sql<{ outFen: Fen }[]>`
    SELECT coalesce(-sum(open_fen), 0)::bigint AS out_fen FROM open_lines WHERE open_fen < 0`;
  return row!.outFen;
}

/** What merchants paid, in fen: all collections that were confirmed. */
async function collected(sql: Sql): Promise<Fen> {
  const [row] = await sql<{ collectedFen: Fen }[]>`
    SELECT coalesce(sum(amount_fen), 0)::bigint AS collected_fen FROM collections WHERE state = 'confirmed'`;
  return row!.collectedFen;
}

/** What the policy's least cash coverage is held against; undefined where it asks for none. */
export async function leastCoverage(sql: Sql, policy: PolicyTerms): Promise<LeastCoverage> {
  const { minCashCoverageBps: minBps } = policy;
  if (minBps === null) return undefined;
  const { cashFen, worthFen } = await fundPosition(sql, policy);
  return { cashFen, worthFen, minBps };
}
