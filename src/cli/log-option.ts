import { Option, type Command } from "commander";

/** `--log-format`, for commands that work long enough to be watched by a log collector. Its value is read before the command line is parsed. */
export function addLogOption(command: Command): void {
  command.addOption(
    new Option("--log-format <format>", "how progress, notes and errors are written to stderr").choices(["text", "json"]).default("text"),
  );
}
