import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";

/*
 * Where the policy grants on collection, the first settlement of an order books what its merchant contributes and no point yet. The
 * order waits, apart from the feed, until its merchant has paid for the date on which that was booked; a later run takes it up again.
 */

/** Whether any order may have to wait for its merchant's money, or does. */
export async function grantsOnCollection(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM policies WHERE grant_on = 'collection')
      OR EXISTS (SELECT FROM uncollected_orders) AS found`;
  return row!.found;
}

/**
 * Up to which date merchants with waiting orders have paid: merchant_id, cleared_to. Who owes nothing has for all that
 * is closed.
 */
const clearedOfWaiting = (sql: Sql, cleared: Fragment): Fragment => sql`
  SELECT w.merchant_id, coalesce(c.cleared_to,
    (SELECT max(business_date) FROM business_dates WHERE state = 'closed')) AS cleared_to
  FROM (SELECT DISTINCT merchant_id FROM uncollected_orders) w LEFT JOIN (${cleared}) c USING (merchant_id)`;

/**
 * Whether a run would find orders whose merchants have paid by now.
 *
 * @param cleared a query for merchant_id and cleared_to: up to which date merchants have paid
 */
export async function hasCleared(sql: Sql, cleared: Fragment): Promise<boolean> {
  const [waiting] = await sql<{ found: boolean }[]>`SELECT EXISTS (SELECT FROM uncollected_orders) AS found`;
  if (!waiting!.found) return false;
  const [row] = await sql<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM uncollected_orders u
      JOIN (${clearedOfWaiting(sql, cleared)}) c ON c.merchant_id = u.merchant_id
        AND u.booked_on <= c.cleared_to) AS found`;
  return row!.found;
}

/**
 * Puts orders whose merchants have paid by now, as `cleared` says, back into the feed. What is there of a later import
 * counts before it.
 */
export async function releaseCleared(tx: Transaction, cleared: Fragment): Promise<void> {
  await tx`
    WITH cleared AS MATERIALIZED (${clearedOfWaiting(tx, cleared)}), released AS (
      DELETE FROM uncollected_orders u USING cleared c
      WHERE u.merchant_id = c.merchant_id AND u.booked_on <= c.cleared_to RETURNING u.*
    )
    INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
    SELECT member_id, order_id, import_id, merchant_id, net_fen, business_date, false FROM released
    ON CONFLICT DO NOTHING`;
}

/**
 * Keeps back the points of a chunk's orders that have to wait: of those that come for the first time and earn on
 * collection, and of those that wait already. What their merchants contribute is booked all the same.
 *
 * @param businessDate the date of the run, on which it is booked
 * @returns how many wait for the first time
 */
export async function keepBack(tx: Transaction, businessDate: BusinessDate): Promise<bigint> {
  await tx`
    UPDATE due_orders d SET points = 0, waits = true
    WHERE NOT is_skipped AND (entry_no = 1 AND is_on_collection AND points > 0
      OR EXISTS (SELECT FROM uncollected_orders u WHERE u.member_id = d.member_id AND u.order_id = d.order_id))`;
  const [row] = await tx<{ waiting: bigint }[]>`
    WITH kept AS (
      INSERT INTO uncollected_orders AS u (member_id, order_id, import_id, merchant_id, net_fen, business_date,
        booked_on)
      SELECT DISTINCT ON (t.member_id, t.order_id) t.member_id, t.order_id, t.import_id, t.merchant_id, t.net_fen,
        t.business_date, ${businessDate}::date
      FROM taken_changes t JOIN due_orders d ON d.member_id = t.member_id AND d.order_id = t.order_id
      WHERE d.waits ORDER BY t.member_id, t.order_id, t.import_id DESC
      ON CONFLICT (member_id, order_id) DO UPDATE SET import_id = excluded.import_id, net_fen = excluded.net_fen
      RETURNING u.member_id
    )
    SELECT (SELECT count(*) FROM due_orders WHERE waits AND entry_no = 1) AS waiting
    FROM (SELECT count(*) FROM kept) k`;
  return row!.waiting;
}
