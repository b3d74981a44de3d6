import { settlementStatus, type DateStatus, type SettlementStatus } from "../../../night/status.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { defineCommand } from "../../command.ts";
import type { Page } from "../../../ui/page.ts";
import { countText } from "../../import-view.ts";
import { addFormOptions, documentsOf, figure, tableOf, type Thing } from "../../fields.ts";
import { limit } from "../../flags.ts";
import { tellWithin } from "../../list.ts";

/** The state of a business date. */
const settledDate: Thing<DateStatus> = {
  fields: {
    business_date: { of: (date) => date.businessDate, heading: "date", key: true },
    state: { of: (date) => date.state },
    step: { of: (date) => date.step ?? null },
    run_id: figure((date) => date.runId ?? null, { heading: "run" }),
    since: { of: (date) => date.since ?? null, key: true },
    operator: {
      of: (date) => date.operator ?? null,
      heading: "by",
      rank: 2,
      text: (date) => (date.operator === undefined ? "" : `${date.operator} on ${date.host}`),
    },
    host: { of: (date) => date.host ?? null },
    error: { of: (date) => date.error ?? null },
    closed_at: { of: (date) => date.closedAt ?? null },
    reopened_by: { of: (date) => date.reopenedBy ?? null },
    reopened_at: { of: (date) => date.reopenedAt ?? null },
    reopen_reason: { of: (date) => date.reopenReason ?? null },
  },
  columns: ["business_date", "state", "step", "since", "run_id", "operator"],
};

export const command = defineCommand({
  examples: [
    [
      "accrue settle status",
      "the newest business dates: which are open, closed, running or failed, where, why, since when, by whom",
    ],
    [
      "accrue settle status --json | jq -e '.dates[0].state == \"closed\"'",
      "whether yesterday is closed, for a monitor",
    ],
  ],
  configure: (command) =>
    addFormOptions(
      command.addOption(limit("--limit <dates>", "at most this many dates, the newest first (default: 14)")),
      settledDate,
    ),
  run: async (session, _args, { limit = 14 }) => {
    const context = await session.openToRead();
    const { dates, areMore, lastClosed, running, lastRun } = await settlementStatus(context, limit);
    const document = {
      last_closed: lastClosed ?? null,
      running:
        running === undefined
          ? null
          : { run_id: running.runId, operator: running.operator, host: running.host, since: running.takenAt },
      last_run:
        lastRun === undefined
          ? null
          : {
              run_id: lastRun.runId,
              state: lastRun.state,
              operator: lastRun.operator,
              host: lastRun.host,
              started_at: lastRun.startedAt,
              ended_at: lastRun.endedAt,
              failure: lastRun.summary.failure ?? null,
            },
      dates: documentsOf(settledDate, dates),
      more: areMore,
    };
    const rows = { nothing: "no dates", of: dates, zone: context.zone };
    await tellWithin(session, settledDate, rows, () =>
      session.ui.show(document, (page) => {
        tableOf(page, settledDate, dates, context.zone);
        // Not a column: what failed has to be shown to its last word, however narrow the screen.
        for (const date of dates) whyLine(page, date);
        lastRunLine(page, lastRun, dates, context.zone);
        if (areMore) page.line(`${countText(dates.length)} dates; --limit shows older ones, too`);
        if (running !== undefined)
          page.line(
            `run ${running.runId} of ${running.operator} on ${running.host} is at work, since ${formatInstant(running.takenAt, context.zone)}`,
          );
        page.line(lastClosed === undefined ? "no date is closed yet" : `closed up to ${lastClosed}`);
      }),
    );
  },
});

function whyLine(page: Page, { businessDate, state, error, reopenedBy, reopenReason }: DateStatus): void {
  const isReopened = state === "open" && typeof reopenedBy === "string";
  const why =
    state === "interrupted"
      ? "its run died; the next one takes over"
      : (error ?? (isReopened ? `reopened by ${reopenedBy}: ${reopenReason}` : undefined));
  if (why !== undefined) page.line(`${businessDate} ${state}: ${why}`);
}

/** Says how the last run ended, when that went wrong and no date says it: it came to none, or died between two. */
function lastRunLine(page: Page, run: SettlementStatus["lastRun"], dates: readonly DateStatus[], zone: string): void {
  if (run === undefined || dates.some(({ runId, state }) => runId === run.runId && state !== "closed")) return;
  const {
    state,
    endedAt,
    summary: { failure },
  } = run;
  const who = `run ${run.runId} of ${run.operator} on ${run.host}`;
  if (failure !== undefined && failure !== null)
    page.line(
      `${who} ${state}${failure.step === null ? "" : ` at ${failure.step}`}, ${formatInstant(endedAt!, zone)}: ${failure.code}: ${failure.message}`,
    );
  else if (state === "interrupted") page.line(`${who} died; the next one takes over`);
}
