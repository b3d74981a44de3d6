import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";
import { merchants } from "./merchants.ts";
import { proposals } from "./proposals.ts";

/** The platform's own accounts at banks and channels; the account `bank` of the journal is kept for each of them. */
export const moneyAccounts = pgTable(
  "money_accounts",
  {
    moneyAccount: text("money_account").primaryKey(),
    channel: text("channel", { enum: ["alipay", "wechat", "bank", "stripe"] }).notNull(),
    addedBy: text("added_by").notNull(),
    addedAt: instant("added_at").notNull(),
  },
  (t) => [
    check("money_accounts_money_account", sql`${t.moneyAccount} ~ '^[a-z0-9][a-z0-9-]{0,39}$'`),
    check("money_accounts_channel", sql`${t.channel} in ('alipay', 'wechat', 'bank', 'stripe')`),
  ],
);

/**
 * What each merchant's orders contributed on a business date, at each rate: the sub-ledger of
 * `contributions_receivable` as far as dates are closed. Written when a date is closed, out of its entries; a date that
 * is closed again gets what came to it since as rows of that run, so a merchant's rows always add up. No foreign key:
 * sixty thousand look-ups a night, and `verify` holds the rows to the entries.
 */
export const merchantContributions = pgTable(
  "merchant_contributions",
  {
    businessDate: businessDate("business_date").notNull(),
    merchantId: big("merchant_id").notNull(),
    contributionBps: integer("contribution_bps").notNull(),
    /** The settlement that closed the date. */
    runId: big("run_id").notNull(),
    /** Orders that were settled for the first time. */
    orders: bigint("orders", { mode: "bigint" }).notNull(),
    contributedFen: big("contributed_fen").notNull(),
    /** Zero or below. */
    clawedBackFen: big("clawed_back_fen").notNull(),
    /** How many of the orders no channel had shown the payment of by then; null where no evidence was kept. */
    unevidencedOrders: big("unevidenced_orders"),
  },
  (t) => [
    primaryKey({
      name: "merchant_contributions_pkey",
      columns: [t.businessDate, t.merchantId, t.contributionBps, t.runId],
    }),
    check(
      "merchant_contributions_signs",
      sql`${t.orders} >= 0 and ${t.contributedFen} >= 0 and ${t.clawedBackFen} <= 0`,
    ),
  ],
);

/** What a bill, or all bills of a period, come to, in fen. A balance below zero is a prepayment. */
const amounts = {
  openingFen: big("opening_fen").notNull(),
  contributedFen: big("contributed_fen").notNull(),
  /** Zero or below. */
  clawedBackFen: big("clawed_back_fen").notNull(),
  collectedFen: big("collected_fen").notNull(),
  adjustedFen: big("adjusted_fen").notNull(),
  closingFen: big("closing_fen").notNull(),
};

const addsUp = sql`contributed_fen >= 0 and clawed_back_fen <= 0
  and closing_fen = opening_fen + contributed_fen + clawed_back_fen - collected_fen + adjusted_fen`;

/**
 * A period for which all merchants were billed. Written after its bills, with what they come to; periods follow each
 * other without a gap.
 */
export const billingPeriods = pgTable(
  "billing_periods",
  {
    periodFrom: businessDate("period_from").primaryKey(),
    periodTo: businessDate("period_to").notNull(),
    dueOn: businessDate("due_on").notNull(),
    bills: big("bills").notNull(),
    ...amounts,
    issuedBy: text("issued_by").notNull(),
    issuedAt: instant("issued_at").notNull(),
  },
  (t) => [
    check("billing_periods_dates", sql`${t.periodFrom} <= ${t.periodTo} and ${t.periodTo} <= ${t.dueOn}`),
    check("billing_periods_adds_up", addsUp),
  ],
);

/**
 * A merchant's bill of a period. Never changed: what it says by date and rate are the merchant's contributions of the
 * period's dates, which are closed for good once they are billed.
 */
export const merchantBills = pgTable(
  "merchant_bills",
  {
    billNo: text("bill_no").primaryKey(),
    merchantId: big("merchant_id")
      .notNull()
      .references(() => merchants.merchantId),
    periodFrom: businessDate("period_from").notNull(),
    periodTo: businessDate("period_to").notNull(),
    dueOn: businessDate("due_on").notNull(),
    ...amounts,
  },
  (t) => [
    uniqueIndex("merchant_bills_period").on(t.merchantId, t.periodFrom),
    index("merchant_bills_period_from").on(t.periodFrom),
    check("merchant_bills_bill_no", sql`${t.billNo} ~ '^B[0-9]{8,}$'`),
    check("merchant_bills_dates", sql`${t.periodFrom} <= ${t.periodTo} and ${t.periodTo} <= ${t.dueOn}`),
    check("merchant_bills_adds_up", addsUp),
  ],
);

/**
 * Money that came from a merchant. One operator records it, another confirms it, or it was made from a line of a
 * statement; only then it counts, on the business date of the confirmation. What it pays is never written down: it pays
 * the oldest bills first, and what is more is a prepayment. One that turns out to be none is taken back by another one,
 * below zero.
 */
