import type { Sql } from "../db/database.ts";
import type { Fen } from "../shared/money.ts";
import { accountTotals } from "./totals-sql.ts";

/** The money behind the points, and what it has to cover, in fen and points. */
export interface FundPosition {
  /** What is in the points fund. */
  readonly fundFen: Fen;
  readonly availablePoints: bigint;
  readonly heldPoints: bigint;
  readonly pointValueFen: Fen;
  /** What all points that members have are worth: (available + held) × point value. */
  readonly worthFen: Fen;
  /** How much the fund lacks to cover that; 0 when it covers it. */
  readonly shortfallFen: Fen;
  readonly openWithdrawals: bigint;
  readonly openGrossFen: Fen;
  readonly contributionsFen: Fen;
  readonly platformShareFen: Fen;
  readonly feeIncomeFen: Fen;
  /** What was paid out to members, net of fees. */
  readonly payoutsFen: Fen;
}

/** Reads the fund's position off the control accounts and the open withdrawals, with points at a given value each. */
export async function fundPosition(sql: Sql, pointValueFen: Fen): Promise<FundPosition> {
  const totals = await accountTotals(sql);
  const [open] = await sql<{ openWithdrawals: bigint; openGrossFen: bigint }[]>`
    SELECT count(*) AS open_withdrawals, coalesce(sum(gross_fen), 0)::bigint AS open_gross_fen
    FROM withdrawals WHERE status IN ('requested', 'approved', 'paying')`;
  // Liabilities stand on the accounts with a minus.
  const [availablePoints, heldPoints, fundFen] = [-totals.points_available, -totals.points_held, -totals.points_fund];
  const worthFen = (availablePoints + heldPoints) * pointValueFen;
  return {
    fundFen, availablePoints, heldPoints, pointValueFen, worthFen,
    shortfallFen: worthFen > fundFen ? worthFen - fundFen : 0n,
    ...open!,
    contributionsFen: totals.contributions_receivable,
    platformShareFen: -totals.platform_share,
    feeIncomeFen: -totals.fee_income,
    payoutsFen: -totals.payouts_payable,
  };
}
