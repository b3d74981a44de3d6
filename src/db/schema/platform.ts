import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { identities } from "../../shared/operator-roles.ts";
import { grantEvidences } from "../../shared/policy.ts";
import { big, businessDate, instant, isOneOf } from "./columns.ts";
import { proposals } from "./proposals.ts";

/**
 * One sequence numbers members, merchants, orders and withdrawals, so an id names exactly one thing and the points
 * entries can refer to any of them. Sessions take ids in blocks, which is what makes bulk numbering free.
 */
export const idSequence = pgSequence("id_seq", { cache: 1000 });
export const journalSequence = pgSequence("journal_id_seq");
export const actionSequence = pgSequence("action_id_seq");

/** What holds for the whole platform and may never depend on a machine: one row. */
export const platform = pgTable(
  "platform",
  {
    platformId: smallint("platform_id").primaryKey().default(1),
    timeZone: text("time_zone").notNull(),
    createdAt: instant("created_at").notNull(),
  },
  (t) => [check("platform_is_one_row", sql`${t.platformId} = 1`)],
);

/**
 * The platform's rates and limits, effective-dated: the newest row on or before a business date is in force on it. What
 * is set again for a date is another revision of it, and the highest counts; so what was in force when something was
 * granted stays known.
 */
export const policies = pgTable(
  "policies",
  {
    effectiveFrom: businessDate("effective_from").notNull(),
    contributionBps: integer("contribution_bps").notNull(),
    pointsBps: integer("points_bps").notNull(),
    grantDelayDays: integer("grant_delay_days").notNull(),
    pointValueFen: big("point_value_fen").notNull(),
    feeBps: integer("fee_bps").notNull(),
    minWithdrawalPoints: big("min_withdrawal_points").notNull(),
    maxWithdrawalPoints: big("max_withdrawal_points").notNull(),
    maxDailyPoints: big("max_daily_points").notNull(),
    maxPlatformDailyPoints: big("max_platform_daily_points"),
    twoApproversAboveFen: big("two_approvers_above_fen"),
    coolingOffHours: integer("cooling_off_hours").notNull().default(0),
    requestExpiryDays: integer("request_expiry_days"),
    paymentTermDays: integer("payment_term_days").notNull().default(15),
    billing: text("billing", { enum: ["by_hand", "monthly"] })
      .notNull()
      .default("by_hand"),
    grantOn: text("grant_on", { enum: ["paid_order", "collection"] })
      .notNull()
      .default("paid_order"),
    grantEvidence: text("grant_evidence", { enum: grantEvidences }).notNull().default("none"),
    minCashCoverageBps: integer("min_cash_coverage_bps"),
    suspendOverdueDays: integer("suspend_overdue_days"),
    setBy: text("set_by").notNull(),
    setAt: instant("set_at").notNull(),
    revision: integer("revision").notNull().default(1),
    minContributionBps: integer("min_contribution_bps"),
    maxContributionBps: integer("max_contribution_bps"),
    provenIdentity: boolean("proven_identity"),
    /** What it was applied of; null for the first one, which `init` sets. */
    proposalNo: text("proposal_no").references(() => proposals.proposalNo),
  },
  (t) => [
    primaryKey({ name: "policies_pkey", columns: [t.effectiveFrom, t.revision] }),
    check("policies_contribution_bps", sql`${t.contributionBps} between 0 and 10000`),
    check("policies_points_bps", sql`${t.pointsBps} between 0 and 10000`),
    check("policies_fee_bps", sql`${t.feeBps} between 0 and 9999`),
    check("policies_grant_delay_days", sql`${t.grantDelayDays} between 0 and 365`),
    check("policies_point_value_fen", sql`${t.pointValueFen} between 1 and 1000000`),
    check(
      "policies_withdrawal_limits",
      sql`${t.minWithdrawalPoints} >= 1 and ${t.maxWithdrawalPoints} >= ${t.minWithdrawalPoints} and ${t.maxDailyPoints} >= ${t.maxWithdrawalPoints}`,
    ),
    // A limit that is null is none.
    check("policies_max_platform_daily_points", sql`${t.maxPlatformDailyPoints} >= ${t.maxDailyPoints}`),
    check("policies_two_approvers_above_fen", sql`${t.twoApproversAboveFen} >= 0`),
    check("policies_cooling_off_hours", sql`${t.coolingOffHours} between 0 and 8760`),
    check("policies_request_expiry_days", sql`${t.requestExpiryDays} between 1 and 365`),
    check("policies_payment_term_days", sql`${t.paymentTermDays} between 0 and 365`),
    check("policies_billing", sql`${t.billing} in ('by_hand', 'monthly')`),
    check("policies_grant_on", sql`${t.grantOn} in ('paid_order', 'collection')`),
    check("policies_grant_evidence", isOneOf(t.grantEvidence, grantEvidences)),
    check("policies_min_cash_coverage_bps", sql`${t.minCashCoverageBps} between 1 and 10000`),
    check(
      "policies_contribution_bounds",
      sql`${t.contributionBps} between coalesce(${t.minContributionBps}, 0) and coalesce(${t.maxContributionBps}, 10000)`,
    ),
    check("policies_min_contribution_bps", sql`${t.minContributionBps} between 0 and 10000`),
    check("policies_max_contribution_bps", sql`${t.maxContributionBps} between 0 and 10000`),
    uniqueIndex("policies_proposal_no").on(t.proposalNo),
    check("policies_suspend_overdue_days", sql`${t.suspendOverdueDays} between 1 and 365`),
  ],
);

