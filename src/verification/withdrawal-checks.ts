import type { Sql } from "../db/database.ts";
import { fundPosition, type FundPosition } from "../domain/ledger/fund-sql.ts";
import { policyOn } from "../domain/policies/sql.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { formatYuan } from "../shared/money.ts";
import { isSameOperator } from "../shared/operator-names.ts";
import { namedViolations, type Findings, type Violation } from "./model.ts";

type Pair = {
  readonly requestedBy: string;
  readonly approvedBy: string;
  readonly firstNo: string;
  readonly count: bigint;
};

/**
 * Invariant 7: no operator approved a withdrawal that they requested, ignoring case and width of the letters of names.
 */
export async function makersAreNotCheckers(sql: Sql): Promise<Findings> {
  // Operators are few, so their pairs are compared here, by the same rule as approving.
  const pairs: readonly Pair[] = await sql<Pair[]>`
    SELECT requested_by, approver AS approved_by, min(withdrawal_no) AS first_no, count(*) AS count
    FROM withdrawals CROSS JOIN LATERAL (VALUES (approved_by), (first_approved_by)) a (approver)
    WHERE approver IS NOT NULL GROUP BY requested_by, approver ORDER BY first_no`;
  const same = pairs.filter(({ requestedBy, approvedBy }) => isSameOperator(requestedBy, approvedBy));
  const sum = (counted: readonly Pair[]) => counted.reduce((total, { count }) => total + count, 0n);
  return {
    checked: sum(pairs),
    found: sum(same),
    violations: same
      .slice(0, namedViolations)
      .map(({ requestedBy, approvedBy, firstNo, count }) => ({
        withdrawal_no: firstNo,
        requested_by: requestedBy,
        approved_by: approvedBy,
        withdrawals: count,
      })),
  };
}

/**
 * Invariant 8: the points fund covers what is owed to members, or the shortfall is reported, which is no violation.
 *
 * @param businessDate for the point value
 */
export async function fundIsReported(sql: Sql, businessDate: BusinessDate): Promise<Findings> {
  return fundFindings(await positionOn(sql, businessDate), []);
}

/** The same, and the points reported as owed are the sum of the positive balances, one by one. */
export async function fundIsReportedOfAll(sql: Sql, businessDate: BusinessDate): Promise<Findings> {
  const position = await positionOn(sql, businessDate);
  const reportedPoints = position.availablePoints + position.heldPoints + position.debtPoints;
  const [row] = await sql<{ owedPoints: bigint }[]>`
    SELECT coalesce(sum(available_points + held_points), 0)::bigint AS owed_points
    FROM balances WHERE available_points + held_points > 0`;
  const { owedPoints } = row!;
  return fundFindings(
    position,
    owedPoints === reportedPoints ? [] : [{ points_owed: reportedPoints, points_owed_by_balances: owedPoints }],
  );
}

const positionOn = async (sql: Sql, businessDate: BusinessDate): Promise<FundPosition> =>
  fundPosition(sql, await policyOn(sql, businessDate));

const fundFindings = (
  { fundFen, worthFen, shortfallFen, debtsFen, cashFen }: FundPosition,
  violations: readonly Violation[],
): Findings => ({
  checked: 1n,
  found: BigInt(violations.length),
  violations,
  facts: {
    fund: formatYuan(fundFen),
    points_worth: formatYuan(worthFen),
    shortfall: formatYuan(shortfallFen),
    debts: formatYuan(debtsFen),
    cash: formatYuan(cashFen),
  },
});
