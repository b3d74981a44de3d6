import type { Context } from "../db/context.ts";
import { reading, type Sql } from "../db/database.ts";
import { fundPosition, type FundPosition } from "../ledger/fund-sql.ts";
import { accountTotalsByDay } from "../ledger/totals-sql.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf, type BusinessDate } from "../shared/business-date.ts";
import type { Fen } from "../shared/money.ts";
import type { Bps } from "../shared/rates.ts";
import { pointValuesByDay } from "./night-sql.ts";

/** The fund's position at one moment, and how far it covers what the points are worth. */
export interface FundReport extends FundPosition {
  readonly businessDate: BusinessDate;
  /** Fund / worth in basis points, rounded down so that 100 % is never claimed falsely; undefined while there are no points. */
  readonly coverageBps: Bps | undefined;
}

/** Reports the points fund: the money in it, what the points are worth, and what open withdrawals ask of it. One snapshot. */
export async function reportFund({ db, clock, zone }: Context): Promise<FundReport> {
  const businessDate = businessDateOf(clock(), zone);
  const position = await reading(() =>
    db.sql.begin("isolation level repeatable read read only", async (sql) =>
      fundPosition(sql, (await policyOn(sql, businessDate)).pointValueFen)));
  const { fundFen, worthFen } = position;
  const coverageBps = worthFen > 0n && fundFen >= 0n ? Number((fundFen * 10_000n) / worthFen) : undefined;
  return { ...position, businessDate, coverageBps };
}

/** The fund and what the points were worth at the end of a business date. */
export interface FundOfDay {
  readonly businessDate: BusinessDate;
  readonly fundFen: Fen;
  readonly worthFen: Fen;
}

/** The fund against the points, at the end of each day of a span that ends with a date. */
export async function fundByDay(sql: Sql, date: BusinessDate, days: number): Promise<readonly FundOfDay[]> {
  const values = await pointValuesByDay(sql, date, days);
  const totals = await accountTotalsByDay(sql, ["points_fund", "points_available", "points_held"], values.map(({ businessDate }) => businessDate));
  // Liabilities stand on the accounts with a minus.
  return values.map(({ businessDate, pointValueFen }) => {
    const { points_fund: fund, points_available: available, points_held: held } = totals.get(businessDate)!;
    return { businessDate, fundFen: -fund, worthFen: -(available + held) * pointValueFen };
  });
}
