import { listGrantRuns } from "../../../domain/grants/read.ts";
import { usageError } from "../../../shared/errors.ts";
import { choice, date, idOr } from "../../flags.ts";
import { grantRun } from "./view.ts";
import { defineList } from "../../list.ts";

/** Reads a run id. */
export const readRunId = idOr((text) =>
  usageError("invalid_run_id", `"${text}" is no run id`, { hint: "`accrue grant list` shows them" }),
);

const statuses = ["running", "complete", "interrupted"] as const;

export const command = defineList({
  examples: [
    ["accrue grant list", "the newest grant runs"],
    ["accrue grant list --from 2026-01-01 --to 2026-01-31 --json", "a month of them, one object a line"],
  ],
  thing: grantRun,
  nothing: "no grant runs",
  keyName: "run id (runs are listed newest first)",
  key: { read: readRunId, write: String },
  configure: (command) =>
    command
      .addOption(date("--from <date>", "of this business date or later"))
      .addOption(date("--to <date>", "of this business date or earlier"))
      .addOption(choice("--status <status>", "of this status", statuses)),
  get:
    ({ from, to, status }) =>
    (context, page) =>
      listGrantRuns(context, { from, to, status }, page),
});
