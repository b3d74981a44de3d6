import type { Sql, Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";

/**
 * Whether a date takes no entries: it is closed, or before the first date of any settlement. The database's guards
 * check the same.
 */
export async function isDateClosed(sql: Sql, date: BusinessDate): Promise<boolean> {
  const [row] = await sql<{ isClosed: boolean }[]>`
    SELECT coalesce(bool_or(business_date = ${date} AND state = 'closed') OR ${date} < min(business_date),
      false) AS is_closed FROM business_dates`;
  return row!.isClosed;
}

/** The same, and keeps the date from being closed until the transaction ends. */
export async function isDateClosedMeanwhile(tx: Transaction, date: BusinessDate): Promise<boolean> {
  await tx`SELECT pg_advisory_xact_lock_shared(hashtext('accrue business date'), ${date}::date - date '2000-01-01')`;
  return isDateClosed(tx, date);
}
