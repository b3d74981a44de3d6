import type postgres from "postgres";

/*
 * The script that somebody who knows SQL would write for a day of withdrawals: the same rows as accrue writes, a few
 * statements a step. The server reads and writes the files itself; nothing is validated, judged, compared with what is
 * known or sealed, and one thing is left out: it cannot open a payout account, so it writes the masked number.
 */

const begin = "BEGIN; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off;";

const record = (action: string, from: string): string => `
  INSERT INTO operator_actions (action_id, at, operator, host, action, subject_kind, subject, details)
    SELECT nextval('action_id_seq'), now(), 'setup', 'setup', '${action}', 'withdrawal', withdrawal_no, '{}' FROM ${from};`;

/** Takes in a file of requests: request_no, member_no, points. */
export async function importByHand(sql: postgres.Sql, path: string): Promise<void> {
  await sql.unsafe(`${begin}
    CREATE TEMP TABLE raw (request_no text, member_no text, points bigint) ON COMMIT DROP;
    COPY raw FROM '${path}' (FORMAT csv, HEADER);
    CREATE TEMP TABLE new ON COMMIT DROP AS
      SELECT n.member_id, nextval('id_seq') AS withdrawal_id, 'W' || lpad((c.last + row_number() OVER ())::text, 8, '0') AS withdrawal_no,
        nextval('journal_id_seq') AS journal_id, r.request_no, r.points, r.points * 100 AS gross_fen, round_half_up(r.points * 100 * 500, 10000) AS fee_fen, a.account_id, a.channel
      FROM raw r
      JOIN number_counters c ON c.kind = 'withdrawal'
      JOIN member_numbers n ON n.member_no = r.member_no
      LEFT JOIN payout_accounts a ON a.member_id = n.member_id AND a.is_default;
    UPDATE number_counters SET last = last + (SELECT count(*) FROM new) WHERE kind = 'withdrawal';
    ANALYZE new;
    INSERT INTO withdrawal_keys (withdrawal_no, member_id, withdrawal_id) SELECT withdrawal_no, member_id, withdrawal_id FROM new;
    INSERT INTO withdrawal_request_keys (request_no, member_id, withdrawal_id, import_id, line) SELECT request_no, member_id, withdrawal_id, 0, 0 FROM new;
    INSERT INTO withdrawals (member_id, withdrawal_id, withdrawal_no, status, points, point_value_fen, fee_bps, gross_fen, fee_fen, net_fen,
                             approvals_needed, account_id, account_channel, business_date, requested_by, requested_at, request_no)
      SELECT member_id, withdrawal_id, withdrawal_no, 'requested', points, 100, 500, gross_fen, fee_fen, gross_fen - fee_fen, 1, account_id, channel,
        current_date, 'alice', now(), request_no FROM new ORDER BY member_id, withdrawal_id;
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
      SELECT member_id, withdrawal_id, 1, 'hold', -points, points, now(), current_date FROM new ORDER BY member_id, withdrawal_id;
    UPDATE balances b SET available_points = available_points - n.points, held_points = held_points + n.points
      FROM (SELECT member_id, sum(points)::bigint AS points FROM new GROUP BY member_id) n WHERE b.member_id = n.member_id;
    INSERT INTO journal_transactions (journal_id, kind, withdrawal_no, business_date, operator, posted_at)
      SELECT journal_id, 'hold', withdrawal_no, current_date, 'setup', now() FROM new;
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount)
      SELECT journal_id, l.no, l.account, 'points', l.sign * points FROM new, (VALUES (1, 'points_available', 1), (2, 'points_held', -1)) l (no, account, sign);
    COMMIT`);
}

/** Approves every request up to an amount. */
export async function approveByHand(sql: postgres.Sql, maxGrossFen: number): Promise<void> {
  await sql.unsafe(`${begin}
    CREATE TEMP TABLE decided ON COMMIT DROP AS SELECT member_id, withdrawal_id, withdrawal_no FROM withdrawals WHERE status = 'requested' AND gross_fen <= ${maxGrossFen};
    ANALYZE decided;
    UPDATE withdrawals w SET status = 'approved', approved_by = 'bob', approval_risks = '{}', decided_by = 'bob', decided_at = now()
      FROM decided d WHERE w.member_id = d.member_id AND w.withdrawal_id = d.withdrawal_id;
    ${record("withdrawal.approve", "decided")}
    COMMIT`);
}

