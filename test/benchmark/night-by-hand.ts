import type postgres from "postgres";
import { grantByHand, importBySameMerge } from "./hand-written.ts";
import { timed, type Measured } from "./measure.ts";
import { businessDate } from "./scene.ts";

/** The steps of a night that cost something. */
export const nightSteps = ["import", "grant", "verify", "close"] as const;
export type NightStep = (typeof nightSteps)[number];

/** One night by scripts of plain SQL, one for each step: what each took. */
export async function nightByHand(sql: postgres.Sql, path: string): Promise<Readonly<Record<NightStep, Measured>>> {
  return {
    import: await timed(() => importBySameMerge(sql, path)),
    grant: await timed(() => grantByHand(sql, businessDate)),
    verify: await timed(() => verifyByHand(sql)),
    close: await timed(() => closeByHand(sql)),
  };
}

/**
 * What somebody who knows SQL would ask of a date whose orders all came in time: each paid order has one entry, of what
 * it is due; the run and the accounts say what the entries add up to; the journal balances; and the members who moved
 * most, and all of them together, have what they should. Counts what is wrong, and names nothing.
 */
async function verifyByHand(sql: postgres.Sql): Promise<void> {
  const entries = `(SELECT * FROM points_entries WHERE business_date = '${businessDate}')`;
  const lines = `(SELECT l.* FROM journal_transactions t JOIN journal_lines l USING (journal_id) WHERE t.business_date = '${businessDate}')`;
  const [found] = await sql.begin(async (tx) => {
    await tx.unsafe(
      "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off",
    );
    return tx.unsafe(`
      WITH sums AS MATERIALIZED (
        SELECT run_id, count(*) AS orders, sum(available_points) AS points, sum(contribution_fen) AS contribution_fen
        FROM ${entries} e GROUP BY run_id
      )
      SELECT
        (SELECT count(*)
         FROM ${entries} e
         FULL JOIN (SELECT *, amount_fen - refunded_fen AS net_fen FROM orders WHERE business_date = '${businessDate}' AND status = 'paid') o
           ON o.member_id = e.member_id AND o.order_id = e.ref_id
         WHERE o.order_id IS NULL OR e.entry_no IS DISTINCT FROM 1
           OR e.available_points <> round_half_up(o.net_fen * e.contribution_bps * e.points_bps, 10000000000)
           OR e.contribution_fen <> round_half_up(o.net_fen * e.contribution_bps, 10000))
        + (SELECT count(*) FROM grant_runs r FULL JOIN sums s USING (run_id) WHERE r.business_date = '${businessDate}' AND (r.orders, r.points_granted) IS DISTINCT FROM (s.orders, s.points))
        + (SELECT count(*) FROM (SELECT FROM ${lines} l GROUP BY journal_id, unit HAVING sum(amount) <> 0) u)
        + (SELECT count(*) FROM
            (SELECT x.* FROM (SELECT sum(points) AS p, sum(contribution_fen) AS c, sum(points) * 100 AS f FROM sums) s,
             LATERAL (VALUES ('contributions_receivable', c), ('points_fund', -f), ('platform_share', f - c), ('points_issued', p), ('points_available', -p)) x (account, amount)) x
           FULL JOIN (SELECT account, sum(amount) AS amount FROM ${lines} l GROUP BY account) l USING (account) WHERE x.amount IS DISTINCT FROM l.amount)
        + (SELECT count(*) FROM (SELECT member_id FROM ${entries} e GROUP BY member_id ORDER BY sum(available_points) DESC LIMIT 100) d
           JOIN balances b USING (member_id)
           WHERE b.available_points <> (SELECT sum(available_points) FROM points_entries e WHERE e.member_id = b.member_id))
        + (SELECT ((SELECT sum(available_points) FROM balances) <> (SELECT -sum(amount) FROM journal_lines WHERE account = 'points_available'))::integer)
        AS wrong`);
  });
  if (found!["wrong"] !== "0") throw new Error(`the night by hand does not add up: ${String(found!["wrong"])} wrong`);
}

/** Closes the date: from here on the database takes no more entries for it. */
async function closeByHand(sql: postgres.Sql): Promise<void> {
  await sql.unsafe(`
    INSERT INTO business_dates (business_date, state, run_id, since, operator, host) VALUES ('${businessDate}', 'running', 0, now(), 'setup', 'setup');
    UPDATE business_dates SET state = 'closed', closed_at = now() WHERE business_date = '${businessDate}'`);
}
