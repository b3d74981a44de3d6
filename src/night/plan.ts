import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { countDue } from "../domain/approvals/expire.ts";
import { dueDates, waitingOrders, type WaitingOrders } from "../domain/grants/feed-sql.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { countStale } from "../domain/withdrawals/decide.ts";
import { lookAhead, stillFailed, type NightAhead, type NightInput } from "./ahead.ts";
import { warnOfClock } from "./dates.ts";
import { settledSpan } from "./dates-sql.ts";
import type { FailedFile } from "./files-sql.ts";
import { straysIn, type Stray } from "./inbox.ts";

/** What a settlement would do now. Rejected rows of the inbox's files are not known before the import. */
export interface SettlementPlan extends NightAhead {
  /** Files in the inbox where nothing is read. */
  readonly strays: readonly Stray[];
  /** Files that were set aside, and without which no date is settled. */
  readonly failed: readonly FailedFile[];
  readonly lastClosed: BusinessDate | undefined;
  /** Orders in the database that wait for a grant run, by the date they were paid on. */
  readonly orders: readonly WaitingOrders[];
  /** The number of requests that would expire; undefined where the policy lets none expire. */
  readonly staleRequests: number | undefined;
  /** The number of proposals that would expire. */
  readonly expiringProposals: number;
}

/**
 * Plans a settlement; changes nothing.
 *
 * @throws what `lookAhead` throws
 */
export async function planSettlement(context: Context, input: NightInput): Promise<SettlementPlan> {
  await warnOfClock(context);
  const ahead = await lookAhead(context, input);
  const strays = input.inbox === undefined ? [] : await straysIn(input.inbox);
  const failed = await stillFailed(context, ahead.files);
  const last = ahead.dates.at(-1);
  return reading(async () => ({
    ...ahead,
    strays,
    failed,
    lastClosed: (await settledSpan(context.db.sql)).lastClosed,
    orders: last === undefined ? [] : await waitingOrders(context.db.sql, await dueDates(context.db.sql, last)),
    staleRequests: await countStale(context),
    expiringProposals: await countDue(context),
  }));
}
