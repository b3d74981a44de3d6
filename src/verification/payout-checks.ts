import type { Sql } from "../db/database.ts";
import { formatYuan } from "../shared/money.ts";
import { findingsOf, namedViolations, yuanOrNull, type Findings } from "./model.ts";

/**
 * A paying withdrawal has one unanswered payout, a paid one a paid payout, a failed one a failed payout, and no other
 * has any; each of the withdrawal's net amount and to its account.
 */
export async function payoutsMatchWithdrawals(sql: Sql): Promise<Findings> {
  type Row = {
    withdrawalNo: string | null;
    status: string | null;
    detailNo: string | null;
    state: string | null;
    netFen: bigint | null;
    sentFen: bigint | null;
    isSameAccount: boolean | null;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT w.withdrawal_no, w.status, d.detail_no, d.state, w.net_fen, d.net_fen AS sent_fen,
      d.account_id = w.account_id AS is_same_account, count(*) OVER () AS found
    FROM (SELECT * FROM withdrawals
      WHERE status IN ('paying', 'paid', 'failed') OR withdrawal_id IN (SELECT withdrawal_id FROM payout_details)) w
    FULL JOIN payout_details d ON d.member_id = w.member_id AND d.withdrawal_id = w.withdrawal_id
    WHERE (CASE WHEN d.state IN ('sent', 'processing', 'unknown') THEN 'paying'
      ELSE d.state END) IS DISTINCT FROM w.status
      OR d.net_fen IS DISTINCT FROM w.net_fen OR d.account_id IS DISTINCT FROM w.account_id
    ORDER BY w.withdrawal_no, d.detail_no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM withdrawals WHERE status IN ('paying', 'paid', 'failed')) + (SELECT count(*)
      FROM payout_details) AS count`;
  return findingsOf(all!.count, rows, (row) => ({
    withdrawal_no: row.withdrawalNo,
    status: row.status,
    payout: row.detailNo,
    state: row.state,
    net: yuanOrNull(row.netFen),
    sent: yuanOrNull(row.sentFen),
    same_account: row.isSameAccount,
  }));
}

/**
 * The count, total and digest of a batch are those of its payouts, the figures of its files those of their rows, and
 * each payout's batch exists.
 */
export async function batchesMatchPayouts(sql: Sql): Promise<Findings> {
  type Row = {
    batchNo: string;
    fileNo: number | null;
    recorded: number | null;
    recordedFen: bigint | null;
    payouts: number;
    payoutsFen: bigint;
    isAsSent: boolean;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT x.*, count(*) OVER () AS found FROM (
      SELECT batch_no, NULL::integer AS file_no, b.details AS recorded, b.total_fen AS recorded_fen,
             coalesce(d.payouts, 0) AS payouts, coalesce(d.payouts_fen, 0) AS payouts_fen,
             coalesce(d.digest = b.digest, false) AS is_as_sent
      FROM payout_batches b
      FULL JOIN (
        SELECT d.batch_no, count(*)::integer AS payouts, sum(d.net_fen)::bigint AS payouts_fen,
          encode(sha256(convert_to(string_agg(
            concat_ws(' ', d.detail_no, w.withdrawal_no, d.account_id, d.net_fen) || chr(10), '' ORDER BY d.row_no),
              'UTF8')), 'hex') AS digest
        FROM payout_details d LEFT JOIN withdrawals w ON w.member_id = d.member_id AND w.withdrawal_id = d.withdrawal_id
        GROUP BY d.batch_no
      ) d USING (batch_no)
      UNION ALL
      SELECT batch_no, file_no, f.rows, f.total_fen, coalesce(d.payouts, 0), coalesce(d.payouts_fen, 0), true
      FROM payout_files f
      FULL JOIN ( -- what is sent by calling a provider has no file
        SELECT batch_no, file_no, count(*)::integer AS payouts, sum(net_fen)::bigint AS payouts_fen
        FROM payout_details WHERE batch_no NOT IN (SELECT batch_no FROM payout_batches WHERE payer IS NOT NULL)
        GROUP BY batch_no, file_no
      ) d USING (batch_no, file_no)
    ) x WHERE (recorded, recorded_fen) IS DISTINCT FROM (payouts, payouts_fen) OR NOT is_as_sent
    ORDER BY batch_no, file_no LIMIT ${namedViolations}`;
  const [all] = await sql<
    { count: bigint }[]
  >`SELECT (SELECT count(*) FROM payout_batches) + (SELECT count(*) FROM payout_files) AS count`;
  return findingsOf(all!.count, rows, (row) => ({
    batch_no: row.batchNo,
    file_no: row.fileNo,
    recorded: row.recorded,
    recorded_total: yuanOrNull(row.recordedFen),
    payouts: row.payouts,
    payouts_total: formatYuan(row.payoutsFen),
    as_sent: row.isAsSent,
  }));
}

/** A withdrawal that replaces another one replaces one whose payout failed, and its own payout names that payout. */
export async function retriesMatchPayouts(sql: Sql): Promise<Findings> {
  type Row = {
    withdrawalId: bigint;
    failedDetailNo: string | null;
    previousDetailNo: string | null;
    status: string | null;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT coalesce(r.withdrawal_id, n.withdrawal_id) AS withdrawal_id, r.failed_detail_no, n.previous_detail_no,
      f.state AS status, count(*) OVER () AS found
    FROM payout_retries r
    FULL JOIN (SELECT * FROM payout_details WHERE previous_detail_no IS NOT NULL) n ON n.member_id = r.member_id
      AND n.withdrawal_id = r.withdrawal_id
    LEFT JOIN payout_details f ON f.member_id = r.member_id AND f.detail_no = r.failed_detail_no
      AND f.withdrawal_id = r.failed_withdrawal_id
    WHERE f.state IS DISTINCT FROM 'failed' OR r.failed_detail_no <> n.previous_detail_no
    ORDER BY 1 LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM payout_retries`;
  return findingsOf(all!.count, rows, (row) => ({
    withdrawal_id: row.withdrawalId,
    failed_payout: row.failedDetailNo,
    previous_payout: row.previousDetailNo,
    state: row.status,
  }));
}
