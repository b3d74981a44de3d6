import type postgres from "postgres";
import type { Transaction } from "../../src/db/database.ts";
import { orderKind } from "../../src/domain/orders/import.ts";
import type { ImportKind } from "../../src/imports/kind.ts";
import type { ProfileText } from "../../src/imports/profile.ts";
import { readProfile } from "../../src/imports/read-profile.ts";

/**
 * The rules that the reading of files holds rows against, as conditions in SQL, in the form that costs the server
 * least.
 */
export const sqlRules = {
  code: (column: string) => `(length(${column}) BETWEEN 1 AND 64 AND ${column} !~ '[[:space:][:cntrl:],，]')`,
  text: (column: string, maxLength: number) =>
    `(length(${column}) BETWEEN 1 AND ${maxLength} AND ${column} !~ '[[:cntrl:]]')`,
  amount: (column: string) => `${column} ~ '^\\d{1,9}(\\.\\d{1,2})?$'`,
  time: (column: string) => `(length(${column}) = 19 AND pg_input_is_valid(${column}, 'timestamp'))`,
};

/**
 * Has a script stage a file, and merges it as accrue does, in one transaction tuned as an import is. Every row of the
 * raw table has to go in.
 */
export async function inOneMerge(
  sql: postgres.Sql,
  kind: ImportKind,
  rawRows: string,
  script: (tx: Transaction) => Promise<unknown>,
  text: ProfileText = kind.profiles[0]!,
): Promise<void> {
  await sql.begin(async (plain) => {
    const tx = plain as unknown as Transaction;
    await tx.unsafe("SET LOCAL work_mem = '64MB'; SET LOCAL jit = off");
    const facts = {
      importId: 0n,
      profile: readProfile(text, kind, text.profile),
      zone: "Asia/Shanghai",
      operator: "setup",
      host: "setup",
      now: new Date(),
    };
    const merge = await kind.begin(tx, facts);
    await script(tx);
    const { inserted } = await merge.merge!();
    await merge.finish?.({
      rows: inserted,
      signal: new AbortController().signal,
      reject: async () => {},
      tellProgress() {},
    });
    const [raw] = await tx.unsafe<{ rows: number }[]>(`SELECT count(*)::integer AS rows FROM ${rawRows}`);
    if (raw?.rows !== inserted) throw new Error(`by hand, ${inserted} of ${raw?.rows ?? 0} rows of ${rawRows} went in`);
  });
}

/**
 * The file into staging by the server itself, held against the same rules row by row, then accrue's own merge, once for
 * all rows: what is left of the difference is what it costs to read the rows here, and to do so in chunks.
 */
export async function importBySameMerge(sql: postgres.Sql, path: string): Promise<void> {
  await inOneMerge(sql, orderKind(), "raw_orders", (tx) =>
    tx.unsafe(`
    CREATE TEMP TABLE raw_orders (record integer GENERATED ALWAYS AS IDENTITY, order_no text, member_no text, merchant_code text, amount text, paid_at text) ON COMMIT DROP;
    COPY raw_orders (order_no, member_no, merchant_code, amount, paid_at) FROM '${path}' (FORMAT csv, HEADER);
    INSERT INTO staged_orders (record, line, order_no, source, member_no, merchant_code, amount_fen, status, paid_at)
      SELECT record, record + 1, order_no, 'default', member_no, merchant_code, (amount::numeric * 100)::bigint, 'paid',
        (paid_at || ' Asia/Shanghai')::timestamptz
      FROM raw_orders
      WHERE ${["order_no", "member_no", "merchant_code"].map(sqlRules.code).join(" AND ")} AND ${sqlRules.amount("amount")} AND ${sqlRules.time("paid_at")};
    ANALYZE staged_orders`),
  );
}

/**
 * The script that somebody who knows SQL would write for one file of five native columns, all of it new. The server
 * reads the file itself; nothing is validated, compared with what is known, reported or kept apart from what is
 * inserted.
 */
