import type { Context } from "../db/context.ts";
import { reading, type Sql } from "../db/database.ts";
import { openByAge, type OpenByAge } from "../domain/billing/read-sql.ts";
import { accountTotalsByDay, cashByDay } from "../domain/ledger/totals-sql.ts";
import { cashCoverageBps } from "../domain/ledger/coverage.ts";
import { fundPosition, owedToMembersFen, type FundPosition } from "../domain/ledger/fund-sql.ts";
import { memorandaByDay } from "../domain/ledger/memoranda-sql.ts";
import { pointValuesByDay, policyOn } from "../domain/policies/sql.ts";
import { businessDateOf, type BusinessDate } from "../shared/business-date.ts";
import type { Fen } from "../shared/money.ts";
import type { Bps } from "../shared/rates.ts";

/** The fund's position at one moment, and how far it covers what is owed to members. */
export interface FundReport extends FundPosition {
  readonly businessDate: BusinessDate;
  /**
   * Fund / worth in basis points, rounded down so that 100 % is never claimed falsely; undefined while nothing is owed.
   */
  readonly coverageBps: Bps | undefined;
  /** The same of the cash behind the points: the fund may be owed by merchants, cash is there. */
  readonly cashCoverageBps: Bps | undefined;
  /** What is open of merchants' bills, by how long it is overdue. */
  readonly openBills: readonly OpenByAge[];
}

/**
 * Reports the points fund: the money in it, what is owed to members, what members owe, and what open withdrawals ask of
 * it. One snapshot.
 */
export async function reportFund({ db, clock, zone }: Context): Promise<FundReport> {
  const businessDate = businessDateOf(clock(), zone);
  const [position, openBills] = await reading(() =>
    db.sql.begin(
      "isolation level repeatable read read only",
      async (sql) =>
        [await fundPosition(sql, await policyOn(sql, businessDate)), await openByAge(sql, businessDate)] as const,
    ),
  );
  const { fundFen, worthFen } = position;
  const coverageBps = worthFen > 0n && fundFen >= 0n ? Number((fundFen * 10_000n) / worthFen) : undefined;
  return { ...position, businessDate, coverageBps, cashCoverageBps: cashCoverageBps(position), openBills };
}

/** The fund and what was owed to members at the end of a business date, at the point value of that date. */
export interface FundOfDay {
  readonly businessDate: BusinessDate;
  readonly fundFen: Fen;
  readonly worthFen: Fen;
  /** What members below zero owed. */
  readonly debtsFen: Fen;
  /** The cash behind the points, as it was recorded when the date was closed; null where it was not. */
  readonly cashFen: Fen | null;
}

/** The fund against what is owed to members, at the end of each day of a span that ends with a date. */
export async function fundByDay(sql: Sql, date: BusinessDate, days: number): Promise<readonly FundOfDay[]> {
  const values = await pointValuesByDay(sql, date, days);
  const accounts = ["points_fund", "points_available", "points_issued", "points_redeemed"] as const;
  const totals = await accountTotalsByDay(
    sql,
    accounts,
    values.map(({ businessDate }) => businessDate),
  );
  // Before the first point was granted nobody had a claim or a debt, and there is nothing to count back to.
  const begun = [...totals].filter(
    ([, { points_issued, points_redeemed }]) => points_issued !== 0n || points_redeemed !== 0n,
  );
  const memoranda = await memorandaByDay(
    sql,
    begun.map(([businessDate]) => businessDate),
  );
  const cash = await cashByDay(
    sql,
    values.map(({ businessDate }) => businessDate),
  );
  return values.map(({ businessDate, pointValueFen }) => {
    const { points_fund: fund, points_available: available } = totals.get(businessDate)!;
    const { member_debts: debtPoints = 0n, held_gross: openGrossFen = 0n } = memoranda.get(businessDate) ?? {};
    // Liabilities stand on the accounts with a minus.
    const worthFen = owedToMembersFen({ availablePoints: -available, debtPoints, openGrossFen }, pointValueFen);
    const cashFen = cash.get(businessDate) ?? null;
    return { businessDate, fundFen: -fund, worthFen, debtsFen: debtPoints * pointValueFen, cashFen };
  });
}
