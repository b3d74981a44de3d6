import type postgres from "postgres";
import { datesBetween, daysAfter, type BusinessDate } from "../../src/shared/business-date.ts";
import { accounts } from "../../src/domain/ledger/model.ts";
import { lastRun } from "./hand-written.ts";
import { businessDate, importOf, lastImport, recordOf } from "./scene.ts";

/** How many there are of what. */
export interface Platform {
  readonly orders: number;
  readonly members: number;
  readonly merchants: number;
}

/** The tables that keep a row for each order of the years before. */
const large = ["order_keys", "orders", "points_entries"] as const;

/**
 * The year before the night: so many orders, all of them paid, granted on their date and posted, and every date closed.
 * For a platform whose members and merchants are numbered without a gap, and whose merchants have one rate of their own
 * at most. As a settlement would have left them: rows come by date, and those of a date by member. Written with triggers
 * off and keys made afterwards, because fifty million go in; all in one transaction, so that it is there as a whole or
 * not at all.
 */
export async function addOlderOrders(sql: postgres.Sql, platform: Platform): Promise<void> {
  await sql.begin(async (tx) => {
    await tx.unsafe(
      "SET LOCAL session_replication_role = replica; SET LOCAL work_mem = '64MB'; SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL jit = off",
    );
    const keys = await tx.unsafe(`
      SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
        format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS add
      FROM pg_constraint WHERE contype = 'p' AND conrelid IN (${large.map((table) => `'${table}'::regclass`).join(", ")})`);
    for (const { drop } of keys) await tx.unsafe(drop as string);
    const dates = datesBetween(daysAfter(businessDate, -365), daysAfter(businessDate, -1));
    const upTo = (index: number) => Math.floor((platform.orders * index) / dates.length);
    for (const [index, date] of dates.entries())
      await addDate(tx, date, `generate_series(${upTo(index) + 1}::bigint, ${upTo(index + 1)})`, platform);
    for (const { add } of keys) await tx.unsafe(add as string);
    await tx.unsafe(`
      UPDATE balances b SET available_points = e.points
      FROM (SELECT member_id, sum(available_points)::bigint AS points FROM points_entries GROUP BY member_id) e WHERE e.member_id = b.member_id`);
  });
  await sql.unsafe("VACUUM (FREEZE, ANALYZE)");
}

/**
 * One closed date: the orders of these numbers, what they were granted, its run, its journal and its place among the
 * dates. Triggers are off: a date is not born closed.
 */
