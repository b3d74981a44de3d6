import { listGrantRuns } from "../../../domain/grants/read.ts";
import { usageError } from "../../../shared/errors.ts";
import { choice } from "../../choice.ts";
import { defineCommand } from "../../command.ts";
import { grantRunDocument } from "./view.ts";
import { addPageOptions, dateOption, limitOf, moreText, type PageOptions } from "../../list-options.ts";

const statuses = ["running", "complete", "interrupted"] as const;

interface Options extends PageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly status?: (typeof statuses)[number];
}

export const command = defineCommand<Options>({
  examples: [
    ["accrue grant list", "the newest grant runs"],
    ["accrue grant list --from 2026-01-01 --to 2026-01-31 --json", "a month of them, one object a line"],
  ],
  configure: (command) => {
    command
      .option("--from <date>", "of this business date or later")
      .option("--to <date>", "of this business date or earlier")
      .addOption(choice("--status <status>", "of this status", statuses));
    addPageOptions(command, "run id (runs are listed newest first)");
  },
  run: async (session, _args, options) => {
    const context = await session.open();
    const { runs, hasMore } = await listGrantRuns(context, {
      from: dateOption("--from", options.from),
      to: dateOption("--to", options.to),
      status: options.status,
      after: options.after === undefined ? undefined : runIdOf(options.after),
      limit: limitOf(options),
    });
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

/** Reads a run id. */
export function runIdOf(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw usageError("invalid_run_id", `"${text}" is no run id`, { hint: "`accrue grant list` shows them" });
  return BigInt(text);
}
