import { listGrantRuns } from "../../../domain/grants/read.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { choice, date, idOr } from "../../flags.ts";
import { grantRunDocument } from "./view.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";

/** Reads a run id. */
export const readRunId = idOr((text) => usageError("invalid_run_id", `"${text}" is no run id`, { hint: "`accrue grant list` shows them" }));

const statuses = ["running", "complete", "interrupted"] as const;

export const command = defineCommand({
  examples: [
    ["accrue grant list", "the newest grant runs"],
    ["accrue grant list --from 2026-01-01 --to 2026-01-31 --json", "a month of them, one object a line"],
  ],
  configure: (command) =>
    addPageOptions(command
      .addOption(date("--from <date>", "of this business date or later"))
      .addOption(date("--to <date>", "of this business date or earlier"))
      .addOption(choice("--status <status>", "of this status", statuses)), "run id (runs are listed newest first)", readRunId),
  run: async (session, _args, { from, to, status, after, limit = defaultLimit }) => {
    const context = await session.open();
    const { runs, hasMore } = await listGrantRuns(context, { from, to, status, after, limit });
    await session.ui.list(runs.map(grantRunDocument), (page) => {
      if (runs.length === 0) return void page.line("no grant runs");
      page.table(
        [{ heading: "run", align: "right" }, { heading: "business date", key: true }, { heading: "status" }, { heading: "orders", align: "right" },
          { heading: "granted", align: "right" }, { heading: "clawed back", align: "right" }, { heading: "by", rank: 2 }],
        runs.map((run) => [
          String(run.runId), run.businessDate, run.status, String(run.orders), String(run.pointsGranted), String(run.pointsClawedBack), run.operator,
        ]),
        moreText(hasMore, runs.at(-1)?.runId.toString()),
      );
    });
  },
});
