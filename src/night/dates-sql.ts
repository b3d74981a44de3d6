import type { Actor } from "../db/context.ts";
import type { Sql, Transaction } from "../db/database.ts";
import type { Row } from "../db/rows.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { SettlementStep } from "./events.ts";

/** A business date as it is recorded. */
export interface RecordedDate extends Row<
  "businessDates",
  | "businessDate"
  | "state"
  | "runId"
  | "since"
  | "operator"
  | "host"
  | "error"
  | "closedAt"
  | "reopenedBy"
  | "reopenedAt"
  | "reopenReason"
> {
  readonly step: SettlementStep | null;
}

/** The span of dates that settlements have reached. All undefined before the first one. */
export interface SettledSpan {
  readonly oldestUnclosed: BusinessDate | undefined;
  readonly lastClosed: BusinessDate | undefined;
  /** Of orders that no grant run has settled yet. */
  readonly oldestInFeed: BusinessDate | undefined;
}

/** Reads the facts that determine the oldest open date. */
export async function settledSpan(sql: Sql): Promise<SettledSpan> {
  const [row] = await sql<
    { oldestUnclosed: BusinessDate | null; lastClosed: BusinessDate | null; oldestInFeed: BusinessDate | null }[]
  >`
    SELECT min(business_date) FILTER (WHERE state <> 'closed') AS oldest_unclosed, max(business_date) FILTER (WHERE state = 'closed') AS last_closed,
      (SELECT min(business_date) FROM order_changes) AS oldest_in_feed
    FROM business_dates`;
  const { oldestUnclosed, lastClosed, oldestInFeed } = row!;
  return {
    oldestUnclosed: oldestUnclosed ?? undefined,
    lastClosed: lastClosed ?? undefined,
    oldestInFeed: oldestInFeed ?? undefined,
  };
}

/** The closed ones among the dates from one on. */
export async function closedFrom(sql: Sql, first: BusinessDate): Promise<ReadonlySet<BusinessDate>> {
  const rows = await sql<
    { businessDate: BusinessDate }[]
  >`SELECT business_date FROM business_dates WHERE business_date >= ${first} AND state = 'closed'`;
  return new Set(rows.map(({ businessDate }) => businessDate));
}

/** The newest dates that are recorded, the newest first. */
export async function recordedDates(sql: Sql, limit: number): Promise<readonly RecordedDate[]> {
  return sql<RecordedDate[]>`SELECT * FROM business_dates ORDER BY business_date DESC LIMIT ${limit}`;
}

export async function findDate(sql: Sql, date: BusinessDate): Promise<RecordedDate | undefined> {
  const [row] = await sql<RecordedDate[]>`SELECT * FROM business_dates WHERE business_date = ${date}`;
  return row;
}

/** The run that is at a date, and since when. */
export interface DateHolder {
  readonly runId: bigint;
  readonly operator: Actor;
  readonly at: Date;
}

/** Records that a run is at a step of a date. */
export async function markRunning(
  tx: Transaction,
  date: BusinessDate,
  step: SettlementStep,
  { runId, operator, at }: DateHolder,
): Promise<void> {
  await tx`
    INSERT INTO business_dates AS b (business_date, state, step, run_id, since, operator, host)
    VALUES (${date}, 'running', ${step}, ${runId}, ${at}, ${operator.name}, ${operator.host})
    ON CONFLICT (business_date) DO UPDATE
    SET state = 'running', step = excluded.step, run_id = excluded.run_id, since = excluded.since,
      operator = excluded.operator, host = excluded.host, error = NULL`;
}

/** Records why a run stopped at a date: it failed, or was interrupted and the date is open as before. */
export async function markStopped(
  tx: Transaction,
  date: BusinessDate,
  state: "failed" | "open",
  error: string | null,
  at: Date,
): Promise<void> {
  await tx`UPDATE business_dates SET state = ${state}, error = ${error}, since = ${at}
    WHERE business_date = ${date} AND state = 'running'`;
}

/**
 * Closes a date: waits for transactions that are writing entries for it; after the commit the database refuses more.
 */
export async function closeDate(tx: Transaction, date: BusinessDate, at: Date): Promise<void> {
  await tx`SELECT pg_advisory_xact_lock(hashtext('accrue business date'), ${date}::date - date '2000-01-01')`;
  const closed = await tx`
    UPDATE business_dates SET state = 'closed', step = NULL, since = ${at}, closed_at = ${at}
    WHERE business_date = ${date} AND state = 'running'`;
  if (closed.count !== 1) throw new Error(`business date ${date} is not being settled`);
}

/** Reopens a closed date; false when it is not closed any more. */
export async function reopenDate(
  tx: Transaction,
  date: BusinessDate,
  by: string,
  at: Date,
  reason: string,
): Promise<boolean> {
  const reopened = await tx`
    UPDATE business_dates SET state = 'open', closed_at = NULL, since = ${at}, reopened_by = ${by}, reopened_at = ${at},
      reopen_reason = ${reason}
    WHERE business_date = ${date} AND state = 'closed'`;
  return reopened.count === 1;
}

/** Adds the newest rows to the block range indexes of dates, so that reading by date costs what the night brought. */
export async function summarizeDates(tx: Transaction): Promise<void> {
  await tx`SELECT summarize_dates()`;
}

/**
 * Makes the next partition of orders and entries where the last one is half full.
 *
 * @returns the names of the new ones; none while somebody holds the tables, and the next night tries again
 */
export async function makePartitions(tx: Transaction): Promise<readonly string[]> {
  const made = await tx<{ name: string }[]>`SELECT name FROM make_partitions() name`;
  return made.map(({ name }) => name);
}
