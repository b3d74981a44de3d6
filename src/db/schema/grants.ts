import { sql } from "drizzle-orm";
import { check, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";

/** One execution of the points-grant batch. Its figures are those of the chunks committed so far. */
export const grantRuns = pgTable(
  "grant_runs",
  {
    runId: big("run_id").primaryKey(),
    businessDate: businessDate("business_date").notNull(),
    status: text("status", { enum: ["running", "complete", "interrupted"] }).notNull(),
    operator: text("operator").notNull(),
    host: text("host").notNull(),
    startedAt: instant("started_at").notNull(),
    finishedAt: instant("finished_at"),
    orders: big("orders")
      .notNull()
      .default(sql`0`),
    members: big("members")
      .notNull()
      .default(sql`0`),
    pointsGranted: big("points_granted")
      .notNull()
      .default(sql`0`),
    pointsClawedBack: big("points_clawed_back")
      .notNull()
      .default(sql`0`),
    contributionFen: big("contribution_fen")
      .notNull()
      .default(sql`0`),
    skippedOrders: big("skipped_orders")
      .notNull()
      .default(sql`0`),
    skippedPoints: big("skipped_points")
      .notNull()
      .default(sql`0`),
    /** Orders whose points wait since this run for what their merchants owe. */
    waitingOrders: big("waiting_orders")
      .notNull()
      .default(sql`0`),
    /** Orders that wait since this run for evidence of their payment. */
    unevidencedOrders: big("unevidenced_orders")
      .notNull()
      .default(sql`0`),
  },
  (t) => [
    index("grant_runs_business_date").on(t.businessDate),
    check("grant_runs_status", sql`${t.status} in ('running', 'complete', 'interrupted')`),
  ],
);

/**
 * What an order would have earned and did not, and why: orders of closed members are reported, once each, and not lost.
 */
export const grantSkips = pgTable(
  "grant_skips",
  {
    memberId: big("member_id").notNull(),
    orderId: big("order_id").notNull(),
    runId: big("run_id").notNull(),
    points: big("points").notNull(),
    netFen: big("net_fen").notNull(),
    reason: text("reason", { enum: ["member_closed"] }).notNull(),
  },
  (t) => [primaryKey({ name: "grant_skips_pkey", columns: [t.memberId, t.orderId] })],
);

/**
 * Orders whose contribution is booked and whose points wait until their merchant has paid it, where the policy grants
 * on collection. A run takes them out and puts them back into the feed once the merchant is cleared.
 */
export const uncollectedOrders = pgTable(
  "uncollected_orders",
  {
    memberId: big("member_id").notNull(),
    orderId: big("order_id").notNull(),
    /** Of the change that was settled last. */
    importId: big("import_id").notNull(),
    merchantId: big("merchant_id").notNull(),
    netFen: big("net_fen").notNull(),
    /** When the order was paid. */
    businessDate: businessDate("business_date").notNull(),
    /** The date on which its contribution was booked: what has to be paid for. */
    bookedOn: businessDate("booked_on").notNull(),
  },
  (t) => [
    primaryKey({ name: "uncollected_orders_pkey", columns: [t.memberId, t.orderId] }),
    index("uncollected_orders_merchant_id").on(t.merchantId, t.bookedOn),
  ],
);
