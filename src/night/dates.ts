import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { businessDateOf, datesBetween, daysAfter, type BusinessDate } from "../shared/business-date.ts";
import { closedFrom, settledSpan } from "./dates-sql.ts";
import { dateIsNotOver, tooManyDates } from "./refusals.ts";

/** More dates than this are settled only with an explicit `--until`. */
const maxDatesUnasked = 31;

/** Warns of a closed date that is not over: it was closed by a clock that was fast, or this clock is slow. */
export async function warnOfClock({ db, clock, zone, onNote }: Context): Promise<void> {
  const today = businessDateOf(clock(), zone);
  const { lastClosed } = await reading(() => settledSpan(db.sql));
  if (lastClosed !== undefined && lastClosed >= today) {
    onNote(
      `warning: ${lastClosed} is closed, and this machine's clock says that it is ${today} in ${zone}: check the clock; if it is right, dates from ${today} on have to be reopened`,
    );
  }
}

/** The date of the oldest order to be settled, and the file that has it; no file for one in the database. */
export interface OldestOrder {
  readonly businessDate: BusinessDate;
  readonly file?: string;
}

/** Whether there was no settlement yet. */
export const isFirstSettlement = async ({ db }: Context): Promise<boolean> => {
  const { oldestUnclosed, lastClosed } = await reading(() => settledSpan(db.sql));
  return oldestUnclosed === undefined && lastClosed === undefined;
};

/**
 * The dates that a settlement has to settle, in order: from the oldest that is not closed to yesterday. The first
 * settlement begins with the oldest order that is not settled.
 *
 * @param until the last date wanted, when it is not yesterday
 * @param oldestToCome the oldest order in files that are not imported yet; used by the first settlement only
 * @throws refused `business_date_not_over`, `too_many_dates`
 */
export async function datesToSettle(
  { db, clock, zone }: Context,
  until: BusinessDate | undefined,
  oldestToCome: OldestOrder | undefined,
): Promise<readonly BusinessDate[]> {
  const yesterday = daysAfter(businessDateOf(clock(), zone), -1);
  if (until !== undefined && until > yesterday) throw dateIsNotOver(until, yesterday, zone);
  const last = until ?? yesterday;
  return reading(async () => {
    const { oldestUnclosed, lastClosed, oldestInFeed } = await settledSpan(db.sql);
    const oldest = older(oldestInFeed === undefined ? undefined : { businessDate: oldestInFeed }, oldestToCome);
    const first =
      oldestUnclosed ??
      (lastClosed === undefined ? older(oldest, { businessDate: last })!.businessDate : daysAfter(lastClosed, 1));
    const closed = await closedFrom(db.sql, first);
    const dates = datesBetween(first, last).filter((date) => !closed.has(date));
    if (until === undefined && dates.length > maxDatesUnasked)
      throw tooManyDates(dates.length, first, last, oldest?.businessDate === first ? oldest.file : undefined);
    return dates;
  });
}

const older = (one: OldestOrder | undefined, other: OldestOrder | undefined): OldestOrder | undefined =>
  one === undefined || (other !== undefined && other.businessDate < one.businessDate) ? other : one;
