import type { Fragment, Sql } from "../db/database.ts";

/**
 * What is set by date is never rewritten: set again, it is another revision. So what was in force on a date can be told as it is
 * now, and as somebody saw it at an instant.
 */
const ranked = (sql: Sql) => sql`ORDER BY r.effective_from DESC, r.revision DESC`;

/** A platform's policy in force on a date, as it is now: a query for one row. */
export const policyInForce = (sql: Sql, date: Fragment): Fragment =>
  sql`SELECT r.* FROM policies r WHERE r.effective_from <= ${date} ${ranked(sql)} LIMIT 1`;

/** The own rates of all merchants that have one, in force on a date, as they are now: merchant_id, contribution_bps. */
export const ownRatesOn = (sql: Sql, date: Fragment): Fragment => sql`
  SELECT DISTINCT ON (r.merchant_id) r.merchant_id, r.contribution_bps FROM contribution_rates r
  WHERE r.effective_from <= ${date} ORDER BY r.merchant_id, r.effective_from DESC, r.revision DESC`;

/** The platform's policies with the dates they are in force between, as they are now: `from_date` is the first, `to_date` the first after. */
export const policyPeriods = (sql: Sql): Fragment => sql`
  SELECT p.*, p.effective_from AS from_date, lead(p.effective_from, 1, 'infinity') OVER (ORDER BY p.effective_from) AS to_date
  FROM (SELECT DISTINCT ON (effective_from) * FROM policies ORDER BY effective_from, revision DESC) p`;

/** The same of merchants' own rates. */
export const ownRatePeriods = (sql: Sql): Fragment => sql`
  SELECT c.merchant_id, c.contribution_bps, c.effective_from AS from_date,
    lead(c.effective_from, 1, 'infinity') OVER (PARTITION BY c.merchant_id ORDER BY c.effective_from) AS to_date
  FROM (SELECT DISTINCT ON (merchant_id, effective_from) * FROM contribution_rates ORDER BY merchant_id, effective_from, revision DESC) c`;

/** Whether a row `r` of policies is the one in force on a date, as it is now. */
export const isPolicyInForce = (sql: Sql, date: Fragment): Fragment => sql`
  r.effective_from <= ${date} AND NOT EXISTS (
    SELECT 1 FROM policies q WHERE (q.effective_from, q.revision) > (r.effective_from, r.revision) AND q.effective_from <= ${date})`;

/** Who sets something and who uses it may meet, and either be first: what was set this long before an instant was seen at it. */
export const longBefore = (sql: Sql, at: Fragment): Fragment => sql`${at} - interval '1 hour'`;

/**
 * Whether a row of policies, or of a merchant's rates, may have been in force for somebody who looked at an instant: it was set
 * by then, and what is in force in its place now was not set long before.
 *
 * @param table where the row `r` is from
 * @param same what a row `q` has in common with `r` to take its place
 */
export const mayHaveBeenSeen = (sql: Sql, table: Fragment, same: Fragment, date: Fragment, at: Fragment): Fragment => sql`
  r.effective_from <= ${date} AND ${longBefore(sql, sql`r.set_at`)} <= ${at} AND NOT EXISTS (
    SELECT 1 FROM ${table} q
    WHERE ${same} AND (q.effective_from, q.revision) > (r.effective_from, r.revision) AND q.effective_from <= ${date}
      AND q.set_at <= ${longBefore(sql, at)})`;
