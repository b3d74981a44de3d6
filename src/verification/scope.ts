import type { Fragment, Sql, Transaction } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";

/** The rows that a check looks at, each a relation to stand behind FROM. */
export interface Scope {
  /** Every entry of the orders and withdrawals that are looked at, whatever its date. */
  readonly entries: Fragment;
  /** The entries whose sums the journal and the runs have to say. */
  readonly ownEntries: Fragment;
  /** The orders that entries may be of. */
  readonly orders: Fragment;
  /** The orders that must have entries if they are due something. */
  readonly dueOrders: Fragment;
  readonly withdrawals: Fragment;
  /** The paid ones among those whose sums the journal has to say. */
  readonly paidWithdrawals: Fragment;
  readonly runs: Fragment;
  readonly transactions: Fragment;
  readonly lines: Fragment;
}

/** All there is. */
export const everything = (sql: Sql): Scope => ({
  entries: sql`points_entries`,
  ownEntries: sql`points_entries`,
  orders: sql`orders`,
  dueOrders: sql`orders`,
  withdrawals: sql`withdrawals`,
  paidWithdrawals: sql`(SELECT * FROM withdrawals WHERE status = 'paid')`,
  runs: sql`grant_runs`,
  transactions: sql`journal_transactions`,
  lines: sql`journal_lines`,
});

/** What one business date brought, out of the temporary tables of `gatherDate`. */
export function ofDate(sql: Sql, date: BusinessDate): Scope {
  const withdrawalsWith = (kinds: Fragment) => sql`(
    SELECT w.* FROM (SELECT DISTINCT member_id, ref_id FROM date_entries WHERE business_date = ${date} AND kind IN (${kinds})) d
    CROSS JOIN LATERAL (SELECT * FROM withdrawals w WHERE w.member_id = d.member_id AND w.withdrawal_id = d.ref_id OFFSET 0) w)`;
  return {
    entries: sql`date_entries`,
    ownEntries: sql`(SELECT * FROM date_entries WHERE business_date = ${date})`,
    orders: sql`date_orders`,
    dueOrders: sql`(SELECT * FROM date_orders WHERE business_date = ${date})`,
    withdrawals: withdrawalsWith(sql`'hold', 'release', 'burn'`),
    paidWithdrawals: withdrawalsWith(sql`'burn'`),
    runs: sql`(SELECT * FROM grant_runs WHERE business_date = ${date})`,
    transactions: sql`(SELECT * FROM journal_transactions WHERE business_date = ${date})`,
    lines: sql`(
      SELECT l.* FROM journal_transactions t
      CROSS JOIN LATERAL (SELECT * FROM journal_lines l WHERE l.journal_id = t.journal_id OFFSET 0) l
      WHERE t.business_date = ${date})`,
  };
}

/**
 * Gathers what one date brought in temporary tables: its entries, the orders they are of and those paid on it, and the other entries
 * of all these. What the date itself says is found by the block range indexes, the rest by key, so the cost follows the date.
 * OFFSET 0 keeps a look-up by key from being planned as a join with the whole table.
 */
export async function gatherDate(tx: Transaction, date: BusinessDate): Promise<void> {
  await tx`CREATE TEMP TABLE date_entries ON COMMIT DROP AS SELECT * FROM points_entries WHERE business_date = ${date}`;
  await tx`CREATE TEMP TABLE date_orders ON COMMIT DROP AS SELECT * FROM orders WHERE business_date = ${date}`;
  await tx`ANALYZE date_entries`;
  await tx`ANALYZE date_orders`;
  // A refund of an older order, and an order that came late.
  await tx`
    INSERT INTO date_orders
    SELECT o.* FROM (
      SELECT DISTINCT member_id, ref_id FROM date_entries e
      WHERE run_id IS NOT NULL AND NOT EXISTS (SELECT FROM date_orders o WHERE o.member_id = e.member_id AND o.order_id = e.ref_id)
    ) d CROSS JOIN LATERAL (SELECT * FROM orders o WHERE o.member_id = d.member_id AND o.order_id = d.ref_id OFFSET 0) o`;
  // Entries count up from 1 and a run settles an order once: without an earlier number or a later run there are no others.
  await tx`
    INSERT INTO date_entries
    SELECT x.* FROM (
      SELECT member_id, ref_id FROM date_entries GROUP BY member_id, ref_id
      HAVING min(entry_no) > 1 OR bool_or(run_id IS NULL) OR EXISTS (SELECT FROM grant_runs WHERE business_date > ${date})
      UNION
      SELECT member_id, order_id FROM date_orders o
      WHERE NOT EXISTS (SELECT FROM date_entries e WHERE e.member_id = o.member_id AND e.ref_id = o.order_id)
    ) d CROSS JOIN LATERAL (
      SELECT * FROM points_entries e WHERE e.member_id = d.member_id AND e.ref_id = d.ref_id AND e.business_date <> ${date} OFFSET 0
    ) x`;
  await tx`ANALYZE date_entries`;
  await tx`ANALYZE date_orders`;
}
