import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";
import { proposals } from "./proposals.ts";

/**
 * One act of matching: a run over all that is open, or what somebody matched or took back by hand. What it moved is
 * posted under its number.
 */
export const reconciliations = pgTable(
  "reconciliations",
  {
    reconNo: text("recon_no").primaryKey(),
    kind: text("kind", { enum: ["run", "match", "unmatch", "forced", "void"] }).notNull(),
    operator: text("operator").notNull(),
    host: text("host").notNull(),
    at: instant("at").notNull(),
    businessDate: businessDate("business_date").notNull(),
    /** Why, where it was by hand. */
    reason: text("reason"),
    /** What two operators agreed on: a match that the rules refuse, or that something will never be matched. */
    proposalNo: text("proposal_no").references(() => proposals.proposalNo),
  },
  (t) => [
    index("reconciliations_business_date").using("brin", t.businessDate),
    check("reconciliations_recon_no", sql`${t.reconNo} ~ '^R[0-9]{8,}$'`),
    check("reconciliations_kind", sql`${t.kind} in ('run', 'match', 'unmatch', 'forced', 'void')`),
    check("reconciliations_proposal_no", sql`(${t.kind} in ('forced', 'void')) = (${t.proposalNo} is not null)`),
    check("reconciliations_reason", sql`(${t.kind} = 'run') = (${t.reason} is null)`),
  ],
);

/** What lines of statements were for. What was taken back stays, with the act that took it back. */
export const lineMatches = pgTable(
  "line_matches",
  {
    matchId: big("match_id").primaryKey(),
    lineId: big("line_id").notNull(),
    thing: text("thing", { enum: ["payout", "collection", "fee", "write_off"] }).notNull(),
    /** The payout or collection; a channel's fee has no number, nor has what is written off. */
    thingNo: text("thing_no"),
    /**
     * How much of the line it is, with the line's sign; of a forced match the whole thing, and what is written off is
     * by how much the line differs from it.
     */
    amountFen: big("amount_fen").notNull(),
    /** Null: by hand. */
    rule: text("rule"),
    reconNo: text("recon_no").notNull(),
    undoneBy: text("undone_by"),
  },
  (t) => [
    uniqueIndex("line_matches_thing")
      .on(t.thingNo, t.thing)
      .where(sql`${t.undoneBy} is null and ${t.thingNo} is not null`),
    index("line_matches_line_id").on(t.lineId),
    index("line_matches_recon_no").on(t.reconNo),
    index("line_matches_undone_by")
      .on(t.undoneBy)
      .where(sql`${t.undoneBy} is not null`),
    check(
      "line_matches_thing_known",
      sql`${t.thing} in ('payout', 'collection', 'fee', 'write_off') and (${t.thing} in ('fee', 'write_off')) = (${t.thingNo} is null)`,
    ),
    check(
      "line_matches_amount_fen",
      sql`${t.amountFen} <> 0 and (${t.thing} <> 'payout' or ${t.amountFen} < 0) and (${t.thing} <> 'collection' or ${t.amountFen} > 0)`,
    ),
  ],
);

/**
 * The lines that are not, or not wholly, matched: what is in suspense. A feed, so its cost follows what is open and not
 * all there ever was.
 */
export const openLines = pgTable(
  "open_lines",
  {
    lineId: big("line_id").primaryKey(),
    /** What of the line is open, with its sign. */
    openFen: big("open_fen").notNull(),
    /**
     * What differs from the thing that the line names, as the last run found it: amount, account, direction, date,
     * state.
     */
    differs: text("differs").array(),
  },
  (t) => [check("open_lines_open_fen", sql`${t.openFen} <> 0`)],
);

/** The payouts that are paid by their channel's word and that no statement has shown yet. A feed, too. */
export const expectedPayouts = pgTable(
  "expected_payouts",
  {
    detailNo: text("detail_no").primaryKey(),
    batchNo: text("batch_no").notNull(),
    netFen: big("net_fen").notNull(),
    channelRef: text("channel_ref"),
    /** The day on which it was said to be paid. */
    paidOn: businessDate("paid_on").notNull(),
  },
  (t) => [index("expected_payouts_batch").on(t.batchNo), index("expected_payouts_channel_ref").on(t.channelRef)],
);

/** Payouts that are paid by their channel's word and that no statement will ever show: two operators agreed on each. */
export const voidedPayouts = pgTable(
  "voided_payouts",
  { detailNo: text("detail_no").primaryKey(), netFen: big("net_fen").notNull(), reconNo: text("recon_no").notNull() },
  (t) => [index("voided_payouts_recon_no").on(t.reconNo)],
);

/**
 * By what lines are matched, in which order, from which date on: the newest row of a rule on or before a line's date is
 * in force for it.
 */
export const reconRules = pgTable(
  "recon_rules",
  {
    rule: text("rule", {
      enum: ["payout_no", "channel_ref", "batch_no", "collection", "channel_fee", "bill_no", "payer_account"],
    }).notNull(),
    effectiveFrom: businessDate("effective_from").notNull(),
    revision: integer("revision").notNull().default(1),
    /** Its place among the rules, from 1. */
    place: integer("place").notNull(),
    isOn: boolean("is_on").notNull(),
    /** What a channel calls such lines, for fees. */
    words: text("words").array().notNull(),
    setBy: text("set_by").notNull(),
    setAt: instant("set_at").notNull(),
  },
  (t) => [
    primaryKey({ name: "recon_rules_pkey", columns: [t.rule, t.effectiveFrom, t.revision] }),
    check(
      "recon_rules_rule",
      sql`${t.rule} in ('payout_no', 'channel_ref', 'batch_no', 'collection', 'channel_fee', 'bill_no', 'payer_account')`,
    ),
    check(
      "recon_rules_words",
      sql`${t.place} between 1 and 100 and (${t.rule} = 'channel_fee' or cardinality(${t.words}) = 0)`,
    ),
  ],
);
