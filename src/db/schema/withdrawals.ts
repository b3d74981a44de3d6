import { sql } from "drizzle-orm";
import { check, foreignKey, index, integer, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { payoutAccounts } from "./accounts.ts";
import { big, businessDate, instant } from "./columns.ts";

export const withdrawals = pgTable(
  "withdrawals",
  {
    memberId: big("member_id").notNull(),
    withdrawalId: big("withdrawal_id").notNull(),
    withdrawalNo: text("withdrawal_no").notNull(),
    status: text("status", {
      enum: ["requested", "approved", "rejected", "cancelled", "expired", "paying", "paid", "failed"],
    }).notNull(),
    points: big("points").notNull(),
    pointValueFen: big("point_value_fen").notNull(),
    feeBps: integer("fee_bps").notNull(),
    grossFen: big("gross_fen").notNull(),
    feeFen: big("fee_fen").notNull(),
    netFen: big("net_fen").notNull(),
    businessDate: businessDate("business_date").notNull(),
    requestedBy: text("requested_by").notNull(),
    requestedAt: instant("requested_at").notNull(),
    approvedBy: text("approved_by"),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    reason: text("reason"),
    /** The number that whoever asked gave it: asked for again, it is the same request. */
    requestNo: text("request_no"),
    /** How many operators have to approve it: 1 or 2, by the policy in force when it was requested. */
    approvalsNeeded: smallint("approvals_needed").notNull().default(1),
    firstApprovedBy: text("first_approved_by"),
    firstApprovedAt: instant("first_approved_at"),
    /** What spoke against it when it was approved: the first time, where it takes two, and the last. */
    firstApprovalRisks: text("first_approval_risks").array(),
    approvalRisks: text("approval_risks").array(),
    /** Where to pay it; null while the member has no payout account. */
    accountId: big("account_id"),
    /**
     * The account's channel, which never changes: it stands here so that the withdrawals of a channel are found in the
     * order of their numbers.
     */
    accountChannel: text("account_channel", { enum: ["alipay", "wechat", "bank", "stripe"] }),
  },
  (t) => [
    primaryKey({ name: "withdrawals_pkey", columns: [t.memberId, t.withdrawalId] }),
    foreignKey({
      name: "withdrawals_account_of_channel",
      columns: [t.memberId, t.accountId, t.accountChannel],
      foreignColumns: [payoutAccounts.memberId, payoutAccounts.accountId, payoutAccounts.channel],
    }),
    index("withdrawals_status").on(t.status, t.withdrawalNo),
    // A list of amounts that are rare finds them, and does not look through all the others.
    index("withdrawals_gross").on(t.status, t.grossFen),
    index("withdrawals_channel").on(t.accountChannel, t.status, t.withdrawalNo),
    // Finds the numbers between which the requests of some days lie, and sums up what was requested on one.
    index("withdrawals_business_date").on(t.businessDate, t.withdrawalNo),
    // Those that one of two operators approved commit the fund, too: they are few, and summed up at every approval.
    index("withdrawals_half_approved")
      .on(t.grossFen)
      .where(sql`${t.status} = 'requested' and ${t.firstApprovedBy} is not null`),
    index("withdrawals_requested_by").on(sql`lower(${t.requestedBy})`, t.status, t.withdrawalNo),
    check(
      "withdrawals_status",
      sql`${t.status} in ('requested', 'approved', 'rejected', 'cancelled', 'expired', 'paying', 'paid', 'failed')`,
    ),
    check("withdrawals_account_channel", sql`(${t.accountId} is null) = (${t.accountChannel} is null)`),
    check("withdrawals_points", sql`${t.points} > 0`),
    check("withdrawals_gross_fen", sql`${t.grossFen} = ${t.points} * ${t.pointValueFen}`),
    check("withdrawals_fee_fen", sql`${t.feeFen} = round_half_up(${t.grossFen} * ${t.feeBps}, 10000)`),
    check("withdrawals_net_fen", sql`${t.netFen} = ${t.grossFen} - ${t.feeFen} and ${t.netFen} > 0`),
    check("withdrawals_maker_is_not_checker", sql`lower(${t.approvedBy}) <> lower(${t.requestedBy})`),
    check(
      "withdrawals_approved_by",
      sql`${t.status} not in ('approved', 'paying', 'paid', 'failed') or ${t.approvedBy} is not null`,
    ),
    check("withdrawals_approvals_needed", sql`${t.approvalsNeeded} in (1, 2)`),
    check(
      "withdrawals_two_approvers",
      sql`num_nulls(${t.firstApprovedBy}, ${t.firstApprovedAt}, ${t.firstApprovalRisks}) in (0, 3)
        and (${t.firstApprovedBy} is null or ${t.approvalsNeeded} = 2)
        and (${t.approvedBy} is null or ${t.approvalsNeeded} = 1 or ${t.firstApprovedBy} is not null)
        and lower(${t.firstApprovedBy}) <> lower(${t.approvedBy})`,
    ),
    check("withdrawals_maker_is_not_first_checker", sql`lower(${t.firstApprovedBy}) <> lower(${t.requestedBy})`),
    check(
      "withdrawals_decided",
      sql`(${t.status} = 'requested') = (${t.decidedBy} is null) and (${t.decidedBy} is null) = (${t.decidedAt} is null)`,
    ),
  ],
);

/** Keeps withdrawal numbers unique over all members, and finds a withdrawal by its number. */
export const withdrawalKeys = pgTable("withdrawal_keys", {
  withdrawalNo: text("withdrawal_no").primaryKey(),
  memberId: big("member_id").notNull(),
  withdrawalId: big("withdrawal_id").notNull(),
});

/**
 * Keeps request numbers unique over all members, finds a withdrawal by its own, and says which line of a file brought
 * it in, where one did.
 */
export const withdrawalRequestKeys = pgTable(
  "withdrawal_request_keys",
  {
    requestNo: text("request_no").primaryKey(),
    memberId: big("member_id").notNull(),
    withdrawalId: big("withdrawal_id").notNull(),
    importId: big("import_id"),
    line: integer("line"),
  },
  (t) => [check("withdrawal_request_keys_origin", sql`(${t.importId} is null) = (${t.line} is null)`)],
);
