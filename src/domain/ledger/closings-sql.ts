import type { Sql } from "../../db/database.ts";

/**
 * The closings that still hold, newest first. One does not when its date was reopened, or an earlier date was, even if that
 * is closed again: entries may have come to it since.
 */
export const soundClosings = (sql: Sql) => sql`
  SELECT d.business_date, d.run_id FROM business_dates d
  WHERE d.state = 'closed'
    AND EXISTS (SELECT FROM account_closings c WHERE c.business_date = d.business_date AND c.run_id = d.run_id)
    AND NOT EXISTS (SELECT FROM business_dates e WHERE e.business_date < d.business_date AND (e.state <> 'closed' OR e.run_id > d.run_id))
  ORDER BY d.business_date DESC`;
