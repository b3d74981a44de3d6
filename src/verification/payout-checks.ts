import type { Sql } from "../db/database.ts";
import { formatYuan } from "../shared/money.ts";
import { findingsOf, namedViolations, yuanOrNull, type Findings } from "./model.ts";

/**
 * A withdrawal that is paying has one payout that waits for its answer, a paid one a paid payout, a failed one a failed
 * payout, and no other has any; each over the withdrawal's own net amount, to its own account.
 */
export async function payoutsMatchWithdrawals(sql: Sql): Promise<Findings> {
  type Row = {
    withdrawalNo: string | null; status: string | null; detailNo: string | null; state: string | null; netFen: bigint | null; sentFen: bigint | null;
    isSameAccount: boolean | null; found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT w.withdrawal_no, w.status, d.detail_no, d.state, w.net_fen, d.net_fen AS sent_fen, d.account_id = w.account_id AS is_same_account, count(*) OVER () AS found
    FROM (SELECT * FROM withdrawals WHERE status IN ('paying', 'paid', 'failed') OR withdrawal_id IN (SELECT withdrawal_id FROM payout_details)) w
    FULL JOIN payout_details d ON d.member_id = w.member_id AND d.withdrawal_id = w.withdrawal_id
    WHERE (CASE WHEN d.state IN ('sent', 'processing', 'unknown') THEN 'paying' ELSE d.state END) IS DISTINCT FROM w.status
      OR d.net_fen IS DISTINCT FROM w.net_fen OR d.account_id IS DISTINCT FROM w.account_id
    ORDER BY w.withdrawal_no, d.detail_no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM withdrawals WHERE status IN ('paying', 'paid', 'failed')) + (SELECT count(*) FROM payout_details) AS count`;
  return findingsOf(all!.count, rows, (row) => ({
    withdrawal_no: row.withdrawalNo, status: row.status, payout: row.detailNo, state: row.state,
    net: yuanOrNull(row.netFen), sent: yuanOrNull(row.sentFen), same_account: row.isSameAccount,
  }));
}

/** A batch says what its payouts are and come to, its files say what is in each, and no payout is without its batch. */
export async function batchesMatchPayouts(sql: Sql): Promise<Findings> {
  type Row = { batchNo: string; fileNo: number | null; recorded: number | null; recordedFen: bigint | null; payouts: number; payoutsFen: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT x.*, count(*) OVER () AS found FROM (
      SELECT batch_no, NULL::integer AS file_no, b.details AS recorded, b.total_fen AS recorded_fen,
             coalesce(d.payouts, 0) AS payouts, coalesce(d.payouts_fen, 0) AS payouts_fen
      FROM payout_batches b
      FULL JOIN (SELECT batch_no, count(*)::integer AS payouts, sum(net_fen)::bigint AS payouts_fen FROM payout_details GROUP BY batch_no) d USING (batch_no)
      UNION ALL
      SELECT batch_no, file_no, f.rows, f.total_fen, coalesce(d.payouts, 0), coalesce(d.payouts_fen, 0)
      FROM payout_files f
      LEFT JOIN (SELECT batch_no, file_no, count(*)::integer AS payouts, sum(net_fen)::bigint AS payouts_fen FROM payout_details GROUP BY batch_no, file_no) d
        USING (batch_no, file_no)
    ) x WHERE (recorded, recorded_fen) IS DISTINCT FROM (payouts, payouts_fen)
    ORDER BY batch_no, file_no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT (SELECT count(*) FROM payout_batches) + (SELECT count(*) FROM payout_files) AS count`;
  return findingsOf(all!.count, rows, (row) => ({
    batch_no: row.batchNo, file_no: row.fileNo, recorded: row.recorded, recorded_total: yuanOrNull(row.recordedFen),
    payouts: row.payouts, payouts_total: formatYuan(row.payoutsFen),
  }));
}
