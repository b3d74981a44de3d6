import type { AdjustmentCounter } from "../../shared/adjustment-classes.ts";
import { fundOfPoints, type Fen } from "../../shared/money.ts";

/**
 * The chart of control accounts with their units. Debits are positive, credits negative, so liabilities are negative:
 * the points of members (`points_available`, `points_held`), the money in the fund (`points_fund`), receipts that
 * nobody could assign (`suspense`) and tax withheld from withdrawals (`tax_payable`). `bank` is kept for each of the
 * platform's own accounts.
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
 * Figures that the journal does not have, for its accounts are sums over all members: the debts of members below zero,
 * in points, and the frozen gross of open withdrawals. Both derive from entries and withdrawals, and are recorded when
 * a date is closed.
 */
export const memoranda = { member_debts: "points", held_gross: "fen" } as const;

export type Memorandum = keyof typeof memoranda;

/**
 * What the cash behind the points is called among the recorded figures of a closed date, in fen. It is no sum of moves:
 * it follows from several of them.
 */
export const cashFigure = "cash_behind_points";

/** One line of a journal transaction, in the unit of its account (fen or points). Never zero. */
export interface JournalLine {
  readonly account: Account;
  readonly amount: bigint;
  /** Which of the platform's own accounts, for `bank`, and only for it. */
  readonly moneyAccount?: string;
}

const withoutZeros = (lines: readonly JournalLine[]): readonly JournalLine[] =>
  lines.filter(({ amount }) => amount !== 0n);

/** The sums of one grant chunk's entries. Each may be negative, for clawbacks are included. */
export interface GrantTotals {
  readonly contributionFen: Fen;
  readonly points: bigint;
}

/**
 * The lines of a grant chunk: merchants owe their contributions, members get points, the fund gets a yuan for each
 * point, and the platform the rest, which differs a little from its share because points are whole.
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

/** What the adjustments of one proposal come to. */
export interface AdjustmentTotals {
  /** Above zero where members got points, below it where they lost them. */
  readonly points: bigint;
  /** What the fund gets for them. */
  readonly fundFen: Fen;
  readonly counter: AdjustmentCounter;
}

/**
 * The lines of adjustments. The platform pays out of its share what it gives, gets back what is taken or forfeited, and
 * bears a debt that is written off: a yuan a point. Opening balances of a former system bring the money that it says
 * the fund has; that stands in suspense until a statement of the account shows it.
 */
export function adjustmentLines({ points, fundFen, counter }: AdjustmentTotals): readonly JournalLine[] {
  return withoutZeros([
    { account: "points_fund", amount: -fundFen },
    { account: counter, amount: fundFen },
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

/** The lines of a release: a withdrawal that ends without payment gives the held points back. */
export function releaseLines(points: bigint): readonly JournalLine[] {
  return withoutZeros([
    { account: "points_held", amount: points },
    { account: "points_available", amount: -points },
  ]);
}

/** The frozen amounts of a withdrawal that the journal needs: gross = net + fee. */
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

/**
 * The lines of an opening collection once there is a statement of its account: what stood there, by the statement, has
 * that money in it already. What is left in suspense is by how much the two differ.
 */
export function settledOpeningLines(amountFen: Fen, moneyAccount: string): readonly JournalLine[] {
  return withoutZeros([
    { account: "suspense", amount: amountFen },
    { account: "bank", amount: -amountFen, moneyAccount },
  ]);
}

/**
 * The lines of what changes what a merchant owes without money: what is written off is lost, and what a bill is
 * corrected by is the platform's.
 *
 * @param amountFen above zero where the merchant owes more
 */
export function owedLines(kind: "write_off" | "correction", amountFen: Fen): readonly JournalLine[] {
  return withoutZeros([
    { account: "contributions_receivable", amount: amountFen },
    { account: kind === "write_off" ? "write_offs" : "platform_share", amount: -amountFen },
  ]);
}

/** The lines of a payout that no statement will ever show leaving: nobody is owed for it any more. */
export function voidedPayoutLines(netFen: Fen): readonly JournalLine[] {
  return withoutZeros([
    { account: "payouts_payable", amount: netFen },
    { account: "write_offs", amount: -netFen },
  ]);
}

/** The lines of a statement: what the account's balance changed by, in suspense until it is known what for. */
export function statementLines(changedFen: Fen, moneyAccount: string): readonly JournalLine[] {
  return withoutZeros([
    { account: "bank", amount: changedFen, moneyAccount },
    { account: "suspense", amount: -changedFen },
  ]);
}

/**
 * Which account a line of a statement is moved to once it is known what it was for. A collection was booked when it was
 * confirmed. What is written off is lost, or, with the other sign, gained.
 */
const countersOf = {
  payout: "payouts_payable",
  fee: "channel_fees",
  collection: "bank",
  write_off: "write_offs",
} as const;

/**
 * The lines of a match: what stood in suspense for a line of a statement was for something.
 *
 * @param amountFen what of the line was for it, with the line's sign
 */
export function matchLines(
  thing: keyof typeof countersOf,
  amountFen: Fen,
  moneyAccount: string,
): readonly JournalLine[] {
  const account = countersOf[thing];
  return withoutZeros([
    { account: "suspense", amount: amountFen },
    { account, amount: -amountFen, ...(account === "bank" ? { moneyAccount } : {}) },
  ]);
}
