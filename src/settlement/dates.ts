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

/**
 * The dates that a settlement has before it, in their order: from the oldest that is not closed up to yesterday. The very first
 * settlement begins with the oldest order that is not settled yet.
 *
 * @param until the last date wanted, when it is not yesterday
 * @throws refused when `until` is not over, or when there are more dates than a night may catch up unasked
 */
export async function datesToSettle({ db, clock, zone }: Context, until: BusinessDate | undefined): Promise<readonly BusinessDate[]> {
  const yesterday = daysAfter(businessDateOf(clock(), zone), -1);
  if (until !== undefined && until > yesterday) throw dateIsNotOver(until, yesterday, zone);
  const last = until ?? yesterday;
  return reading(async () => {
    const { oldestUnclosed, lastClosed, oldestInFeed } = await settledSpan(db.sql);
    const first = oldestUnclosed ?? (lastClosed === undefined ? earlier(oldestInFeed, last) : daysAfter(lastClosed, 1));
    const closed = await closedFrom(db.sql, first);
    const dates = datesBetween(first, last).filter((date) => !closed.has(date));
    if (until === undefined && dates.length > maxDatesUnasked) throw tooManyDates(dates.length, first, last);
    return dates;
  });
}

const earlier = (one: BusinessDate | undefined, other: BusinessDate): BusinessDate => (one !== undefined && one < other ? one : other);
