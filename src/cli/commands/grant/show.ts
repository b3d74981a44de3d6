import { showGrantRun } from "../../../domain/grants/read.ts";
import { defineShow } from "../../show.ts";
import { readRunId } from "./list.ts";
import { grantRunPage, grantRunStory, shownRun } from "./view.ts";

export const command = defineShow({
  examples: [["accrue grant show 12", "one grant run: its counts and sums, who ran it, and how it ended"]],
  thing: grantRunStory,
  page: grantRunPage,
  configure: (command) => command.argument("<run-id>", "the run, as `accrue grant list` shows it", readRunId),
  get:
    (_options, [runId]) =>
    async (context) =>
      shownRun(await showGrantRun(context, runId)),
});
