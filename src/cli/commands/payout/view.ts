import { formatYuan, type Fen } from "../../../shared/money.ts";
import type { BatchRow } from "../../../domain/payouts/batch-sql.ts";
import type { RecordedBatch } from "../../../domain/payouts/export.ts";
import type { AnswerCounts, DetailRow } from "../../../domain/payouts/read-sql.ts";
import type { Page } from "../../../ui/page.ts";

/** Says how many payouts and what they come to: `3 payouts, 285.00 yuan`. */
export const payoutsText = (count: number, totalFen: Fen): string => `${count === 1 ? "1 payout" : `${count} payouts`}, ${formatYuan(totalFen)} yuan`;

/** A batch as JSON has it. */
export const batchDocument = (batch: BatchRow & Partial<AnswerCounts>) => ({
  batch_no: batch.batchNo,
  channel: batch.channel,
  template: batch.template,
  payer: batch.payer,
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

/** A batch that was just recorded, and what is not in it, as JSON has it. */
export const recordedDocument = ({ batchNo, details, totalFen, files, refusedCount, refused, withoutAccount }: RecordedBatch, isDry: boolean) => ({
  batch_no: batchNo ?? null,
  payouts: details,
  total: formatYuan(totalFen),
  file_count: files,
  refused: refusedCount,
  refusals: refused.map(({ withdrawalNo, memberNo, code, reason }) => ({ withdrawal_no: withdrawalNo, member_no: memberNo, code, reason })),
  without_account: { withdrawals: withoutAccount.count, total: formatYuan(withoutAccount.totalFen), withdrawal_nos: withoutAccount.withdrawalNos },
  dry_run: isDry,
});

/** Says what could not be sent, and why. */
export function leftPage(page: Page, { refusedCount, refused, withoutAccount }: RecordedBatch): void {
  if (refusedCount > 0) {
    page.line(`${refusedCount} cannot be sent and ${refusedCount === 1 ? "stays" : "stay"} approved:`);
    for (const { withdrawalNo, memberNo, reason } of refused) page.line(`  ${withdrawalNo} of ${memberNo}: ${reason}`);
    if (refusedCount > refused.length) page.line(`  … and ${refusedCount - refused.length} more`);
  }
  const { count, totalFen, withdrawalNos } = withoutAccount;
  if (count === 0) return;
  page.line(`without a payout account: ${payoutsText(count, totalFen)} (${withdrawalNos.join(", ")}${count > withdrawalNos.length ? ", …" : ""})`);
  page.line("  an account that is added now counts for later requests: `accrue withdrawal cancel`, then request anew");
}
