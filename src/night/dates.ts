import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { businessDateOf, datesBetween, daysAfter, type BusinessDate } from "../shared/business-date.ts";
import { closedFrom, settledSpan } from "./dates-sql.ts";
import { dateIsNotOver, tooManyDates } from "./refusals.ts";

/** More dates than this are only settled for somebody who names the last one. */
const maxDatesUnasked = 31;

/** Warns when a date is closed that is not over: it was closed by a clock that was ahead, or this one is behind. */
export async function warnOfClock({ db, clock, zone, onNote }: Context): Promise<void> {
  const today = businessDateOf(clock(), zone);
  const { lastClosed } = await reading(() => settledSpan(db.sql));
  if (lastClosed !== undefined && lastClosed >= today) {
    onNote(`warning: ${lastClosed} is closed, and this machine's clock says that it is ${today} in ${zone}: check the clock; if it is right, dates from ${today} on have to be reopened`);
  }
}

/** The oldest order that is to be settled, and the file that brings it; in the database already where there is no file. */
export interface OldestOrder {
  readonly businessDate: BusinessDate;
  readonly file?: string;
}

/** Whether no settlement has come to any date yet. */
export const isFirstSettlement = async ({ db }: Context): Promise<boolean> => {
  const { oldestUnclosed, lastClosed } = await reading(() => settledSpan(db.sql));
  return oldestUnclosed === undefined && lastClosed === undefined;
};

/**
 * The dates that a settlement has before it, in their order: from the oldest that is not closed up to yesterday. The very first
 * settlement begins with the oldest order that is not settled yet.
 *
 * @param until the last date wanted, when it is not yesterday
 * @param oldestToCome the oldest order of files that are still to be taken in; it counts for the very first settlement alone
 * @throws refused when `until` is not over, or when there are more dates than a night may catch up unasked
 */
export async function datesToSettle({ db, clock, zone }: Context, until: BusinessDate | undefined, oldestToCome: OldestOrder | undefined): Promise<readonly BusinessDate[]> {
  const yesterday = daysAfter(businessDateOf(clock(), zone), -1);
  if (until !== undefined && until > yesterday) throw dateIsNotOver(until, yesterday, zone);
  const last = until ?? yesterday;
  return reading(async () => {
    const { oldestUnclosed, lastClosed, oldestInFeed } = await settledSpan(db.sql);
    const oldest = older(oldestInFeed === undefined ? undefined : { businessDate: oldestInFeed }, oldestToCome);
    const first = oldestUnclosed ?? (lastClosed === undefined ? older(oldest, { businessDate: last })!.businessDate : daysAfter(lastClosed, 1));
    const closed = await closedFrom(db.sql, first);
    const dates = datesBetween(first, last).filter((date) => !closed.has(date));
    if (until === undefined && dates.length > maxDatesUnasked) throw tooManyDates(dates.length, first, last, oldest?.businessDate === first ? oldest.file : undefined);
    return dates;
  });
}

const older = (one: OldestOrder | undefined, other: OldestOrder | undefined): OldestOrder | undefined =>
  one === undefined || (other !== undefined && other.businessDate < one.businessDate) ? other : one;
