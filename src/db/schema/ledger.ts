import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";
import { moneyAccounts } from "./money.ts";

/**
 * The sub-ledger of points: append-only, one row per move of one member's points. `ref_id` is the order or withdrawal
 * that explains it and `entry_no` counts the entries of that one thing from 1, so the primary key itself refuses to
 * grant an order twice, or to both burn and release a hold.
 *
 * Entries of orders freeze the rates they used, and carry the net amount they settle, and what the merchant's
 * contribution changed by; the points fund changes by the points, a yuan each. Kind `contribution` is an order or a
 * change that moves no point: too small, or at a rate of nothing. The first settlement of an order leaves an entry even
 * then, with the frozen rates.
 */
export const pointsEntries = pgTable(
  "points_entries",
  {
    memberId: big("member_id").notNull(),
    refId: big("ref_id").notNull(),
    availablePoints: big("available_points").notNull(),
    heldPoints: big("held_points").notNull(),
    runId: big("run_id"),
    netFen: big("net_fen"),
    contributionFen: big("contribution_fen"),
    createdAt: instant("created_at").notNull(),
    contributionBps: integer("contribution_bps"),
    pointsBps: integer("points_bps"),
    businessDate: businessDate("business_date").notNull(),
    entryNo: smallint("entry_no").notNull(),
    kind: text("kind", { enum: ["grant", "clawback", "contribution", "hold", "release", "burn", "adjust"] }).notNull(),
  },
  (t) => [
    primaryKey({ name: "points_entries_pkey", columns: [t.memberId, t.refId, t.entryNo] }),
    // Entries come by date, so a block range index finds those of one, and costs a grant run next to nothing.
    index("points_entries_business_date").using("brin", t.businessDate),
    check(
      "points_entries_kind",
      sql`case
        when ${t.kind} = 'grant' then ${t.availablePoints} > 0 and ${t.heldPoints} = 0
        when ${t.kind} = 'clawback' then ${t.availablePoints} < 0 and ${t.heldPoints} = 0
        when ${t.kind} = 'contribution' then ${t.availablePoints} = 0 and ${t.heldPoints} = 0
        when ${t.kind} = 'hold' then ${t.heldPoints} > 0 and ${t.availablePoints} = -${t.heldPoints}
        when ${t.kind} = 'release' then ${t.availablePoints} > 0 and ${t.heldPoints} = -${t.availablePoints}
        when ${t.kind} = 'burn' then ${t.availablePoints} = 0 and ${t.heldPoints} < 0
        when ${t.kind} = 'adjust' then ${t.availablePoints} <> 0 and ${t.heldPoints} = 0
        else false end`,
    ),
    check(
      "points_entries_order_facts",
      sql`(${t.kind} in ('grant', 'clawback', 'contribution')) = (${t.runId} is not null)
        and num_nulls(${t.runId}, ${t.netFen}, ${t.contributionFen}, ${t.contributionBps}, ${t.pointsBps}) in (0, 5)`,
    ),
  ],
);

/** The general ledger, double-entry, in fen and in points. One transaction per grant chunk or withdrawal step. */
export const journalTransactions = pgTable(
  "journal_transactions",
  {
    journalId: big("journal_id").primaryKey(),
    kind: text("kind", {
      enum: ["grant", "hold", "release", "burn", "adjust", "collection", "statement", "write_off"],
    }).notNull(),
    runId: big("run_id"),
    withdrawalNo: text("withdrawal_no"),
    /** The collection, or other document of money, that explains it. */
    documentNo: text("document_no"),
    businessDate: businessDate("business_date").notNull(),
    operator: text("operator").notNull(),
    postedAt: instant("posted_at").notNull(),
  },
  (t) => [
    check(
      "journal_transactions_kind",
      sql`${t.kind} in ('grant', 'hold', 'release', 'burn', 'adjust', 'collection', 'statement', 'write_off')`,
    ),
    index("journal_transactions_run_id").on(t.runId),
    index("journal_transactions_business_date").using("brin", t.businessDate),
    index("journal_transactions_withdrawal_no")
      .on(t.withdrawalNo)
      .where(sql`${t.withdrawalNo} is not null`),
    index("journal_transactions_document_no")
      .on(t.documentNo)
      .where(sql`${t.documentNo} is not null`),
  ],
);

/** Debits are positive, credits negative; the lines of one transaction add up to zero in each unit. */
export const journalLines = pgTable(
  "journal_lines",
  {
    journalId: big("journal_id")
      .notNull()
      .references(() => journalTransactions.journalId),
    lineNo: smallint("line_no").notNull(),
    account: text("account").notNull(),
    unit: text("unit", { enum: ["fen", "points"] }).notNull(),
    amount: big("amount").notNull(),
    /** Which of the platform's accounts, for lines of `bank`. */
    moneyAccount: text("money_account").references(() => moneyAccounts.moneyAccount),
  },
  (t) => [
    primaryKey({ name: "journal_lines_pkey", columns: [t.journalId, t.lineNo] }),
    // With the amount in it, what stands on an account is summed from the index alone.
    index("journal_lines_account").on(t.account, t.amount),
    check(
      "journal_lines_account_unit",
      sql`(${t.unit} = 'fen' and ${t.account} in ('contributions_receivable', 'points_fund', 'platform_share', 'payouts_payable', 'fee_income',
          'bank', 'suspense', 'channel_fees', 'tax_payable', 'write_offs'))
        or (${t.unit} = 'points' and ${t.account} in ('points_issued', 'points_redeemed', 'points_available', 'points_held'))`,
    ),
    check("journal_lines_amount", sql`${t.amount} <> 0`),
    check("journal_lines_money_account", sql`(${t.account} = 'bank') = (${t.moneyAccount} is not null)`),
  ],
);

/**
 * What stood on each control account when a settlement run closed a business date, and the memoranda beside them: sums
 * up to the end of that date. It holds while the date, and those before it, stay closed.
 */
export const accountClosings = pgTable(
  "account_closings",
  {
    businessDate: businessDate("business_date").notNull(),
    runId: big("run_id").notNull(),
    account: text("account").notNull(),
    amount: big("amount").notNull(),
  },
  (t) => [primaryKey({ name: "account_closings_pkey", columns: [t.businessDate, t.runId, t.account] })],
);
