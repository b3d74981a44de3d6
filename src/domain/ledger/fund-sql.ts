import type { Sql } from "../../db/database.ts";
import type { Fen } from "../../shared/money.ts";
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
 * What is owed to members, in fen: to each whose available and held points together are positive. Held points count as the frozen
 * gross of their withdrawals, all others at the point value. Debts of members below zero do not reduce it: they pay nobody else.
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
  readonly platformShareFen: Fen;
  readonly feeIncomeFen: Fen;
  /** Paid to members, net of fees. */
  readonly payoutsFen: Fen;
}

/** Reads the fund's position from the control accounts, debtors and open withdrawals. @param pointValueFen of the day */
export async function fundPosition(sql: Sql, pointValueFen: Fen): Promise<FundPosition> {
  const totals = await accountTotals(sql);
  const open = await openWithdrawals(sql);
  // Liabilities are negative on the accounts.
  const [availablePoints, heldPoints, fundFen] = [-totals.points_available, -totals.points_held, -totals.points_fund];
  const claims = { availablePoints, debtPoints: await memberDebts(sql), openGrossFen: open.grossFen };
  const worthFen = owedToMembersFen(claims, pointValueFen);
  return {
    ...claims, fundFen, heldPoints, pointValueFen, worthFen,
    debtsFen: claims.debtPoints * pointValueFen,
    shortfallFen: worthFen > fundFen ? worthFen - fundFen : 0n,
    openWithdrawals: open.withdrawals,
    contributionsFen: totals.contributions_receivable + (await collectedFen(sql)),
    platformShareFen: -totals.platform_share,
    feeIncomeFen: -totals.fee_income,
    payoutsFen: -totals.payouts_payable,
  };
}

/** What merchants paid, in fen: all collections that were confirmed. */
async function collectedFen(sql: Sql): Promise<Fen> {
  const [row] = await sql<{ collectedFen: Fen }[]>`
    SELECT coalesce(sum(amount_fen), 0)::bigint AS collected_fen FROM collections WHERE state = 'confirmed'`;
  return row!.collectedFen;
}
