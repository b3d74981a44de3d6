import type { Fragment, Sql } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";

/** The paid dates that a run of a business date settles: up to that date, and with the grant delay over. */
export interface DueDates {
  /** The business date of the run; orders that were paid later are not due. */
  readonly upTo: BusinessDate;
  /**
   * The paid dates that are due, as a datemultirange; undefined where no delay keeps any back, and all up to `upTo`
   * are.
   */
  readonly dates: string | undefined;
}

/**
 * Reads which paid dates are due in a run of `upTo`. The grant delay is the one that was in force on the date of
 * payment; a later policy does not change it.
 */
export async function dueDates(sql: Sql, upTo: BusinessDate): Promise<DueDates> {
  const [row] = await sql<{ dates: string; isWhole: boolean }[]>`
    SELECT dates::text, dates @> daterange(first_date, ${upTo}::date + 1) AS is_whole
    FROM (
      SELECT min(from_date) AS first_date,
        coalesce(range_agg(daterange(from_date, least(to_date, due_to))) FILTER (WHERE from_date < due_to), '{}') AS dates
      FROM (
        SELECT effective_from AS from_date, lead(effective_from, 1, 'infinity') OVER (ORDER BY effective_from) AS to_date,
               ${upTo}::date - grant_delay_days + 1 AS due_to
        FROM (
          SELECT DISTINCT ON (effective_from) * FROM policies WHERE effective_from <= ${upTo} ORDER BY effective_from, revision DESC
        ) s
      ) p
    ) d`;
  const { dates, isWhole } = row!;
  return { upTo, dates: isWhole ? undefined : dates };
}

/** Whether a change `c` is of a paid date that is due. */
export const isDue = (sql: Sql, { upTo, dates }: DueDates): Fragment =>
  dates === undefined ? sql`c.business_date <= ${upTo}` : sql`c.business_date <@ ${dates}::datemultirange`;

/**
 * Whether a change `c` is of an order that a run settled before, which no delay keeps back: points are clawed back at
 * once. A run takes all changes of an order, so the feed has the first change of every order that waits for its first
 * run.
 */
export const changesOfSettled = (sql: Sql, { upTo }: DueDates): Fragment => sql`
  NOT c.is_first AND c.business_date <= ${upTo}
  AND NOT EXISTS (SELECT 1 FROM order_changes f
    WHERE f.member_id = c.member_id AND f.order_id = c.order_id AND f.is_first)`;

/** Whether the feed has anything for a run. */
export async function hasChanges(sql: Sql, due: DueDates): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    SELECT EXISTS (SELECT 1 FROM order_changes c WHERE ${isDue(sql, due)})
      OR EXISTS (SELECT 1 FROM order_changes c WHERE ${changesOfSettled(sql, due)}) AS found`;
  return row!.found;
}

/** Orders that wait to be settled, by paid date, and how many of them no run has settled before. */
export interface WaitingOrders {
  readonly businessDate: BusinessDate;
  readonly orders: bigint;
  readonly firstOrders: bigint;
}

/** The condition that a change of the feed is due in a run. */
export async function waitingOrders(sql: Sql, due: DueDates): Promise<readonly WaitingOrders[]> {
  return sql<WaitingOrders[]>`
    SELECT business_date, count(DISTINCT (member_id, order_id)) AS orders,
      count(*) FILTER (WHERE is_first) AS first_orders
    FROM order_changes c WHERE ${isDue(sql, due)} OR (${changesOfSettled(sql, due)}) GROUP BY business_date
    ORDER BY business_date`;
}

/**
 * Orders that are due in a run and that no run has settled, by date: when that run is over, they came too late for it.
 */
export async function lateOrders(sql: Sql, due: DueDates): Promise<Readonly<Record<BusinessDate, number>>> {
  const rows = await sql<{ businessDate: BusinessDate; orders: number }[]>`
    SELECT business_date, count(*)::integer AS orders FROM order_changes c
    WHERE is_first AND ${isDue(sql, due)} GROUP BY business_date ORDER BY business_date`;
  return Object.fromEntries(rows.map(({ businessDate, orders }) => [businessDate, orders]));
}

/** The number of changes that are due in a run, by paid date. */
export async function waitingChanges(sql: Sql, due: DueDates): Promise<ReadonlyMap<BusinessDate, number>> {
  const rows = await sql<{ businessDate: BusinessDate; changes: number }[]>`
    SELECT business_date, count(*)::integer AS changes FROM order_changes c
    WHERE ${isDue(sql, due)} OR (${changesOfSettled(sql, due)}) GROUP BY business_date`;
  return new Map(rows.map(({ businessDate, changes }) => [businessDate, changes]));
}

/** Orders that wait, by what they wait for. */
export interface Waits {
  /** Until their merchants have paid. */
  readonly collection: bigint;
  /** Until a channel shows their payment. */
  readonly evidence: bigint;
  /** Until their grant delay is over. */
  readonly delay: bigint;
}

/** How many orders, paid or booked up to a date, a run of it does not settle yet, and why. */
export async function ordersThatWait(sql: Sql, { upTo }: DueDates): Promise<Waits> {
  const [row] = await sql<Waits[]>`
    SELECT
      (SELECT count(DISTINCT (member_id, order_id)) FROM uncollected_orders WHERE business_date <= ${upTo}) AS collection,
      (SELECT count(*) FROM unevidenced_orders WHERE is_first AND business_date <= ${upTo}) AS evidence,
      (SELECT count(*) FROM order_changes WHERE is_first AND business_date <= ${upTo}) AS delay`;
  return row!;
}