async function addDate(
  tx: postgres.TransactionSql,
  date: BusinessDate,
  numbers: string,
  { members, merchants }: Omit<Platform, "orders">,
): Promise<void> {
  const below = (limit: number, seed: number) => `(hashint8extended(g, ${seed}) & 2147483647) % ${limit}`;
  await tx.unsafe(`
    CREATE TEMP TABLE past AS
      SELECT p.*, round_half_up(amount_fen * contribution_bps * 7000, 10000000000) AS points,
        round_half_up(amount_fen * contribution_bps, 10000) AS contribution_fen,
        '${date.replaceAll("-", "")}' || lpad(g::text, 10, '0') AS order_no,
        (timestamp '${date}' + g % 86400 * interval '1 second') AT TIME ZONE 'Asia/Shanghai' AS paid_at
      FROM (
        SELECT s.*, coalesce(r.contribution_bps, 3000) AS contribution_bps
        FROM (
          SELECT g, nextval('id_seq') AS order_id, (SELECT min(member_id) FROM members) + ${below(members, 1)} AS member_id,
            (SELECT min(merchant_id) FROM merchants) + ${below(merchants, 2)} AS merchant_id, 100 + ${below(100_000, 3)} AS amount_fen
          FROM ${numbers} g
        ) s LEFT JOIN contribution_rates r USING (merchant_id)
      ) p;
    ${importOf("orders", "(SELECT count(*)::integer FROM past)", `'${date}'`)};
    INSERT INTO order_keys (order_no, source, member_id, order_id, import_id, line, row_hash)
      SELECT order_no, 'default', member_id, order_id, ${lastImport}, 0, 0 FROM past;
    INSERT INTO orders (member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status, source, order_no)
      SELECT member_id, order_id, merchant_id, amount_fen, 0, paid_at, '${date}', 'paid', 'default', order_no FROM past ORDER BY member_id, order_id;
    UPDATE number_counters SET last = last + 1 WHERE kind = 'run';
    INSERT INTO grant_runs (run_id, business_date, status, operator, host, started_at, finished_at, orders, members, points_granted, contribution_fen)
      SELECT ${lastRun}, '${date}', 'complete', 'setup', 'setup', '${date}', '${date}', count(*), count(DISTINCT member_id),
        coalesce(sum(points), 0), coalesce(sum(contribution_fen), 0) FROM past;
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, business_date,
                                run_id, net_fen, contribution_bps, points_bps, contribution_fen, created_at)
      SELECT member_id, order_id, 1, CASE WHEN points > 0 THEN 'grant' ELSE 'contribution' END, points, 0, '${date}',
        ${lastRun}, amount_fen, contribution_bps, 7000, contribution_fen, '${date}' FROM past ORDER BY member_id, order_id;
    INSERT INTO journal_transactions (journal_id, kind, run_id, business_date, operator, posted_at)
      VALUES (nextval('journal_id_seq'), 'grant', ${lastRun}, '${date}', 'setup', '${date}');
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount)
      SELECT currval('journal_id_seq'), l.line_no, l.account, l.unit, l.amount
      FROM grant_runs r, LATERAL (VALUES (1, 'contributions_receivable', 'fen', contribution_fen), (2, 'points_fund', 'fen', -100 * points_granted),
        (3, 'platform_share', 'fen', 100 * points_granted - contribution_fen), (4, 'points_issued', 'points', points_granted), (5, 'points_available', 'points', -points_granted)
      ) l (line_no, account, unit, amount) WHERE r.run_id = ${lastRun} AND l.amount <> 0;
    ${recordOf("grant.run.complete", "grant_run", lastRun, `'${date}'`)};
    ${closingOf(date)}
    DROP TABLE past`);
}

/** The date's settlement, with its steps, its sums, what each merchant's orders contributed, and its records. */
const closingOf = (date: BusinessDate): string => `
  UPDATE number_counters SET last = last + 1 WHERE kind = 'run';
  INSERT INTO settlement_runs (run_id, state, operator, host, started_at, ended_at)
    VALUES (${lastRun}, 'complete', 'setup', 'setup', '${date}', '${date}');
  INSERT INTO settlement_steps (run_id, step_no, business_date, step, state, started_at, ended_at)
    SELECT ${lastRun}, no, '${date}', step, 'done', '${date}', '${date}'
    FROM unnest(ARRAY['grant', 'expire', 'verify', 'close']) WITH ORDINALITY AS s (step, no);
  INSERT INTO business_dates (business_date, state, run_id, since, operator, host, closed_at)
    VALUES ('${date}', 'closed', ${lastRun}, '${date}', 'setup', 'setup', '${date}');
  INSERT INTO account_closings (business_date, run_id, account, amount)
    SELECT '${date}', ${lastRun}, a, (SELECT coalesce(sum(amount), 0) FROM journal_lines WHERE account = a)
    FROM unnest(ARRAY[${Object.keys(accounts)
      .map((account) => `'${account}'`)
      .join(", ")}]) a;
  INSERT INTO merchant_contributions (business_date, merchant_id, contribution_bps, run_id, orders, contributed_fen, clawed_back_fen)
    SELECT '${date}', merchant_id, contribution_bps, ${lastRun}, count(*), sum(contribution_fen), 0 FROM past
    GROUP BY merchant_id, contribution_bps;
  ${recordOf("settle.close", "business_date", `'${date}'`, `'${date}'`)};
  ${recordOf("settle.complete", "settlement_run", lastRun, `'${date}'`)};`;
