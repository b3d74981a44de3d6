import { usageError } from "../shared/errors.ts";
import { formatYuan, type Fen } from "../shared/money.ts";
import type { BatchRow } from "../payouts/batch-sql.ts";
import type { AnswerCounts, DetailRow } from "../payouts/read-sql.ts";

/** Says how many payouts and what they come to: `3 payouts, 285.00 yuan`. */
export const payoutsText = (count: number, totalFen: Fen): string => `${count === 1 ? "1 payout" : `${count} payouts`}, ${formatYuan(totalFen)} yuan`;

/** A batch as JSON has it. */
export const batchDocument = (batch: BatchRow & Partial<AnswerCounts>) => ({
  batch_no: batch.batchNo,
  channel: batch.channel,
  template: batch.template,
  business_date: batch.businessDate,
  payouts: batch.details,
  total: formatYuan(batch.totalFen),
  digest: batch.digest,
  operator: batch.operator,
  host: batch.host,
  created_at: batch.createdAt.toISOString(),
  handed_over_at: batch.handedOverAt?.toISOString() ?? null,
  ...(batch.paid === undefined ? {} : {
    paid: batch.paid, paid_total: formatYuan(batch.paidFen!), failed: batch.failed, failed_total: formatYuan(batch.failedFen!),
    unanswered: batch.open, unanswered_total: formatYuan(batch.openFen!),
  }),
});

/** A payout as JSON has it; its account is masked. */
export const detailDocument = (detail: DetailRow) => ({
  detail_no: detail.detailNo,
  batch_no: detail.batchNo,
  channel: detail.channel,
  withdrawal_no: detail.withdrawalNo,
  member_no: detail.memberNo,
  amount: formatYuan(detail.netFen),
  state: detail.state,
  account: detail.account,
  answered_at: detail.answeredAt?.toISOString() ?? null,
  answered_by: detail.answeredBy,
  reason: detail.reason,
  channel_ref: detail.channelRef,
  previous_detail_no: detail.previousDetailNo,
  retried_as: detail.retriedAs,
});

/** Reads an optional number of rows. */
export function countOption(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,7}$/.test(text)) return Number(text);
  throw usageError("invalid_count", `${flag} ${text}: no number of rows`, { hint: "write it like 1000" });
}
