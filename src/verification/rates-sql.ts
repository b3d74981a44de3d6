import type { Fragment, Sql } from "../db/database.ts";

/**
 * Policies and rates are never rewritten; setting one again for a date adds a revision. So the one in force on a date
 * can be read as it is now, and as it was at an instant.
 */
const ranked = (sql: Sql) => sql`ORDER BY r.effective_from DESC, r.revision DESC`;

/** The policy in force on a date, by the latest revisions: a query for one row. */
export const policyInForce = (sql: Sql, date: Fragment): Fragment =>
  sql`SELECT r.* FROM policies r WHERE r.effective_from <= ${date} ${ranked(sql)} LIMIT 1`;

/** The merchants' own rates in force on a date, by the latest revisions: a query for merchant_id, contribution_bps. */
export const ownRatesOn = (sql: Sql, date: Fragment): Fragment => sql`
  SELECT DISTINCT ON (r.merchant_id) r.merchant_id, r.contribution_bps FROM contribution_rates r
  WHERE r.effective_from <= ${date} ORDER BY r.merchant_id, r.effective_from DESC, r.revision DESC`;

/**
 * The latest revisions of the policies with their periods: `from_date` is the first date, `to_date` the first after the
 * last.
 */
export const policyPeriods = (sql: Sql): Fragment => sql`
  SELECT p.*, p.effective_from AS from_date,
    lead(p.effective_from, 1, 'infinity') OVER (ORDER BY p.effective_from) AS to_date
  FROM (SELECT DISTINCT ON (effective_from) * FROM policies ORDER BY effective_from, revision DESC) p`;

/** The same of merchants' own rates. */
export const ownRatePeriods = (sql: Sql): Fragment => sql`
  SELECT c.merchant_id, c.contribution_bps, c.effective_from AS from_date,
    lead(c.effective_from, 1, 'infinity') OVER (PARTITION BY c.merchant_id ORDER BY c.effective_from) AS to_date
  FROM (SELECT DISTINCT ON (merchant_id, effective_from) * FROM contribution_rates
    ORDER BY merchant_id, effective_from, revision DESC) c`;

/** Whether a row `r` of policies is the one in force on a date, by the latest revisions. */
export const isPolicyInForce = (sql: Sql, date: Fragment): Fragment => sql`
  r.effective_from <= ${date} AND NOT EXISTS (
    SELECT 1 FROM policies q WHERE (q.effective_from, q.revision) > (r.effective_from, r.revision)
      AND q.effective_from <= ${date})`;

/** Setting and using may overlap, so only what was set this long before an instant was certainly in force at it. */
export const longBefore = (sql: Sql, at: Fragment): Fragment => sql`${at} - interval '1 hour'`;

/**
 * Whether a row of policies, or of a merchant's rates, may have been in force at an instant: it was set by then, and
 * what replaced it was not set long before.
 *
 * @param table where the row `r` is from
 * @param same the condition that a row `q` replaces `r`
 */
export const mayHaveBeenSeen = (
  sql: Sql,
  table: Fragment,
  same: Fragment,
  date: Fragment,
  at: Fragment,
): Fragment => sql`
  r.effective_from <= ${date} AND ${longBefore(sql, sql`r.set_at`)} <= ${at} AND NOT EXISTS (
    SELECT 1 FROM ${table} q
    WHERE ${same} AND (q.effective_from, q.revision) > (r.effective_from, r.revision) AND q.effective_from <= ${date}
      AND q.set_at <= ${longBefore(sql, at)})`;
