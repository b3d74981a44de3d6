import type { Sql } from "../../db/database.ts";

/**
 * The closings that still hold, newest first. A closing does not hold any more when its date or an earlier one was
 * reopened, even if that was closed again: it may have got entries in between.
 */
export const soundClosings = (sql: Sql) => sql`
  SELECT d.business_date, d.run_id FROM business_dates d
  WHERE d.state = 'closed'
    AND EXISTS (SELECT FROM account_closings c WHERE c.business_date = d.business_date AND c.run_id = d.run_id)
    AND NOT EXISTS (SELECT FROM business_dates e
      WHERE e.business_date < d.business_date AND (e.state <> 'closed' OR e.run_id > d.run_id))
  ORDER BY d.business_date DESC`;
