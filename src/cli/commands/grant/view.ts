import { fundFen } from "../../../domain/grants/model.ts";
import type { GrantRun } from "../../../domain/grants/run-sql.ts";
import { formatYuan } from "../../../shared/money.ts";

/** The JSON form of a recorded grant run. */
export const grantRunDocument = (run: GrantRun) => ({
  run_id: run.runId,
  business_date: run.businessDate,
  status: run.status,
  orders: run.orders,
  members: run.members,
  points_granted: run.pointsGranted,
  points_clawed_back: run.pointsClawedBack,
  contribution: formatYuan(run.contributionFen),
  fund: formatYuan(fundFen(run)),
  skipped_orders: run.skippedOrders,
  skipped_points: run.skippedPoints,
  operator: run.operator,
  host: run.host,
  started_at: run.startedAt,
  finished_at: run.finishedAt,
});
