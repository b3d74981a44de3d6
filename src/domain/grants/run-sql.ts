import type { Actor } from "../../db/context.ts";
import type { Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { ChunkTotals, Skipped } from "./chunk-sql.ts";

/** A grant run as it is recorded. Points and orders are integers, money is fen. */
export type GrantRun = Row<"grantRuns">;

export async function insertRun(
  tx: Transaction,
  runId: bigint,
  businessDate: BusinessDate,
  { name, host }: Actor,
  now: Date,
): Promise<void> {
  await tx`
    INSERT INTO grant_runs (run_id, business_date, status, operator, host, started_at)
    VALUES (${runId}, ${businessDate}, 'running', ${name}, ${host}, ${now})`;
}

/** The figures of a run or of a part of it: points and orders are counts, money is fen. */
export interface RunTotals extends Omit<ChunkTotals, "moved" | "hasSkips">, Skipped {
  /** Orders whose points wait from now on for what their merchants owe. */
  readonly waitingOrders: bigint;
  /** Orders that wait from now on for evidence of their payment. */
  readonly unevidencedOrders: bigint;
}

/** Adds a chunk's figures to its run; false when the run is not running any more. */
export async function addToRun(tx: Transaction, runId: bigint, totals: RunTotals): Promise<boolean> {
  const added = await tx`
    UPDATE grant_runs SET
      orders = orders + ${totals.orders}, members = members + ${totals.members},
      points_granted = points_granted + ${totals.pointsGranted},
      points_clawed_back = points_clawed_back + ${totals.pointsClawedBack},
      contribution_fen = contribution_fen + ${totals.contributionFen},
      skipped_orders = skipped_orders + ${totals.skippedOrders},
      skipped_points = skipped_points + ${totals.skippedPoints},
      waiting_orders = waiting_orders + ${totals.waitingOrders},
      unevidenced_orders = unevidenced_orders + ${totals.unevidencedOrders}
    WHERE run_id = ${runId} AND status = 'running'`;
  return added.count === 1;
}

/** Ends a running run; false when it was not running. */
export async function endRun(
  tx: Transaction,
  runId: bigint,
  status: "complete" | "interrupted",
  now: Date,
): Promise<boolean> {
  const ended = await tx`UPDATE grant_runs SET status = ${status}, finished_at = ${now}
      WHERE run_id = ${runId} AND status = 'running'`;
  return ended.count === 1;
}

export async function findRun(sql: Sql, runId: bigint): Promise<GrantRun | undefined> {
  const [run] = await sql<GrantRun[]>`SELECT * FROM grant_runs WHERE run_id = ${runId}`;
  return run;
}

/** The newest complete run of a business date, if there is one. */
export async function lastCompleteRun(sql: Sql, businessDate: BusinessDate): Promise<GrantRun | undefined> {
  const [run] = await sql<GrantRun[]>`
    SELECT * FROM grant_runs WHERE business_date = ${businessDate} AND status = 'complete' ORDER BY run_id DESC
    LIMIT 1`;
  return run;
}

/** Which runs are wanted; business dates, both included. */
export interface RunFilter {
  readonly from?: BusinessDate | undefined;
  readonly to?: BusinessDate | undefined;
  readonly status?: GrantRun["status"] | undefined;
}

/** One page of runs, the newest first. */
export async function selectRuns(
  sql: Sql,
  { from, to, status }: RunFilter,
  { after, limit }: PageQuery<bigint>,
): Promise<readonly GrantRun[]> {
  return sql<GrantRun[]>`
    SELECT * FROM grant_runs
    WHERE ${where(sql, [
      from !== undefined && sql`business_date >= ${from}`,
      to !== undefined && sql`business_date <= ${to}`,
      status !== undefined && sql`status = ${status}`,
      after !== undefined && sql`run_id < ${after}`,
    ])}
    ORDER BY run_id DESC LIMIT ${limit}`;
}
