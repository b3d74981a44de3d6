import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";

/** The states in which a withdrawal holds its points. */
export const openStatuses = ["requested", "approved", "paying"] as const;

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
  },
  (t) => [
    primaryKey({ name: "withdrawals_pkey", columns: [t.memberId, t.withdrawalId] }),
    index("withdrawals_status").on(t.status, t.withdrawalNo),
    check(
      "withdrawals_status",
      sql`${t.status} in ('requested', 'approved', 'rejected', 'cancelled', 'expired', 'paying', 'paid', 'failed')`,
    ),
    check("withdrawals_points", sql`${t.points} > 0`),
    check("withdrawals_gross_fen", sql`${t.grossFen} = ${t.points} * ${t.pointValueFen}`),
    check("withdrawals_fee_fen", sql`${t.feeFen} = round_half_up(${t.grossFen} * ${t.feeBps}, 10000)`),
    check("withdrawals_net_fen", sql`${t.netFen} = ${t.grossFen} - ${t.feeFen} and ${t.netFen} > 0`),
    check("withdrawals_maker_is_not_checker", sql`lower(${t.approvedBy}) <> lower(${t.requestedBy})`),
    check(
      "withdrawals_approved_by",
      sql`${t.status} not in ('approved', 'paying', 'paid', 'failed') or ${t.approvedBy} is not null`,
    ),
    check("withdrawals_decided", sql`(${t.status} = 'requested') = (${t.decidedBy} is null) and (${t.decidedBy} is null) = (${t.decidedAt} is null)`),
  ],
);

/** Keeps withdrawal numbers unique over all members, and finds a withdrawal by its number. */
export const withdrawalKeys = pgTable("withdrawal_keys", {
  withdrawalNo: text("withdrawal_no").primaryKey(),
  memberId: big("member_id").notNull(),
  withdrawalId: big("withdrawal_id").notNull(),
});
