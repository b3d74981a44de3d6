import type { Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { PageQuery } from "../../shared/page.ts";
import { batchColumns, type BatchRow } from "./batch-sql.ts";
import type { PayoutChannel } from "./model.ts";

/** Number and total of a batch's payouts by state. */
export interface AnswerCounts {
  readonly paid: number;
  readonly paidFen: Fen;
  readonly failed: number;
  readonly failedFen: Fen;
  readonly open: number;
  readonly openFen: Fen;
}

const counts = (sql: Sql) => sql`
  count(*) FILTER (WHERE state = 'paid')::integer AS paid,
  coalesce(sum(net_fen) FILTER (WHERE state = 'paid'), 0)::bigint AS paid_fen, count(*)
    FILTER (WHERE state = 'failed')::integer AS failed,
      coalesce(sum(net_fen) FILTER (WHERE state = 'failed'), 0)::bigint AS failed_fen,
  count(*) FILTER (WHERE state NOT IN ('paid', 'failed'))::integer AS open,
  coalesce(sum(net_fen) FILTER (WHERE state NOT IN ('paid', 'failed')), 0)::bigint AS open_fen`;

/** A batch with its answers. */
export type BatchStanding = BatchRow & AnswerCounts;

/** One page of batches, newest first. */
export async function selectBatches(
  sql: Sql,
  channel: PayoutChannel | undefined,
  page: PageQuery,
): Promise<readonly BatchStanding[]> {
  const wanted = where(sql, [
    channel !== undefined && sql`channel = ${channel}`,
    page.after !== undefined && sql`batch_no < ${page.after}`,
  ]);
  return sql<BatchStanding[]>`
    SELECT ${batchColumns(sql)}, d.*
    FROM (SELECT * FROM payout_batches WHERE ${wanted} ORDER BY batch_no DESC LIMIT ${page.limit}) b
    CROSS JOIN LATERAL (SELECT ${counts(sql)} FROM payout_details WHERE batch_no = b.batch_no) d
    ORDER BY b.batch_no DESC`;
}

/** The answers of one batch. */
export async function countAnswers(sql: Sql, batchNo: string): Promise<AnswerCounts> {
  const [row] = await sql<AnswerCounts[]>`SELECT ${counts(sql)} FROM payout_details WHERE batch_no = ${batchNo}`;
  return row!;
}

/** Unanswered payouts of the batches of one channel and business date. */
export interface UnansweredRow {
  readonly channel: PayoutChannel;
  readonly days: number;
  readonly count: number;
  readonly totalFen: Fen;
}

/** Unanswered payouts by channel and days since they were sent. */
export async function selectUnanswered(
  sql: Sql,
  today: BusinessDate,
  channel: PayoutChannel | undefined,
): Promise<readonly UnansweredRow[]> {
  return sql<UnansweredRow[]>`
    SELECT b.channel, ${today}::date - b.business_date AS days, sum(d.count)::integer AS count,
      sum(d.total_fen)::bigint AS total_fen
    FROM (SELECT batch_no, count(*) AS count, sum(net_fen) AS total_fen FROM payout_details
          WHERE state IN ('sent', 'processing', 'unknown') GROUP BY batch_no) d
    JOIN payout_batches b ON b.batch_no = d.batch_no
    WHERE ${where(sql, [channel !== undefined && sql`b.channel = ${channel}`])}
    GROUP BY b.channel, b.business_date ORDER BY b.channel, b.business_date DESC`;
}

/** A payout as its own page and its batch's page show it. */
export interface DetailRow extends Row<
  "payoutDetails",
  | "detailNo"
  | "batchNo"
  | "netFen"
  | "state"
  | "answeredAt"
  | "answeredBy"
  | "reason"
  | "channelRef"
  | "previousDetailNo"
> {
  readonly channel: PayoutChannel;
  readonly withdrawalNo: string;
  readonly memberNo: string;
  /** Masked. */
  readonly account: string;
  /** The withdrawal that replaces a failed one. */
  readonly retriedAs: string | null;
}

const detailRows = (sql: Sql) => sql`
  SELECT d.detail_no, d.batch_no, b.channel, w.withdrawal_no, m.member_no, d.net_fen, d.state,
         a.number_masked AS account, d.answered_at, d.answered_by, d.reason, d.channel_ref, d.previous_detail_no,
         n.withdrawal_no AS retried_as
  FROM payout_details d
  JOIN payout_batches b ON b.batch_no = d.batch_no
  JOIN withdrawals w ON w.member_id = d.member_id AND w.withdrawal_id = d.withdrawal_id
  JOIN members m ON m.member_id = d.member_id
  JOIN payout_accounts a ON a.member_id = d.member_id AND a.account_id = d.account_id
  LEFT JOIN payout_retries r ON r.member_id = d.member_id AND r.failed_withdrawal_id = d.withdrawal_id
  LEFT JOIN withdrawals n ON n.member_id = r.member_id AND n.withdrawal_id = r.withdrawal_id`;

/** Payouts of a batch that are not paid, in order. */
export async function selectNotPaid(sql: Sql, batchNo: string, limit: number): Promise<readonly DetailRow[]> {
  return sql<
    DetailRow[]
  >`${detailRows(sql)} WHERE d.batch_no = ${batchNo} AND d.state <> 'paid' ORDER BY d.row_no LIMIT ${limit}`;
}

/** The payout with a number, or undefined. */
export async function findDetail(sql: Sql, detailNo: string): Promise<DetailRow | undefined> {
  const [row] = await sql<DetailRow[]>`
    ${detailRows(sql)} WHERE d.detail_no = ${detailNo}
      AND d.member_id = (SELECT member_id FROM payout_detail_keys WHERE detail_no = ${detailNo})`;
  return row;
}