/** Sends what is approved, in one batch and one file. */
export async function exportByHand(sql: postgres.Sql, path: string): Promise<void> {
  await sql.unsafe(`${begin}
    CREATE TEMP TABLE sent ON COMMIT DROP AS
      SELECT w.member_id, w.withdrawal_id, w.withdrawal_no, w.account_id, w.net_fen, 'D' || lpad((c.last + row_number() OVER ())::text, 8, '0') AS detail_no,
        (row_number() OVER (ORDER BY w.withdrawal_no))::integer AS row_no, a.number_masked
      FROM withdrawals w JOIN number_counters c ON c.kind = 'payout_detail'
      JOIN payout_accounts a ON a.member_id = w.member_id AND a.account_id = w.account_id WHERE w.status = 'approved';
    UPDATE number_counters SET last = last + (SELECT count(*) FROM sent) WHERE kind = 'payout_detail';
    ANALYZE sent;
    UPDATE withdrawals w SET status = 'paying', decided_by = 'bob', decided_at = now() FROM sent s WHERE w.member_id = s.member_id AND w.withdrawal_id = s.withdrawal_id;
    INSERT INTO payout_detail_keys (detail_no, member_id) SELECT detail_no, member_id FROM sent;
    INSERT INTO payout_details (member_id, detail_no, withdrawal_id, batch_no, file_no, row_no, account_id, net_fen, state)
      SELECT member_id, detail_no, withdrawal_id, 'P99999999', 1, row_no, account_id, net_fen, 'sent' FROM sent ORDER BY member_id, detail_no;
    INSERT INTO payout_batches (batch_no, channel, template, business_date, details, total_fen, digest, operator, host, created_at, handed_over_at)
      SELECT 'P99999999', 'csv', 'csv-1', current_date, count(*), sum(net_fen), repeat('0', 64), 'setup', 'setup', now(), now() FROM sent;
    ${record("payout.export", "sent")}
    COPY (SELECT detail_no, number_masked, net_fen FROM sent ORDER BY detail_no) TO '${path}' (FORMAT csv, HEADER);
    COMMIT`);
}

/** Takes in the channel's answer: detail_no, status, amount. */
export async function answerByHand(sql: postgres.Sql, path: string): Promise<void> {
  await sql.unsafe(`${begin}
    CREATE TEMP TABLE raw (detail_no text, status text, amount numeric) ON COMMIT DROP;
    COPY raw FROM '${path}' (FORMAT csv, HEADER);
    CREATE TEMP TABLE answered ON COMMIT DROP AS
      SELECT d.member_id, d.detail_no, w.withdrawal_id, w.withdrawal_no, w.points, w.net_fen, w.fee_fen, r.status = 'success' AS is_paid, nextval('journal_id_seq') AS journal_id
      FROM raw r
      JOIN payout_detail_keys k ON k.detail_no = r.detail_no
      JOIN payout_details d ON d.member_id = k.member_id AND d.detail_no = r.detail_no
      JOIN withdrawals w ON w.member_id = d.member_id AND w.withdrawal_id = d.withdrawal_id;
    ANALYZE answered;
    UPDATE payout_details d SET state = CASE WHEN is_paid THEN 'paid' ELSE 'failed' END, answered_at = now(), answered_by = 'setup'
      FROM answered a WHERE d.member_id = a.member_id AND d.detail_no = a.detail_no;
    UPDATE withdrawals w SET status = CASE WHEN is_paid THEN 'paid' ELSE 'failed' END, decided_by = 'setup', decided_at = now()
      FROM answered a WHERE w.member_id = a.member_id AND w.withdrawal_id = a.withdrawal_id;
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
      SELECT member_id, withdrawal_id, 2, CASE WHEN is_paid THEN 'burn' ELSE 'release' END, CASE WHEN is_paid THEN 0 ELSE points END, -points, now(), current_date
      FROM answered ORDER BY member_id, withdrawal_id;
    UPDATE balances b SET available_points = available_points + a.released, held_points = held_points - a.points
      FROM (SELECT member_id, sum(points)::bigint AS points, coalesce(sum(points) FILTER (WHERE NOT is_paid), 0)::bigint AS released FROM answered GROUP BY member_id) a
      WHERE b.member_id = a.member_id;
    INSERT INTO journal_transactions (journal_id, kind, withdrawal_no, business_date, operator, posted_at)
      SELECT journal_id, CASE WHEN is_paid THEN 'burn' ELSE 'release' END, withdrawal_no, current_date, 'setup', now() FROM answered;
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount)
      SELECT journal_id, l.no, l.account, l.unit, l.of_points * points + l.of_net * net_fen + l.of_fee * fee_fen
      FROM answered
      JOIN (VALUES (true, 1, 'points_held', 'points', 1, 0, 0), (true, 2, 'points_redeemed', 'points', -1, 0, 0), (true, 3, 'points_fund', 'fen', 0, 1, 1),
                   (true, 4, 'payouts_payable', 'fen', 0, -1, 0), (true, 5, 'fee_income', 'fen', 0, 0, -1),
                   (false, 1, 'points_held', 'points', 1, 0, 0), (false, 2, 'points_available', 'points', -1, 0, 0))
        l (is_paid, no, account, unit, of_points, of_net, of_fee) USING (is_paid);
    ${record("payout.result", "answered")}
    COMMIT`);
}
