import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan, type Fen } from "../../../shared/money.ts";
import type { BatchRow, PartRow } from "../../../domain/payouts/batch-sql.ts";
import type { RecordedBatch } from "../../../domain/payouts/export.ts";
import type { Unanswered } from "../../../domain/payouts/list.ts";
import type { AnswerCounts, DetailRow } from "../../../domain/payouts/read-sql.ts";
import type { BatchStory, DetailStory } from "../../../domain/payouts/show.ts";
import type { Page } from "../../../ui/page.ts";
import { documentOf, documentsOf, figure, id, yuan, type Fields, type Thing } from "../../fields.ts";
import { actionsField } from "../../story-view.ts";

/** Says how many payouts and what they come to: `3 payouts, 285.00 yuan`. */
export const payoutsText = (count: number, totalFen: Fen): string =>
  `${count === 1 ? "1 payout" : `${count} payouts`}, ${formatYuan(totalFen)} yuan`;

/** A batch, and what became of its payouts where that was looked up. */
type Batch = BatchRow & Partial<AnswerCounts>;

const fields: Fields<Batch> = {
  batch_no: id((one) => one.batchNo, { heading: "batch" }),
  channel: { of: (one) => one.channel, fact: (one) => `${one.channel} (${one.template})` },
  template: { of: (one) => one.template },
  payer: { of: (one) => one.payer },
  business_date: { of: (one) => one.businessDate, heading: "date", key: true },
  payouts: figure((one) => one.details),
  total: yuan((one) => one.totalFen, { label: "sent", fact: (one) => payoutsText(one.details, one.totalFen) }),
  digest: { of: (one) => one.digest },
  operator: {
    of: (one) => one.operator,
    text: (one) => (one.handedOverAt === null ? `${one.operator}, files not in place` : one.operator),
    heading: "by",
    rank: 2,
  },
  host: { of: (one) => one.host },
  created_at: {
    of: (one) => one.createdAt,
    label: "recorded",
    fact: (one, zone) => `${one.operator}, ${formatInstant(one.createdAt, zone)}`,
  },
  handed_over_at: { of: (one) => one.handedOverAt, label: "handed over", fact: handOverText },
  paid: figure((one) => one.paid, { fact: ({ paid, paidFen }) => answersText(paid, paidFen) }),
  paid_total: yuan((one) => one.paidFen),
  failed: figure((one) => one.failed, { fact: ({ failed, failedFen }) => answersText(failed, failedFen) }),
  failed_total: yuan((one) => one.failedFen),
  unanswered: figure((one) => one.open, { fact: ({ open, openFen }) => answersText(open, openFen) }),
  unanswered_total: yuan((one) => one.openFen),
};

const answersText = (count: number | undefined, totalFen: Fen | undefined): string | undefined =>
  count === undefined ? undefined : payoutsText(count, totalFen!);

function handOverText({ handedOverAt, payer, batchNo }: Batch, zone: string): string {
  if (handedOverAt !== null) return formatInstant(handedOverAt, zone);
  return `never, as far as is known: accrue payout ${payer === null ? "export" : "send"} --batch ${batchNo}`;
}

/** One batch of a list. */
export const listedBatch: Thing<Batch> = {
  fields,
  columns: ["batch_no", "channel", "business_date", "payouts", "total", "paid", "failed", "unanswered", "operator"],
};

/** A batch as JSON has it. */
export const batchDocument = (batch: Batch) => documentOf(listedBatch, batch);

/** What waits for an answer, by channel and age. */
export const unansweredPayouts: Thing<Unanswered> = {
  fields: {
    channel: { of: (one) => one.channel },
    age: {
      of: (one) => one.age,
      text: ({ age }) => (age === "today" ? age : `${age} ago`),
      heading: "sent",
      key: true,
    },
    payouts: figure((one) => one.count),
    total: yuan((one) => one.totalFen),
  },
};

