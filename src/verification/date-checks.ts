import type { Sql } from "../db/database.ts";
import { accounts } from "../domain/ledger/model.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/** The steps before a date is closed. */
const steps = ["grant", "expire", "verify", "close"];

/**
 * Each closed date was closed by a settlement that did all its steps and recorded the balance of every control account;
 * it was reopened as often as it was closed before, by the operator in the record; and no date is missing between two
 * recorded ones.
 */
export async function datesWereClosed(sql: Sql): Promise<Findings> {
  type Row = { businessDate: string; state: string; problem: string; found: bigint };
  const names = Object.keys(accounts);
  const rows = await sql<Row[]>`
    WITH closings AS (
      SELECT business_date, count(DISTINCT run_id) AS times FROM account_closings GROUP BY business_date
    ), reopenings AS (
      SELECT subject::date AS business_date, count(*) AS times,
        (array_agg(operator ORDER BY action_id DESC))[1] AS operator
      FROM operator_actions WHERE subject_kind = 'business_date' AND action = 'settle.reopen' GROUP BY subject
    ), sums AS (
      SELECT business_date, run_id, count(*) AS accounts FROM account_closings WHERE account = ANY(${names}::text[])
      GROUP BY business_date, run_id
    ), done AS (
      SELECT business_date, run_id, count(*) AS steps FROM settlement_steps
      WHERE state = 'done' AND step = ANY(${steps}::text[])
      GROUP BY business_date, run_id
    )
    SELECT business_date, state, problem, count(*) OVER () AS found FROM (
      SELECT business_date, coalesce(b.state, 'none') AS state, CASE
        WHEN b.state IS NULL THEN 'a date without a row'
        WHEN b.state = 'closed' AND s.accounts IS DISTINCT FROM ${names.length} THEN 'closing sums are missing'
        WHEN b.state = 'closed' AND d.steps IS DISTINCT FROM ${steps.length} THEN 'its settlement did not do all steps'
        WHEN coalesce(r.times, 0) <> coalesce(c.times, 0) - CASE WHEN b.state = 'closed' THEN 1 ELSE 0 END
          THEN 'closings and reopenings do not tally'
        WHEN b.reopened_by IS DISTINCT FROM r.operator THEN 'reopened by somebody else than is recorded'
        WHEN b.business_date - lag(b.business_date) OVER (ORDER BY b.business_date) > 1
        THEN 'the date before it is missing'
      END AS problem
      FROM business_dates b FULL JOIN closings c USING (business_date) FULL JOIN reopenings r USING (business_date)
      LEFT JOIN sums s USING (business_date, run_id) LEFT JOIN done d USING (business_date, run_id)
    ) x WHERE problem IS NOT NULL ORDER BY business_date LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM business_dates`;
  return findingsOf(all!.count, rows, ({ businessDate, state, problem }) => ({
    business_date: businessDate,
    state,
    problem,
  }));
}
