import type { BusinessDate } from "../shared/business-date.ts";
import type { Fragment, Sql } from "./database.ts";
import { weightOf } from "./key-weights.ts";

/**
 * Whether an order of which no row is there is in an archive: its number leads to an id of an archived range. Of a row
 * that was lost from such a range the counts of `verify` tell.
 *
 * @param orderId null counts as no
 */
export const isInArchive = (sql: Sql, orderId: Fragment): Fragment => sql`
  EXISTS (SELECT FROM history_archives a
    WHERE a.attached_at IS NULL AND ${orderId} >= a.first_id AND ${orderId} < a.end_id)`;

/** What each member's archived entries come to, as entries are: for FROM, beside `points_entries`. */
export const carriedOfMembers = (sql: Sql): Fragment => sql`(
  SELECT member_id, sum(available_points)::bigint AS available_points,
    sum(clawed_back_points)::bigint AS clawed_back_points, sum(orders)::bigint AS orders
  FROM carried_points GROUP BY member_id)`;

/**
 * The newest date of an archived entry, null where nothing is archived: sums up to it stand for the entries before, of
 * which only some are there.
 */
export const archivedUntil = (sql: Sql): Fragment =>
  sql`(SELECT max(until_date) FROM history_archives WHERE attached_at IS NULL)`;

/** The same, asked by itself. */
export async function lastArchivedDate(sql: Sql): Promise<BusinessDate | null> {
  const [row] = await sql<{ until: BusinessDate | null }[]>`SELECT ${archivedUntil(sql)} AS until`;
  return row!.until;
}

/** The seed of the weights of archived orders' keys: one for all archives, null before the first. */
const keysSeed = (sql: Sql): Fragment => sql`(SELECT keys_seed FROM history_archives ORDER BY archive_no LIMIT 1)`;

/**
 * The weight of the key of an order `k` (order_no, source, member_id, order_id), of which archives keep the sum.
 *
 * @param newSeed taken where there is no archive yet
 */
export const keyWeight = (sql: Sql, newSeed: Fragment = sql`NULL::bigint`): Fragment =>
  weightOf(
    sql,
    sql`coalesce(${keysSeed(sql)}, ${newSeed})`,
    { text: sql`k.order_no` },
    { text: sql`k.source` },
    { number: sql`k.member_id` },
    { number: sql`k.order_id` },
  );