export async function importByHand(sql: postgres.Sql, path: string): Promise<void> {
  await sql.unsafe(`
    BEGIN;
    SET LOCAL work_mem = '64MB';
    SET LOCAL jit = off;
    CREATE TEMP TABLE raw_orders (order_no text, member_no text, merchant_code text, amount text, paid_at text) ON COMMIT DROP;
    COPY raw_orders FROM '${path}' (FORMAT csv, HEADER);
    ANALYZE raw_orders;
    CREATE TEMP TABLE new_orders ON COMMIT DROP AS
      SELECT nextval('id_seq') AS order_id, m.member_id, r.merchant_id, s.order_no, 'default'::text AS source,
        (s.amount::numeric * 100)::bigint AS amount_fen, (s.paid_at || ' Asia/Shanghai')::timestamptz AS paid_at
      FROM raw_orders s
      JOIN member_numbers m ON m.member_no = s.member_no
      JOIN merchants r ON r.merchant_code = s.merchant_code
      LEFT JOIN order_keys k ON k.order_no = s.order_no AND k.source = 'default'
      WHERE k.order_no IS NULL;
    INSERT INTO order_keys (order_no, source, member_id, order_id, import_id, line, row_hash)
      SELECT order_no, source, member_id, order_id, 0, 0, 0 FROM new_orders;
    INSERT INTO orders (member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status, source, order_no)
      SELECT member_id, order_id, merchant_id, amount_fen, 0, paid_at, (paid_at AT TIME ZONE 'Asia/Shanghai')::date, 'paid', source, order_no
      FROM new_orders ORDER BY member_id, order_id;
    INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
      SELECT member_id, order_id, 0, merchant_id, amount_fen, (paid_at AT TIME ZONE 'Asia/Shanghai')::date, true FROM new_orders ORDER BY member_id, order_id;
    COMMIT`);
}

/** The number of the run that was counted last. */
export const lastRun = "(SELECT last FROM number_counters WHERE kind = 'run')";

/** The same rows as a grant run writes, by one transaction of plain statements. */
export async function grantByHand(sql: postgres.Sql, businessDate: string): Promise<void> {
  await sql.unsafe(`
    BEGIN;
    SET LOCAL work_mem = '64MB';
    SET LOCAL jit = off;
    UPDATE number_counters SET last = last + 1 WHERE kind = 'run';
    INSERT INTO grant_runs (run_id, business_date, status, operator, host, started_at)
      VALUES (${lastRun}, '${businessDate}', 'running', 'setup', 'setup', now());
    CREATE TEMP TABLE due ON COMMIT DROP AS
      SELECT member_id, order_id, net_fen, contribution_bps, points_bps,
        round_half_up(net_fen * contribution_bps * points_bps, 10000000000) AS points,
        round_half_up(net_fen * contribution_bps, 10000) AS contribution_fen
      FROM (
        SELECT o.member_id, o.order_id, o.amount_fen - o.refunded_fen AS net_fen,
          coalesce(r.contribution_bps, p.contribution_bps) AS contribution_bps, p.points_bps
        FROM order_changes c
        JOIN orders o USING (member_id, order_id)
        CROSS JOIN policies p
        LEFT JOIN contribution_rates r ON r.merchant_id = o.merchant_id AND r.effective_from <= o.business_date
        WHERE c.business_date <= '${businessDate}' AND o.status = 'paid'
      ) d;
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, business_date,
                                run_id, net_fen, contribution_bps, points_bps, contribution_fen, created_at)
      SELECT member_id, order_id, 1, CASE WHEN points > 0 THEN 'grant' ELSE 'contribution' END, points, 0, '${businessDate}',
        ${lastRun}, net_fen, contribution_bps, points_bps, contribution_fen, now()
      FROM due ORDER BY member_id, order_id;
    UPDATE balances b SET available_points = available_points + d.points
      FROM (SELECT member_id, sum(points)::bigint AS points FROM due GROUP BY member_id ORDER BY member_id) d
      WHERE b.member_id = d.member_id;
    INSERT INTO journal_transactions (journal_id, kind, run_id, business_date, operator, posted_at)
      VALUES (nextval('journal_id_seq'), 'grant', ${lastRun}, '${businessDate}', 'setup', now());
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount)
      SELECT currval('journal_id_seq'), l.line_no, l.account, l.unit, l.amount
      FROM (SELECT sum(points)::bigint AS points, sum(contribution_fen)::bigint AS c, sum(points)::bigint * 100 AS f FROM due) t,
        LATERAL (VALUES (1, 'contributions_receivable', 'fen', c), (2, 'points_fund', 'fen', -f), (3, 'platform_share', 'fen', f - c),
                        (4, 'points_issued', 'points', points), (5, 'points_available', 'points', -points)) l (line_no, account, unit, amount);
    UPDATE grant_runs SET status = 'complete', finished_at = now(), orders = (SELECT count(*) FROM due), members = (SELECT count(DISTINCT member_id) FROM due),
      points_granted = (SELECT sum(points) FROM due) WHERE run_id = ${lastRun};
    DELETE FROM order_changes WHERE business_date <= '${businessDate}';
    COMMIT`);
}
