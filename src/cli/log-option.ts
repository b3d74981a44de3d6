import type { Command, OptionValues } from "@commander-js/extra-typings";
import { Option } from "commander";

/**
 * `--log-format`, for commands that work long enough to be watched by a log collector. Its value is read before the
 * command line is parsed.
 */
export function addLogOption<Args extends unknown[], Options extends OptionValues>(
  command: Command<Args, Options>,
): Command<Args, Options> {
  const option = new Option("--log-format <format>", "how progress, notes and errors are written to stderr");
  return command.addOption(option.choices(["text", "json"]).default("text")) as unknown as Command<Args, Options>;
}