const payoutFields: Fields<DetailRow> = {
  detail_no: id((one) => one.detailNo, { heading: "payout" }),
  batch_no: id((one) => one.batchNo, { label: "batch", fact: (one) => `${one.batchNo} (${one.channel})` }),
  channel: { of: (one) => one.channel },
  withdrawal_no: id((one) => one.withdrawalNo, {
    heading: "withdrawal",
    label: "withdrawal",
    fact: (one) => `${one.withdrawalNo} of member ${one.memberNo}`,
  }),
  member_no: id((one) => one.memberNo, { heading: "member" }),
  amount: yuan((one) => one.netFen, { fact: (one) => `${formatYuan(one.netFen)} yuan` }),
  state: { of: (one) => one.state },
  account: { of: (one) => one.account, isId: true, label: "to" },
  answered_at: {
    of: (one) => one.answeredAt,
    label: "answered",
    fact: (one, zone) =>
      one.answeredAt === null ? undefined : `${one.answeredBy!}, ${formatInstant(one.answeredAt, zone)}`,
  },
  answered_by: { of: (one) => one.answeredBy },
  reason: { of: (one) => one.reason, atLeast: 20 },
  channel_ref: { of: (one) => one.channelRef, isId: true, label: "channel's number" },
  previous_detail_no: id((one) => one.previousDetailNo, { label: "in place of" }),
  retried_as: id((one) => one.retriedAs),
};

/** A payout of a batch; its account is masked. */
export const payout: Thing<DetailRow> = {
  fields: payoutFields,
  columns: ["detail_no", "withdrawal_no", "member_no", "amount", "state", "reason"],
};

/** A payout, and who did what to its withdrawal when. */
export const payoutStory: Thing<DetailRow & DetailStory> = {
  fields: { ...payoutFields, actions: actionsField },
  facts: [
    "batch_no",
    "withdrawal_no",
    "amount",
    "account",
    "state",
    "answered_at",
    "reason",
    "channel_ref",
    "previous_detail_no",
    "retried_as",
  ],
};

/** A file of a batch; of one that was paid by calls it has no name. */
export const batchFile: Thing<PartRow> = {
  fields: {
    file_no: figure((one) => one.fileNo),
    name: { of: (one) => one.name, heading: "file", keeps: "end", atLeast: 24 },
    rows: figure((one) => one.rows),
    total: yuan((one) => one.totalFen),
    sha256: { of: (one) => one.sha256, text: (one) => one.sha256?.slice(0, 16) ?? "", key: true },
  },
  columns: ["name", "rows", "total", "sha256"],
};

/** The whole story of a batch. */
export const batchStory: Thing<Batch & BatchStory> = {
  fields: {
    ...fields,
    files: { of: ({ parts }) => documentsOf(batchFile, parts) },
    not_paid: { of: ({ notPaid }) => documentsOf(payout, notPaid) },
    actions: actionsField,
  },
  facts: [
    "channel",
    "payer",
    "business_date",
    "total",
    "paid",
    "failed",
    "unanswered",
    "digest",
    "created_at",
    "handed_over_at",
  ],
};

/** A batch that was just recorded, and what is not in it, as JSON has it. */
export const recordedDocument = (
  { batchNo, details, totalFen, files, refusedCount, refused, withoutAccount }: RecordedBatch,
  isDry: boolean,
) => ({
  batch_no: batchNo ?? null,
  payouts: details,
  total: formatYuan(totalFen),
  file_count: files,
  refused: refusedCount,
  refusals: refused.map(({ withdrawalNo, memberNo, code, reason }) => ({
    withdrawal_no: withdrawalNo,
    member_no: memberNo,
    code,
    reason,
  })),
  without_account: {
    withdrawals: withoutAccount.count,
    total: formatYuan(withoutAccount.totalFen),
    withdrawal_nos: withoutAccount.withdrawalNos,
  },
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
  page.line(
    `without a payout account: ${payoutsText(count, totalFen)} (${withdrawalNos.join(", ")}${count > withdrawalNos.length ? ", …" : ""})`,
  );
  page.line("  an account that is added now counts for later requests: `accrue withdrawal cancel`, then request anew");
}
