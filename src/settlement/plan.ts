import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { dueDates, waitingOrders, type WaitingOrders } from "../grants/feed-sql.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { countStale } from "../withdrawals/decide.ts";
import { datesToSettle, warnOfClock } from "./dates.ts";
import { settledSpan } from "./dates-sql.ts";
import { lookAtInbox, straysIn, type InboxFile, type Stray } from "./inbox.ts";

/** What is planned: a settlement's work, as `SettleInput` has it. */
export interface PlanInput {
  readonly inbox: string | undefined;
  readonly until: BusinessDate | undefined;
  readonly quietMs: number;
}

/** What a settlement would do now. What the files of the inbox bring is not known before they are taken in. */
export interface SettlementPlan {
  readonly files: readonly InboxFile[];
  /** What lies in the inbox where nothing is read. */
  readonly strays: readonly Stray[];
  readonly dates: readonly BusinessDate[];
  readonly lastClosed: BusinessDate | undefined;
  /** Orders in the database that wait for a grant run, by the date they were paid on. */
  readonly orders: readonly WaitingOrders[];
  /** Requests that the policy lets expire now; undefined where it lets none. */
  readonly staleRequests: number | undefined;
}

/**
 * Shows what a settlement would do, and does nothing.
 *
 * @throws what a settlement would refuse at once: an inbox that cannot be read, a last date that is not over
 */
export async function planSettlement(context: Context, { inbox, until, quietMs }: PlanInput): Promise<SettlementPlan> {
  const files = inbox === undefined ? [] : await lookAtInbox(inbox, quietMs);
  const strays = inbox === undefined ? [] : await straysIn(inbox);
  await warnOfClock(context);
  const dates = await datesToSettle(context, until);
  const last = dates.at(-1);
  return reading(async () => ({
    files, strays, dates,
    lastClosed: (await settledSpan(context.db.sql)).lastClosed,
    orders: last === undefined ? [] : await waitingOrders(context.db.sql, await dueDates(context.db.sql, last)),
    staleRequests: await countStale(context),
  }));
}
