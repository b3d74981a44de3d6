import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { slotHolder, type SlotHolder } from "../db/run-slots.ts";
import { businessDateOf, datesBetween, daysAfter, type BusinessDate } from "../shared/business-date.ts";
import { recordedDates, settledSpan, type RecordedDate } from "./dates-sql.ts";
import { lastSettlement, type RecordedSettlement } from "./record-sql.ts";

/** The state of a business date. `interrupted`: the run that was at it has died. */
export interface DateStatus extends Partial<Omit<RecordedDate, "state" | "businessDate">> {
  readonly businessDate: BusinessDate;
  readonly state: RecordedDate["state"] | "interrupted";
}

/** The state of settlements. */
export interface SettlementStatus {
  /** The newest first. Dates that no run has reached are open. */
  readonly dates: readonly DateStatus[];
  /** Whether there are older dates. */
  readonly areMore: boolean;
  readonly lastClosed: BusinessDate | undefined;
  /** The settlement that is at work now. */
  readonly running: SlotHolder | undefined;
  /** The newest one; `interrupted` when it has died. */
  readonly lastRun: RecordedSettlement | undefined;
}

/**
 * Reads which business dates are open, closed, running or failed, at which step, why, since when and by whom.
 *
 * @param limit the most dates to return
 */
export async function settlementStatus({ db, clock, zone }: Context, limit: number): Promise<SettlementStatus> {
  const yesterday = daysAfter(businessDateOf(clock(), zone), -1);
  return reading(async () => {
    const [recorded, span, holder, lastRun] = await Promise.all([
      recordedDates(db.sql, limit + 1),
      settledSpan(db.sql),
      slotHolder(db.sql, "settle"),
      lastSettlement(db.sql),
    ]);
    const running = holder?.lives === true ? holder : undefined;
    const known = new Set(recorded.map(({ businessDate }) => businessDate));
    const first = recorded.at(-1)?.businessDate ?? yesterday;
    // Limited, so that a clock that is years fast does not make a list of years.
    const open = datesBetween(later(first, daysAfter(yesterday, 1 - limit)), yesterday).filter(
      (date) => !known.has(date),
    );
    const dates = [
      ...open.map((businessDate): DateStatus => ({ businessDate, state: "open" })),
      ...recorded.map((date) => statusOf(date, running)),
    ];
    return {
      dates: dates.sort((one, other) => (one.businessDate < other.businessDate ? 1 : -1)).slice(0, limit),
      areMore: dates.length > limit,
      lastClosed: span.lastClosed,
      running,
      lastRun:
        lastRun?.state === "running" && running?.runId !== lastRun.runId
          ? { ...lastRun, state: "interrupted" }
          : lastRun,
    };
  });
}

const statusOf = (date: RecordedDate, running: SlotHolder | undefined): DateStatus =>
  date.state === "running" && running?.runId !== date.runId ? { ...date, state: "interrupted" } : date;

const later = (one: BusinessDate, other: BusinessDate): BusinessDate => (one > other ? one : other);
