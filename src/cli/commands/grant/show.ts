import { fundFen } from "../../../domain/grants/model.ts";
import { showGrantRun } from "../../../domain/grants/read.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { grantRunDocument } from "./view.ts";
import { readRunId } from "./list.ts";

export const command = defineCommand({
  examples: [["accrue grant show 12", "one grant run: its counts and sums, who ran it, and how it ended"]],
  configure: (command) =>
    command.argument("<run-id>", "the run, as `accrue grant list` shows it", readRunId),
  run: async (session, [runId]) => {
    const context = await session.open();
    const { run, actions } = await showGrantRun(context, runId);
    const document = { ...grantRunDocument(run), actions: actions.map(({ at, operator, host, action }) => ({ at, operator, host, action })) };
    await session.ui.show(document, (page) => {
      page.heading(`grant run ${run.runId} for ${run.businessDate}`).facts([
        ["status", run.status],
        ["by", `${run.operator} on ${run.host}`],
        ["started", formatInstant(run.startedAt, context.zone)],
        ["finished", run.finishedAt === null ? undefined : formatInstant(run.finishedAt, context.zone)],
        ["orders settled", String(run.orders)],
        ["members", String(run.members)],
        ["points granted", String(run.pointsGranted)],
        ["points clawed back", String(run.pointsClawedBack)],
        ["merchants contribute", formatYuan(run.contributionFen)],
        ["into the points fund", formatYuan(fundFen(run))],
        ["skipped", run.skippedOrders === 0n ? undefined : `${run.skippedOrders} ${run.skippedOrders === 1n ? "order" : "orders"} of closed members, ${run.skippedPoints} points`],
      ]);
      for (const { at, operator, action } of actions) page.line(`${formatInstant(at, context.zone)}  ${operator}  ${action}`);
    });
  },
});