/**
 * Who did what, when, from which host. Append-only, guarded by the database, which also sets `at`: no host's clock is
 * believed.
 */
export const operatorActions = pgTable(
  "operator_actions",
  {
    actionId: big("action_id").primaryKey(),
    at: instant("at").notNull(),
    operator: text("operator").notNull(),
    host: text("host").notNull(),
    action: text("action").notNull(),
    subjectKind: text("subject_kind").notNull(),
    subject: text("subject").notNull(),
    details: jsonb("details").notNull().default({}),
    /** The login role of the session; null in records from before there was a registry. */
    loginRole: text("login_role").default(sql`session_user`),
    identity: text("identity", { enum: identities })
      .notNull()
      .default(sql`session_identity()`),
  },
  (t) => [
    index("operator_actions_subject").on(t.subjectKind, t.subject, t.actionId),
    index("operator_actions_operator").on(t.operator, t.actionId),
    // What auditors look for first, and few of all.
    index("operator_actions_watched")
      .on(t.actionId)
      .where(sql`${t.action} like '%.reveal' or ${t.action} like '%.refuse'`),
    check("operator_actions_identity", isOneOf(t.identity, identities)),
  ],
);

/**
 * The last number of each kind that people read out to each other; kept apart from the ids. A row and no sequence: what
 * is rolled back, such as a dry run, gives its numbers back.
 */
export const numberCounters = pgTable(
  "number_counters",
  {
    kind: text("kind").primaryKey(),
    last: big("last")
      .notNull()
      .default(sql`0`),
  },
  (t) => [
    check(
      "number_counters_kind",
      sql`${t.kind} in ('member', 'withdrawal', 'payout_batch', 'payout_detail', 'run', 'bill', 'collection', 'statement_line', 'reconciliation', 'proposal')`,
    ),
    check("number_counters_last", sql`${t.last} >= 0`),
  ],
);

/** One row per thing that only one session may do at a time; the row says which session does it now. */
export const runSlots = pgTable("run_slots", {
  name: text("name").primaryKey(),
  runId: big("run_id"),
  backendPid: integer("backend_pid"),
  backendStartedAt: instant("backend_started_at"),
  operator: text("operator"),
  host: text("host"),
  takenAt: instant("taken_at"),
});
