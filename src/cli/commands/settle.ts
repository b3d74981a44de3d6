import { parseMaxRejects } from "../../imports/max-rejects.ts";
import { settle } from "../../night/settle.ts";
import { summaryDocument } from "../../night/documents.ts";
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit-codes.ts";
import { duration } from "../flags.ts";
import { addNightOptions, watchNight } from "./settle/night-watch.ts";
import { secretBoxOf } from "../secret-box.ts";
import { addSettleOptions, settleWork } from "./settle/options.ts";
import { isPlanAgreed, showPlan } from "./settle/plan-view.ts";
import { settlementPage } from "./settle/view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue settle --inbox /srv/accrue/inbox",
      "settle every business date up to yesterday that is not closed; safe to repeat; asks on a terminal",
    ],
    [
      "accrue settle --wait 10m",
      "wait for another settlement or grant run that is at work, instead of exiting with 75",
    ],
    [
      "accrue settle --metrics-file /var/lib/node_exporter/accrue.prom --on-failure 'mail -s accrue ops'",
      "report to monitors and people how the night went",
    ],
    [
      "accrue settle --expect 'orders/pos-{date}.csv' --expect 'orders/jd-{date}*.csv'",
      "refuse, and close nothing, while one of these has not come for a date",
    ],
    ["accrue settle --until 2026-01-31", "settle up to that date and no further"],
  ],
  configure: (command) =>
    addNightOptions(
      addSettleOptions(command)
        .addOption(
          duration(
            "--wait <time>",
            "how long to wait for the end of another settlement or grant run, such as 10m (default: not at all)",
          ),
        )
        .option("--yes", "on a terminal, do not show the plan and ask; off one nobody is asked")
        .option(
          "--max-rejects <limit>",
          "set a whole file aside of which more than N rows, or N%, are rejected (default: more than 10 rows and 50%, of requests and results any)",
          parseMaxRejects,
        )
        .option("--dry-run", "show what it would do, as `accrue settle plan` does, and do nothing"),
    ),
  run: async (session, _args, options) => {
    const work = settleWork(session, options);
    const { maxRejects, wait: waitMs = 0 } = options;
    if (session.isDry) return void (await showPlan(session, work));
    // Cron has nobody to ask: what a scheduler starts is agreed to.
    if (session.ui.interactive && options.yes !== true && !(await isPlanAgreed(session, work))) return;
    return watchNight(session, options, async (onEvent) => {
      const summary = await settle(await session.open(), {
        ...work,
        maxRejects,
        waitMs,
        secretBox: () => secretBoxOf(session),
        onEvent,
      });
      await session.ui.show(summaryDocument(summary), (page) => settlementPage(page, summary));
      return summary.files.some(({ outcome, rejected }) => outcome === "failed" || rejected > 0)
        ? exitCodes.rowsRejected
        : exitCodes.done;
    });
  },
});
