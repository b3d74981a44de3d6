import { sql } from "drizzle-orm";
import { check, jsonb, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";

/**
 * Business dates that a settlement run has come to. One that has no row is open, if it is not before the first that has
 * one. A closed date takes no further entries: the database refuses them.
 */
export const businessDates = pgTable(
  "business_dates",
  {
    businessDate: businessDate("business_date").primaryKey(),
    state: text("state", { enum: ["open", "running", "failed", "closed"] }).notNull(),
    /** The step that it is at or failed in. */
    step: text("step"),
    /** The settlement run that came to it last. */
    runId: big("run_id").notNull(),
    since: instant("since").notNull(),
    operator: text("operator").notNull(),
    host: text("host").notNull(),
    error: text("error"),
    closedAt: instant("closed_at"),
    reopenedBy: text("reopened_by"),
    reopenedAt: instant("reopened_at"),
    reopenReason: text("reopen_reason"),
  },
  (t) => [
    check("business_dates_state", sql`${t.state} in ('open', 'running', 'failed', 'closed')`),
    check("business_dates_closed_at", sql`(${t.state} = 'closed') = (${t.closedAt} is not null)`),
    check("business_dates_reopened", sql`num_nulls(${t.reopenedBy}, ${t.reopenedAt}, ${t.reopenReason}) in (0, 3)`),
  ],
);

/**
 * One execution of `accrue settle`. Its id comes from the sequence that numbers grant runs, too: a run id names one
 * run.
 */
export const settlementRuns = pgTable(
  "settlement_runs",
  {
    runId: big("run_id").primaryKey(),
    state: text("state", { enum: ["running", "complete", "failed", "interrupted"] }).notNull(),
    operator: text("operator").notNull(),
    host: text("host").notNull(),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at"),
    summary: jsonb("summary").notNull().default({}),
  },
  (t) => [
    check("settlement_runs_state", sql`${t.state} in ('running', 'complete', 'failed', 'interrupted')`),
    check("settlement_runs_ended_at", sql`(${t.state} = 'running') = (${t.endedAt} is null)`),
  ],
);

/**
 * The steps of a run, numbered from 1. Import and billing belong to no business date: they come before all of them and
 * behind.
 */
export const settlementSteps = pgTable(
  "settlement_steps",
  {
    runId: big("run_id")
      .notNull()
      .references(() => settlementRuns.runId),
    stepNo: smallint("step_no").notNull(),
    businessDate: businessDate("business_date"),
    step: text("step", { enum: ["import", "grant", "expire", "verify", "close", "bill", "suspend"] }).notNull(),
    state: text("state", { enum: ["running", "done", "failed", "interrupted"] }).notNull(),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at"),
    counts: jsonb("counts").notNull().default({}),
  },
  (t) => [
    primaryKey({ name: "settlement_steps_pkey", columns: [t.runId, t.stepNo] }),
    check(
      "settlement_steps_step",
      sql`${t.step} in ('import', 'grant', 'expire', 'verify', 'close', 'bill', 'suspend')`,
    ),
    check("settlement_steps_state", sql`${t.state} in ('running', 'done', 'failed', 'interrupted')`),
    check(
      "settlement_steps_business_date",
      sql`(${t.step} in ('import', 'bill', 'suspend')) = (${t.businessDate} is null)`,
    ),
    check("settlement_steps_ended_at", sql`(${t.state} = 'running') = (${t.endedAt} is null)`),
  ],
);
