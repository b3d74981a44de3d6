import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";

/**
 * What was sent to a channel at once: recorded with its details, before anybody can see a file of it. All that its
 * files are made of is kept here and in its details, so they can be made again byte for byte.
 */
export const payoutBatches = pgTable(
  "payout_batches",
  {
    batchNo: text("batch_no").primaryKey(),
    channel: text("channel", { enum: ["alipay", "wechat", "bank", "csv", "stripe"] }).notNull(),
    /** The template of its files, with its version: a changed template is another one. */
    template: text("template").notNull(),
    /** The appid that a WeChat template names. */
    appid: text("appid"),
    /**
     * Who pays at a provider that is called: its account there, mode and currency. Asking anybody else would find
     * nothing, and pay twice.
     */
    payer: text("payer"),
    businessDate: businessDate("business_date").notNull(),
    details: integer("details").notNull(),
    totalFen: big("total_fen").notNull(),
    /** SHA-256 over detail number, withdrawal, account and amount of every detail, in their order. */
    digest: text("digest").notNull(),
    operator: text("operator").notNull(),
    host: text("host").notNull(),
    createdAt: instant("created_at").notNull(),
    /** When it was first handed over whole: all files in place. Null: maybe nobody ever saw them. */
    handedOverAt: instant("handed_over_at"),
  },
  (t) => [
    check("payout_batches_channel", sql`${t.channel} in ('alipay', 'wechat', 'bank', 'csv', 'stripe')`),
    check("payout_batches_appid", sql`(${t.channel} = 'wechat') = (${t.appid} is not null)`),
    check("payout_batches_payer", sql`(${t.channel} = 'stripe') = (${t.payer} is not null)`),
    check("payout_batches_details", sql`${t.details} > 0 and ${t.totalFen} > 0`),
    check("payout_batches_digest", sql`${t.digest} ~ '^[0-9a-f]{64}$'`),
    index("payout_batches_channel_no").on(t.channel, t.batchNo),
    // Which batches of a channel nobody may have seen: next to none.
    index("payout_batches_not_handed_over")
      .on(t.channel, t.batchNo)
      .where(sql`${t.handedOverAt} is null`),
  ],
);

/** The files of a batch: channels take so many rows in one. */
export const payoutFiles = pgTable(
  "payout_files",
  {
    batchNo: text("batch_no")
      .notNull()
      .references(() => payoutBatches.batchNo),
    fileNo: integer("file_no").notNull(),
    name: text("name").notNull(),
    rows: integer("rows").notNull(),
    totalFen: big("total_fen").notNull(),
    sha256: text("sha256").notNull(),
    byteSize: integer("byte_size").notNull(),
  },
  (t) => [
    primaryKey({ name: "payout_files_pkey", columns: [t.batchNo, t.fileNo] }),
    check("payout_files_rows", sql`${t.fileNo} >= 1 and ${t.rows} > 0 and ${t.totalFen} > 0 and ${t.byteSize} > 0`),
    check("payout_files_sha256", sql`${t.sha256} ~ '^[0-9a-f]{64}$'`),
  ],
);

/**
 * One payment to one member. A withdrawal is sent once and never again: that is the unique key. What failed is paid by
 * another withdrawal, whose detail names the one before.
 */
export const payoutDetails = pgTable(
  "payout_details",
  {
    memberId: big("member_id").notNull(),
    detailNo: text("detail_no").notNull(),
    withdrawalId: big("withdrawal_id").notNull(),
    batchNo: text("batch_no").notNull(),
    fileNo: integer("file_no").notNull(),
    /** Its place in the batch, from 1. */
    rowNo: integer("row_no").notNull(),
    accountId: big("account_id").notNull(),
    netFen: big("net_fen").notNull(),
    previousDetailNo: text("previous_detail_no"),
    state: text("state", { enum: ["sent", "processing", "unknown", "paid", "failed"] }).notNull(),
    answeredAt: instant("answered_at"),
    answeredBy: text("answered_by"),
    answerImportId: big("answer_import_id"),
    reason: text("reason"),
    /** The channel's own number of the payment. */
    channelRef: text("channel_ref"),
  },
  (t) => [
    primaryKey({ name: "payout_details_pkey", columns: [t.memberId, t.detailNo] }),
    unique("payout_details_withdrawal").on(t.memberId, t.withdrawalId),
    index("payout_details_batch").on(t.batchNo, t.rowNo),
    // What is unanswered is counted and summed from this alone, whatever was answered before.
    index("payout_details_open")
      .on(t.batchNo, t.netFen)
      .where(sql`${t.state} in ('sent', 'processing', 'unknown')`),
    check("payout_details_state", sql`${t.state} in ('sent', 'processing', 'unknown', 'paid', 'failed')`),
    check("payout_details_net_fen", sql`${t.netFen} > 0`),
    check("payout_details_row_no", sql`${t.rowNo} >= 1 and ${t.fileNo} >= 1`),
    check(
      "payout_details_answered",
      sql`(${t.state} = 'sent') = (${t.answeredAt} is null) and (${t.answeredAt} is null) = (${t.answeredBy} is null)`,
    ),
  ],
);

/** Keeps detail numbers unique over all members, and finds a detail by its number. */
export const payoutDetailKeys = pgTable("payout_detail_keys", {
  detailNo: text("detail_no").primaryKey(),
  memberId: big("member_id").notNull(),
});

/** Which withdrawal was requested in place of one whose payout failed. */
export const payoutRetries = pgTable(
  "payout_retries",
  {
    memberId: big("member_id").notNull(),
    withdrawalId: big("withdrawal_id").notNull(),
    failedWithdrawalId: big("failed_withdrawal_id").notNull(),
    failedDetailNo: text("failed_detail_no").notNull(),
  },
  (t) => [
    primaryKey({ name: "payout_retries_pkey", columns: [t.memberId, t.withdrawalId] }),
    unique("payout_retries_failed").on(t.memberId, t.failedWithdrawalId),
  ],
);