export const collections = pgTable(
  "collections",
  {
    collectionNo: text("collection_no").primaryKey(),
    merchantId: big("merchant_id")
      .notNull()
      .references(() => merchants.merchantId),
    moneyAccount: text("money_account")
      .notNull()
      .references(() => moneyAccounts.moneyAccount),
    amountFen: big("amount_fen").notNull(),
    receivedOn: businessDate("received_on").notNull(),
    /** What the payer or the bank calls it: recorded twice, it is the same collection. */
    reference: text("reference").notNull(),
    /** What proves it: where the slip lies, a line of a statement. */
    proof: text("proof").notNull(),
    /** Money that came before collections were kept here. */
    isOpening: boolean("is_opening").notNull(),
    /** The line of a statement that it was made from; null for one that was recorded by hand. */
    lineId: big("line_id"),
    /** The collection that it takes back. */
    reverses: text("reverses"),
    state: text("state", { enum: ["recorded", "confirmed", "rejected"] }).notNull(),
    recordedBy: text("recorded_by").notNull(),
    recordedAt: instant("recorded_at").notNull(),
    decidedBy: text("decided_by"),
    decidedAt: instant("decided_at"),
    /** Why it was rejected. */
    reason: text("reason"),
    /** The date on which it is booked. */
    businessDate: businessDate("business_date"),
  },
  (t) => [
    // What was rejected may be recorded anew.
    uniqueIndex("collections_reference")
      .on(t.reference)
      .where(sql`${t.state} <> 'rejected' and ${t.lineId} is null and ${t.reverses} is null`),
    uniqueIndex("collections_reverses")
      .on(t.reverses)
      .where(sql`${t.reverses} is not null`),
    index("collections_confirmed")
      .on(t.businessDate, t.merchantId, t.amountFen)
      .where(sql`${t.state} = 'confirmed'`),
    index("collections_merchant_id").on(t.merchantId),
    check("collections_collection_no", sql`${t.collectionNo} ~ '^C[0-9]{8,}$'`),
    check(
      "collections_amount_fen",
      sql`case when ${t.reverses} is null then ${t.amountFen} else -${t.amountFen} end between 1 and 10000000000`,
    ),
    check("collections_of_lines", sql`${t.lineId} is null or ${t.state} = 'confirmed' and not ${t.isOpening}`),
    check("collections_state", sql`${t.state} in ('recorded', 'confirmed', 'rejected')`),
    check(
      "collections_decided",
      sql`(${t.state} = 'recorded') = (${t.decidedBy} is null) and (${t.decidedBy} is null) = (${t.decidedAt} is null)`,
    ),
    check("collections_business_date", sql`(${t.state} = 'confirmed') = (${t.businessDate} is not null)`),
    check("collections_reason", sql`(${t.state} = 'rejected') = (${t.reason} is not null)`),
    check(
      "collections_maker_is_not_checker",
      sql`${t.state} <> 'confirmed' or ${t.lineId} is not null or ${t.reverses} is not null or lower(btrim(${t.decidedBy})) <> lower(btrim(${t.recordedBy}))`,
    ),
  ],
);

/**
 * What changes what a merchant owes and is neither contribution nor money: what will never come and is written off, and
 * what corrects a bill, which it names, for bills never change. Two operators agreed on each. Above zero: the merchant
 * owes more.
 */
export const merchantAdjustments = pgTable(
  "merchant_adjustments",
  {
    proposalNo: text("proposal_no")
      .primaryKey()
      .references(() => proposals.proposalNo),
    merchantId: big("merchant_id")
      .notNull()
      .references(() => merchants.merchantId),
    kind: text("kind", { enum: ["write_off", "correction"] }).notNull(),
    /** The bill that it corrects. */
    billNo: text("bill_no"),
    amountFen: big("amount_fen").notNull(),
    businessDate: businessDate("business_date").notNull(),
    appliedBy: text("applied_by").notNull(),
    appliedAt: instant("applied_at").notNull(),
  },
  (t) => [
    index("merchant_adjustments_business_date").on(t.businessDate),
    check("merchant_adjustments_kind", sql`${t.kind} in ('write_off', 'correction')`),
    check("merchant_adjustments_bill_no", sql`(${t.kind} = 'correction') = (${t.billNo} is not null)`),
    check(
      "merchant_adjustments_amount_fen",
      sql`${t.amountFen} <> 0 and (${t.kind} = 'correction' or ${t.amountFen} < 0)`,
    ),
  ],
);

/**
 * Payouts that two operators let go on a day although the cash behind the points falls below the policy's least
 * coverage: up to this much gross of all that is asked for.
 */
export const coverageExceptions = pgTable(
  "coverage_exceptions",
  {
    proposalNo: text("proposal_no")
      .primaryKey()
      .references(() => proposals.proposalNo),
    businessDate: businessDate("business_date").notNull(),
    maxPayoutsFen: big("max_payouts_fen").notNull(),
    appliedBy: text("applied_by").notNull(),
    appliedAt: instant("applied_at").notNull(),
  },
  (t) => [
    index("coverage_exceptions_business_date").on(t.businessDate),
    check("coverage_exceptions_max_payouts_fen", sql`${t.maxPayoutsFen} > 0`),
  ],
);
