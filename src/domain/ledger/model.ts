import { fundOfPoints, type Fen } from "../../shared/money.ts";

/**
 * The chart of control accounts, and the unit each is kept in. Debits are positive, credits negative. What members own
 * is a liability, so `points_available` and `points_held` carry minus what members have; `points_fund` likewise carries
 * minus the money that stands behind the points. `bank` is money on the platform's own accounts, and kept for each of them;
 * `suspense` minus what came in and nobody could assign, `tax_payable` minus what was withheld from withdrawals.
 */
export const accounts = {
  contributions_receivable: "fen",
  points_fund: "fen",
  platform_share: "fen",
  payouts_payable: "fen",
  fee_income: "fen",
  bank: "fen",
  suspense: "fen",
  channel_fees: "fen",
  tax_payable: "fen",
  write_offs: "fen",
  points_issued: "points",
  points_redeemed: "points",
  points_available: "points",
  points_held: "points",
} as const;

export type Account = keyof typeof accounts;

/**
 * What the journal cannot say, because its accounts are sums over all members, and of points: the debts of members below
 * zero, and the gross that open withdrawals froze. Both follow from entries and withdrawals, and are written down with the
 * accounts when a date is closed.
 */
export const memoranda = { member_debts: "points", held_gross: "fen" } as const;

export type Memorandum = keyof typeof memoranda;

/** One line of a journal transaction, in the unit of its account (fen or points). Never zero. */
export interface JournalLine {
  readonly account: Account;
  readonly amount: bigint;
  /** Which of the platform's own accounts, for `bank`, and only for it. */
  readonly moneyAccount?: string;
}

const withoutZeros = (lines: readonly JournalLine[]): readonly JournalLine[] => lines.filter(({ amount }) => amount !== 0n);

/** What the entries of one grant chunk add up to, clawbacks included: every figure may be negative. */
export interface GrantTotals {
  readonly contributionFen: Fen;
  readonly points: bigint;
}

/**
 * The lines of a grant chunk: merchants owe their contributions, members get points, the fund gets what those are worth at a
 * yuan each, and the platform what is left: a little more or less than its share, for points are whole.
 */
export function grantLines({ contributionFen, points }: GrantTotals): readonly JournalLine[] {
  const fundFen = fundOfPoints(points);
  return withoutZeros([
    { account: "contributions_receivable", amount: contributionFen },
    { account: "points_fund", amount: -fundFen },
    { account: "platform_share", amount: fundFen - contributionFen },
    { account: "points_issued", amount: points },
    { account: "points_available", amount: -points },
  ]);
}

/** The lines of a hold: a request moves a member's points from available to held. No money moves yet. */
export function holdLines(points: bigint): readonly JournalLine[] {
  return withoutZeros([
    { account: "points_available", amount: points },
    { account: "points_held", amount: -points },
  ]);
}

/** The lines of a release: every ending of a withdrawal but payment gives the held points back. */
export function releaseLines(points: bigint): readonly JournalLine[] {
  return withoutZeros([
    { account: "points_held", amount: points },
    { account: "points_available", amount: -points },
  ]);
}

/** A withdrawal's frozen amounts, as far as the journal needs them: gross = net + fee. */
export interface BurnAmounts {
  readonly points: bigint;
  readonly netFen: Fen;
  readonly feeFen: Fen;
}

/** The lines of a burn: the held points are redeemed, and the fund pays the member (net) and the platform's fee. */
export function burnLines({ points, netFen, feeFen }: BurnAmounts): readonly JournalLine[] {
  return withoutZeros([
    { account: "points_held", amount: points },
    { account: "points_redeemed", amount: -points },
    { account: "points_fund", amount: netFen + feeFen },
    { account: "payouts_payable", amount: -netFen },
    { account: "fee_income", amount: -feeFen },
  ]);
}

/** The lines of a collection: what a merchant owed came in on one of the platform's own accounts. */
export function collectionLines(amountFen: Fen, moneyAccount: string): readonly JournalLine[] {
  return withoutZeros([
    { account: "bank", amount: amountFen, moneyAccount },
    { account: "contributions_receivable", amount: -amountFen },
  ]);
}
