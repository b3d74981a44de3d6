import type postgres from "postgres";
import { writeRows } from "./write-rows.ts";

/** How many there are of what. */
export interface Scale {
  readonly members: number;
  /** Withdrawals that were paid before. */
  readonly older: number;
  /** Requests of today. */
  readonly rows: number;
}

const memberNo = (no: number): string => `M${String(no).padStart(8, "0")}`;
const pointsOf = (no: number): number => 10 + (no % 90);

/** Verified members with points to withdraw, and a fund that covers them; put there by SQL. */
export async function populateHolders(sql: postgres.Sql, members: number): Promise<void> {
  await sql.unsafe(`
    INSERT INTO members (member_id, member_no, name, status, registered_by, registered_at, identity_verified_at)
      SELECT nextval('id_seq'), 'M' || lpad(g::text, 8, '0'), '会员' || g, 'active', 'setup', '2025-01-01', '2025-01-01' FROM generate_series(1, ${members}) g;
    INSERT INTO member_numbers (member_no, member_id) SELECT member_no, member_id FROM members;
    INSERT INTO balances (member_id, available_points) SELECT member_id, 1000 FROM members;
    INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (nextval('journal_id_seq'), 'adjust', '2025-01-01', 'setup', '2025-01-01');
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount)
      VALUES (currval('journal_id_seq'), 1, 'contributions_receivable', 'fen', 100000000000000), (currval('journal_id_seq'), 2, 'points_fund', 'fen', -100000000000000)`);
  await sql.unsafe("VACUUM ANALYZE");
}

/**
 * Writes a file of payout accounts, one for each member; one in a thousand is a WeChat account, and the others are
 * Alipay's.
 */
export const writeAccounts = (path: string, members: number): void =>
  writeRows(path, "member_no,channel,account,account_name", members, (no) => {
    const digits = String(no).padStart(8, "0");
    const account = no % 1000 === 1 ? `wechat,oUpF8uMuAJO_M2pxb1Q9${digits}` : `alipay,139${digits}`;
    return `${memberNo(no)},${account},会员${no}`;
  });

/** Writes a file of requests, one a member and round again, to the members' default accounts. */
export const writeRequests = (path: string, { rows, members }: Scale): void =>
  writeRows(
    path,
    "request_no,member_no,points",
    rows,
    (no) => `R${no},${memberNo(((no - 1) % members) + 1)},${pointsOf(no - 1)}`,
  );

/**
 * The years before: every withdrawal of them requested, approved, sent and paid. Written with triggers off: a history
 * that the guards would have to see grow a step at a time.
 */
export async function addHistory(sql: postgres.Sql, { members, older }: Scale): Promise<void> {
  await sql.unsafe(`
    BEGIN;
    SET LOCAL session_replication_role = replica;
    UPDATE payout_accounts SET added_at = '2025-01-01', default_at = '2025-01-01';
    CREATE TEMP TABLE past ON COMMIT DROP AS
      SELECT g, a.member_id, a.account_id, a.channel, nextval('id_seq') AS withdrawal_id, 'W' || lpad(g::text, 8, '0') AS withdrawal_no,
        'D' || lpad(g::text, 8, '0') AS detail_no, nextval('journal_id_seq') AS journal_id,
        100 * (10 + g % 90)::bigint AS gross_fen, 5 * (10 + g % 90)::bigint AS fee_fen,
        timestamptz '2025-01-01' + g * interval '365 days' / ${older} AS at, 'P' || lpad((g / 10000)::text, 8, '0') AS batch_no
      FROM generate_series(1, ${older}) g
      JOIN member_numbers n ON n.member_no = 'M' || lpad((g % ${members} + 1)::text, 8, '0')
      JOIN payout_accounts a ON a.member_id = n.member_id
      ORDER BY g;
    INSERT INTO withdrawal_keys (withdrawal_no, member_id, withdrawal_id) SELECT withdrawal_no, member_id, withdrawal_id FROM past;
    INSERT INTO withdrawals (member_id, withdrawal_id, withdrawal_no, status, points, point_value_fen, fee_bps, gross_fen, fee_fen, net_fen, approvals_needed,
                             account_id, account_channel, business_date, requested_by, requested_at, approved_by, approval_risks, decided_by, decided_at)
      SELECT member_id, withdrawal_id, withdrawal_no, 'paid', gross_fen / 100, 100, 500, gross_fen, fee_fen, gross_fen - fee_fen, 1,
        account_id, channel, at::date, 'alice', at, 'bob', '{}', 'bob', at FROM past;
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
      SELECT member_id, withdrawal_id, e.no, e.kind, e.available * gross_fen / 100, e.held * gross_fen / 100, at, at::date
      FROM past, (VALUES (1, 'hold', -1, 1), (2, 'burn', 0, -1)) e (no, kind, available, held);
    INSERT INTO journal_transactions (journal_id, kind, withdrawal_no, business_date, operator, posted_at)
      SELECT journal_id, 'burn', withdrawal_no, at::date, 'bob', at FROM past;
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount)
      SELECT journal_id, l.no, l.account, 'fen', l.gross * gross_fen + l.fee * fee_fen
      FROM past, (VALUES (1, 'points_fund', 1, 0), (2, 'payouts_payable', -1, 1), (3, 'fee_income', 0, -1)) l (no, account, gross, fee);
    INSERT INTO payout_detail_keys (detail_no, member_id) SELECT detail_no, member_id FROM past;
    INSERT INTO payout_details (member_id, detail_no, withdrawal_id, batch_no, file_no, row_no, account_id, net_fen, state, answered_at, answered_by)
      SELECT member_id, detail_no, withdrawal_id, batch_no, 1, g % 10000 + 1, account_id, gross_fen - fee_fen, 'paid', at, 'bob' FROM past;
    INSERT INTO payout_batches (batch_no, channel, template, business_date, details, total_fen, digest, operator, host, created_at, handed_over_at)
      SELECT batch_no, 'csv', 'csv-1', min(at)::date, count(*), sum(gross_fen - fee_fen), repeat('0', 64), 'bob', 'setup', min(at), min(at)
      FROM past GROUP BY batch_no;
    UPDATE number_counters SET last = CASE kind WHEN 'payout_batch' THEN ${Math.ceil(older / 10_000)} + 1 ELSE ${older} END WHERE kind IN ('withdrawal', 'payout_detail', 'payout_batch');
    COMMIT`);
  await sql.unsafe("VACUUM ANALYZE");
}

/** Has the server write the channel's answer about every payout that waits for one: one in a hundred failed. */
export async function writeAnswers(sql: postgres.Sql, path: string): Promise<void> {
  await sql.unsafe(`
    COPY (SELECT detail_no, CASE WHEN row_no % 100 = 0 THEN 'fail' ELSE 'success' END AS status, round(net_fen / 100.0, 2) AS amount
          FROM payout_details WHERE state = 'sent' ORDER BY detail_no) TO '${path}' (FORMAT csv, HEADER)`);
}
