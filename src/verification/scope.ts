import type { Fragment, Sql } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";

/** The rows that a check looks at, each a relation to stand behind FROM. */
export interface Scope {
  /** Every entry of the orders and withdrawals that are looked at, whatever its date. */
  readonly entries: Fragment;
  /** The entries whose sums the journal and the runs have to say. */
  readonly ownEntries: Fragment;
  readonly orders: Fragment;
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
  withdrawals: sql`withdrawals`,
  paidWithdrawals: sql`(SELECT * FROM withdrawals WHERE status = 'paid')`,
  runs: sql`grant_runs`,
  transactions: sql`journal_transactions`,
  lines: sql`journal_lines`,
});

/**
 * What one business date brought. Rows of a date are found by its block range index, everything else by key from those, so the cost
 * follows the date's rows. OFFSET 0 keeps a look-up by key from being planned as a join with the whole table.
 */
export function ofDate(sql: Sql, date: BusinessDate): Scope {
  const own = sql`(SELECT * FROM points_entries WHERE business_date = ${date})`;
  const moved = sql`(SELECT DISTINCT member_id, ref_id FROM points_entries WHERE business_date = ${date})`;
  const ended = (kinds: Fragment) => sql`(
    SELECT w.* FROM (SELECT DISTINCT member_id, ref_id FROM points_entries WHERE business_date = ${date} AND kind IN (${kinds})) d
    CROSS JOIN LATERAL (SELECT * FROM withdrawals w WHERE w.member_id = d.member_id AND w.withdrawal_id = d.ref_id OFFSET 0) w)`;
  return {
    entries: sql`(
      SELECT e.* FROM ${moved} d
      CROSS JOIN LATERAL (SELECT * FROM points_entries e WHERE e.member_id = d.member_id AND e.ref_id = d.ref_id OFFSET 0) e)`,
    ownEntries: own,
    orders: sql`(SELECT * FROM orders WHERE business_date = ${date})`,
    withdrawals: ended(sql`'hold', 'release', 'burn'`),
    paidWithdrawals: ended(sql`'burn'`),
    runs: sql`(SELECT * FROM grant_runs WHERE business_date = ${date})`,
    transactions: sql`(SELECT * FROM journal_transactions WHERE business_date = ${date})`,
    lines: sql`(
      SELECT l.* FROM journal_transactions t
      CROSS JOIN LATERAL (SELECT * FROM journal_lines l WHERE l.journal_id = t.journal_id OFFSET 0) l
      WHERE t.business_date = ${date})`,
  };
}
