import { sql } from "drizzle-orm";
import { check, index, integer, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";
import { moneyAccounts } from "./money.ts";

/**
 * A statement of one of the platform's own accounts that was imported: what a bank or channel says moved, and what
 * stood before and after it.
 */
export const statements = pgTable(
  "statements",
  {
    /** The import that brought it. */
    importId: big("import_id").primaryKey(),
    moneyAccount: text("money_account")
      .notNull()
      .references(() => moneyAccounts.moneyAccount),
    /** The account's number, where the file has it. */
    ownAccount: text("own_account"),
    firstAt: instant("first_at").notNull(),
    lastAt: instant("last_at").notNull(),
    openingFen: big("opening_fen").notNull(),
    /** What all its lines add up to, those that were known before included. */
    totalFen: big("total_fen").notNull(),
    closingFen: big("closing_fen").notNull(),
    lines: integer("lines").notNull(),
    newLines: integer("new_lines").notNull(),
    /** How many of its lines are of its last instant: of two statements that end at one, the longer one ends later. */
    linesAtEnd: integer("lines_at_end").notNull(),
    /** A sum of hashes over all that its new lines say. */
    digest: text("digest").notNull(),
    /** What the account's balance changed by with it; booked on its business date. */
    bookedFen: big("booked_fen").notNull(),
    businessDate: businessDate("business_date").notNull(),
    operator: text("operator").notNull(),
    takenAt: instant("taken_at").notNull(),
  },
  (t) => [
    index("statements_account").on(t.moneyAccount, t.lastAt),
    index("statements_business_date").using("brin", t.businessDate),
    check("statements_add_up", sql`${t.closingFen} = ${t.openingFen} + ${t.totalFen}`),
    check(
      "statements_lines",
      sql`${t.newLines} between 0 and ${t.lines} and ${t.linesAtEnd} between 1 and ${t.lines} and ${t.firstAt} <= ${t.lastAt}`,
    ),
  ],
);

/** What moved on one of the platform's own accounts. A line that several statements have is kept once. */
export const statementLines = pgTable(
  "statement_lines",
  {
    /** Read out as L00000001. */
    lineId: big("line_id").primaryKey(),
    moneyAccount: text("money_account").notNull(),
    /**
     * The channel's own number; without one, a hash of what the line says, and how many like it came before it in its
     * file.
     */
    lineKey: text("line_key").notNull(),
    /** The statement that brought it first. */
    importId: big("import_id").notNull(),
    occurredAt: instant("occurred_at").notNull(),
    businessDate: businessDate("business_date").notNull(),
    /** Above zero: money came in. */
    amountFen: big("amount_fen").notNull(),
    /** What stands on the account after it. */
    balanceFen: big("balance_fen").notNull(),
    /** What the channel calls it: 交易付款, 收费. */
    kind: text("kind"),
    counterparty: text("counterparty"),
    counterpartyName: text("counterparty_name"),
    /** The payer's or payee's number of it: an order, a voucher. */
    reference: text("reference"),
    /** The channel's number of what it is a part of. */
    channelRef: text("channel_ref"),
    remark: text("remark"),
  },
  (t) => [
    uniqueIndex("statement_lines_key").on(t.lineKey, t.moneyAccount),
    index("statement_lines_account").on(t.moneyAccount, t.occurredAt),
    index("statement_lines_import_id").using("brin", t.importId),
    check("statement_lines_amount_fen", sql`${t.amountFen} <> 0`),
  ],
);
