import type { Fragment, Sql } from "../db/database.ts";

const newest = 50;

/** Sorts after every letter and digit, in any collation: the end of numbers with some prefix. */
const afterAll = "zzzzzzzz";

/** The newest numbers of those that fit, and the first of them: at most 51, each read from the end of an index. */
function ends(sql: Sql, table: string, column: string, fits: Fragment): Fragment {
  const one = sql`SELECT ${sql(column)} FROM ${sql(table)} WHERE ${fits} ORDER BY ${sql(column)}`;
  return sql`(${one} DESC LIMIT ${newest}) UNION (${one} LIMIT 1)`;
}

const beginsWith = (sql: Sql, column: string, prefix: string): Fragment =>
  sql`${sql(column)} BETWEEN ${prefix} AND ${prefix + afterAll}`;

/** An id is a number, of which the first digits are written; tables that are numbered so are small. */
const idBeginsWith = (sql: Sql, column: string, prefix: string): Fragment =>
  sql`starts_with(${sql(column)}::text, ${prefix})`;

/** Numbers out of a table that is keyed by them. */
export async function numberRows(sql: Sql, table: string, column: string, prefix: string): Promise<readonly string[]> {
  const rows = await sql<{ number: string }[]>`
    SELECT ${sql(column)} AS number FROM (${ends(sql, table, column, beginsWith(sql, column, prefix))}) n ORDER BY 1`;
  return rows.map(({ number }) => number);
}

export const merchantRows = (sql: Sql, prefix: string) =>
  sql<{ merchantCode: string; name: string }[]>`
    SELECT merchant_code, name FROM merchants
    WHERE merchant_code IN (${ends(sql, "merchants", "merchant_code", beginsWith(sql, "merchant_code", prefix))})
    ORDER BY 1`;

export function withdrawalRows(sql: Sql, prefix: string, statuses: readonly string[] | undefined) {
  const begins = beginsWith(sql, "withdrawal_no", prefix);
  const numbers =
    statuses === undefined
      ? ends(sql, "withdrawal_keys", "withdrawal_no", begins)
      : ends(sql, "withdrawals", "withdrawal_no", sql`status = ANY (${[...statuses]}::text[]) AND ${begins}`);
  return sql<{ withdrawalNo: string; status: string; grossFen: bigint }[]>`
    WITH found AS MATERIALIZED (SELECT member_id, withdrawal_id FROM withdrawal_keys
      WHERE withdrawal_no IN (${numbers}))
    SELECT w.withdrawal_no, w.status, w.gross_fen
    FROM found f JOIN withdrawals w ON w.member_id = f.member_id AND w.withdrawal_id = f.withdrawal_id ORDER BY 1`;
}

export const payoutBatchRows = (sql: Sql, prefix: string) =>
  sql<{ batchNo: string; channel: string; businessDate: string }[]>`
    SELECT batch_no, channel, business_date FROM payout_batches
    WHERE batch_no IN (${ends(sql, "payout_batches", "batch_no", beginsWith(sql, "batch_no", prefix))}) ORDER BY 1`;

export const importRows = (sql: Sql, prefix: string) =>
  sql<{ importId: string; kind: string; file: string }[]>`
    SELECT import_id::text, kind, file FROM imports
    WHERE import_id IN (${ends(sql, "imports", "import_id", idBeginsWith(sql, "import_id", prefix))})
    ORDER BY imports.import_id DESC`;

export const grantRunRows = (sql: Sql, prefix: string) =>
  sql<{ runId: string; businessDate: string; status: string }[]>`
    SELECT run_id::text, business_date, status FROM grant_runs
    WHERE run_id IN (${ends(sql, "grant_runs", "run_id", idBeginsWith(sql, "run_id", prefix))})
    ORDER BY grant_runs.run_id DESC`;

export const accountRows = (sql: Sql, memberNo: string) =>
  sql<{ accountId: string; channel: string; numberMasked: string }[]>`
    SELECT account_id::text, channel, number_masked FROM payout_accounts
    WHERE member_id = (SELECT member_id FROM member_numbers WHERE member_no = ${memberNo}) AND closed_at IS NULL
    ORDER BY payout_accounts.account_id`;
