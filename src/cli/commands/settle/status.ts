import { settlementStatus, type DateStatus } from "../../../settlement/status.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { defineCommand } from "../../command.ts";
import { countText } from "../../import-view.ts";
import { limitOf } from "../../list-options.ts";

export const command = defineCommand<{ limit?: string }>({
  examples: [
    ["accrue settle status", "the newest business dates: which are open, closed, running or failed, where, why, since when, by whom"],
    ["accrue settle status --json | jq -e '.dates[0].state == \"closed\"'", "whether yesterday is closed, for a monitor"],
  ],
  configure: (command) => {
    command.option("--limit <dates>", "at most this many dates, the newest first (default: 14)");
  },
  run: async (session, _args, { limit = "14" }) => {
    const context = await session.open();
    const { dates, areMore, lastClosed, running, lastRun } = await settlementStatus(context, limitOf({ limit }));
    const document = {
      last_closed: lastClosed ?? null,
      running: running === undefined ? null : { run_id: running.runId, operator: running.operator, host: running.host, since: running.takenAt },
      last_run: lastRun === undefined ? null : { run_id: lastRun.runId, state: lastRun.state, operator: lastRun.operator, host: lastRun.host, started_at: lastRun.startedAt, ended_at: lastRun.endedAt },
      dates: dates.map(dateDocument), more: areMore,
    };
    await session.ui.show(document, (page) => {
      page.table(
        [{ heading: "date" }, { heading: "state" }, { heading: "step" }, { heading: "since" }, { heading: "run", align: "right" }, { heading: "by" }, { heading: "why" }],
        dates.map((date) => [
          date.businessDate, date.state, date.step ?? "", date.since === undefined ? "" : formatInstant(date.since, context.zone),
          date.runId?.toString() ?? "", date.operator === undefined ? "" : `${date.operator} on ${date.host}`, whyText(date),
        ]),
      );
      if (areMore) page.line(`${countText(dates.length)} dates; --limit shows older ones, too`);
      if (running !== undefined) page.line(`run ${running.runId} of ${running.operator} on ${running.host} is at work, since ${formatInstant(running.takenAt, context.zone)}`);
      page.line(lastClosed === undefined ? "no date is closed yet" : `closed up to ${lastClosed}`);
    });
  },
});

const dateDocument = (date: DateStatus) => ({
  business_date: date.businessDate,
  state: date.state,
  step: date.step ?? null,
  run_id: date.runId ?? null,
  since: date.since ?? null,
  operator: date.operator ?? null,
  host: date.host ?? null,
  error: date.error ?? null,
  closed_at: date.closedAt ?? null,
  reopened_by: date.reopenedBy ?? null,
  reopened_at: date.reopenedAt ?? null,
  reopen_reason: date.reopenReason ?? null,
});

function whyText({ state, error, reopenedBy, reopenReason }: DateStatus): string {
  if (state === "interrupted") return "its run died; the next one takes over";
  if (error !== null && error !== undefined) return error;
  return state === "open" && reopenedBy !== null && reopenedBy !== undefined ? `reopened by ${reopenedBy}: ${reopenReason}` : "";
}
