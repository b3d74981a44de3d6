import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, text, unique } from "drizzle-orm/pg-core";
import { adjustmentCounters, allAdjustmentClasses } from "../../shared/adjustment-classes.ts";
import { big, businessDate, instant, isOneOf } from "./columns.ts";
import { proposals } from "./proposals.ts";

/** The rows of a proposal that adjusts points, frozen: what it says beside its document, which has their digest. */
export const proposedAdjustments = pgTable(
  "proposed_adjustments",
  {
    proposalNo: text("proposal_no").notNull(),
    /** The line of the file; 1 where there is none. */
    rowNo: integer("row_no").notNull(),
    memberNo: text("member_no").notNull(),
    points: big("points").notNull(),
    reasonClass: text("reason_class", { enum: allAdjustmentClasses }).notNull(),
    /** What whoever asked knows it by; opening balances have none. */
    reference: text("reference"),
    reason: text("reason").notNull(),
  },
  (t) => [
    primaryKey({ name: "proposed_adjustments_pkey", columns: [t.proposalNo, t.rowNo] }),
    index("proposed_adjustments_member_no").on(t.memberNo),
    check("proposed_adjustments_reason_class", isOneOf(t.reasonClass, allAdjustmentClasses)),
    check("proposed_adjustments_reference", sql`(${t.reasonClass} = 'opening') = (${t.reference} is null)`),
    check(
      "proposed_adjustments_points",
      sql`case when ${t.reasonClass} = 'correction' then ${t.points} <> 0 when ${t.reasonClass} = 'forfeit' then ${t.points} < 0 else ${t.points} > 0 end`,
    ),
  ],
);

/**
 * What a proposal that adjusts points came to when it was applied: its one transaction of the journal. `counter` is the
 * account that the fund's money came from, or went to.
 */
export const adjustmentPostings = pgTable(
  "adjustment_postings",
  {
    proposalNo: text("proposal_no")
      .primaryKey()
      .references(() => proposals.proposalNo),
    businessDate: businessDate("business_date").notNull(),
    rows: integer("rows").notNull(),
    points: big("points").notNull(),
    fundFen: big("fund_fen").notNull(),
    counter: text("counter", { enum: adjustmentCounters }).notNull(),
    appliedBy: text("applied_by").notNull(),
    appliedAt: instant("applied_at").notNull(),
  },
  (t) => [
    check("adjustment_postings_counter", isOneOf(t.counter, adjustmentCounters)),
    check("adjustment_postings_rows", sql`${t.rows} > 0`),
    check(
      "adjustment_postings_fund_fen",
      sql`case ${t.counter} when 'suspense' then ${t.fundFen} >= 0 else ${t.fundFen} = ${t.points} * 100 end`,
    ),
    index("adjustment_postings_business_date").on(t.businessDate),
  ],
);

/** One adjustment that was applied: what explains its entry. Nothing is adjusted twice under one reference. */
export const adjustments = pgTable(
  "adjustments",
  {
    adjustmentId: big("adjustment_id").primaryKey(),
    memberId: big("member_id").notNull(),
    proposalNo: text("proposal_no").notNull(),
    rowNo: integer("row_no").notNull(),
    points: big("points").notNull(),
    reasonClass: text("reason_class", { enum: allAdjustmentClasses }).notNull(),
    reference: text("reference"),
  },
  (t) => [unique("adjustments_reference").on(t.reference), unique("adjustments_row").on(t.proposalNo, t.rowNo)],
);
