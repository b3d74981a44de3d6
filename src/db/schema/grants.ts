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
    orders: big("orders").notNull().default(sql`0`),
    members: big("members").notNull().default(sql`0`),
    pointsGranted: big("points_granted").notNull().default(sql`0`),
    pointsClawedBack: big("points_clawed_back").notNull().default(sql`0`),
    contributionFen: big("contribution_fen").notNull().default(sql`0`),
    skippedOrders: big("skipped_orders").notNull().default(sql`0`),
    skippedPoints: big("skipped_points").notNull().default(sql`0`),
  },
  (t) => [
    index("grant_runs_business_date").on(t.businessDate),
    check("grant_runs_status", sql`${t.status} in ('running', 'complete', 'interrupted')`),
  ],
);

/** What an order would have earned and did not, and why: orders of closed members are reported, once each, and not lost. */
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
