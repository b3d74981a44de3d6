import type { Context } from "../../db/context.ts";
import { reading, type Sql } from "../../db/database.ts";
import { policyOn } from "../policies/sql.ts";
import { daysAfter, type BusinessDate } from "../../shared/business-date.ts";
import { lastBilledPeriod, lastClosedDate } from "./issue-sql.ts";
import { monthOf, type Period } from "./model.ts";

/**
 * The periods that the night has to bill: each month that is closed up to its end, after what was billed before, whose
 * policy on its last date bills monthly. Where nothing was ever billed it begins with the last such month: its bills
 * open with all before.
 */
export async function duePeriods({ db }: Pick<Context, "db">): Promise<readonly Period[]> {
  return reading(async () => {
    const lastClosed = await lastClosedDate(db.sql);
    if (lastClosed === undefined) return [];
    const last = await lastBilledPeriod(db.sql);
    const periods: Period[] = [];
    let from = last === undefined ? lastWholeMonth(lastClosed).from : daysAfter(last.periodTo, 1);
    for (
      let period = restOfMonth(from);
      period.to <= lastClosed && (await isMonthly(db.sql, period.to));
      period = restOfMonth(from)
    ) {
      periods.push(period);
      from = daysAfter(period.to, 1);
    }
    return periods;
  });
}

const restOfMonth = (from: BusinessDate): Period => ({ from, to: monthOf(from).to });

/** The last month that is over on a date, that date included. */
function lastWholeMonth(date: BusinessDate): Period {
  const month = monthOf(date);
  return month.to === date ? month : monthOf(daysAfter(month.from, -1));
}

const isMonthly = async (sql: Sql, date: BusinessDate): Promise<boolean> =>
  (await policyOn(sql, date)).billing === "monthly";
