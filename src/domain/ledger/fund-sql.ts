import type { Sql } from "../../db/database.ts";
import type { Fen } from "../../shared/money.ts";
import { memberDebts, openWithdrawals } from "./memoranda-sql.ts";
import { accountTotals } from "./totals-sql.ts";

/** Points and fen that members have a claim to, and what some of them owe. */
export interface Claims {
  /** Of all members together: whoever is below zero takes off from what the others have. */
  readonly availablePoints: bigint;
  /** What members below zero owe, held points counted in. */
  readonly debtPoints: bigint;
  /** What open withdrawals come to, as it was frozen on each. */
  readonly openGrossFen: Fen;
}

/**
 * What is owed to members, in fen: to each whose available and held points together are above zero. Points that are held
 * are worth the gross of their withdrawals, which is frozen, all others what a point is worth. What members below zero owe
 * takes nothing off, for one member's debt pays nobody else.
 */
export const owedToMembersFen = ({ availablePoints, debtPoints, openGrossFen }: Claims, pointValueFen: Fen): Fen =>
  (availablePoints + debtPoints) * pointValueFen + openGrossFen;

/** The money behind the points, and what it has to cover, in fen and points. */
export interface FundPosition extends Claims {
  /** What is in the points fund. */
  readonly fundFen: Fen;
  readonly heldPoints: bigint;
  readonly pointValueFen: Fen;
  /** What is owed to members (`owedToMembersFen`). */
  readonly worthFen: Fen;
  /** What members below zero owe, at the point value. */
  readonly debtsFen: Fen;
  /** How much the fund lacks to cover what is owed; 0 when it covers it. */
  readonly shortfallFen: Fen;
  readonly openWithdrawals: bigint;
  /** What merchants' orders contributed, paid by them or not. */
  readonly contributionsFen: Fen;
  readonly platformShareFen: Fen;
  readonly feeIncomeFen: Fen;
  /** What was paid out to members, net of fees. */
  readonly payoutsFen: Fen;
}

/** Reads the fund's position off the control accounts, debtors and open withdrawals, with points at a given value each. */
export async function fundPosition(sql: Sql, pointValueFen: Fen): Promise<FundPosition> {
  const totals = await accountTotals(sql);
  const open = await openWithdrawals(sql);
  // Liabilities stand on the accounts with a minus.
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
