import type { Command as TypedCommand } from "@commander-js/extra-typings";
import type { Command } from "commander";
import type { AnyCommand, Examples } from "./command.ts";
import type { ManifestEntry } from "./manifest.ts";
import { addSharedOptions } from "./shared-options.ts";

const examplesText = (examples: Examples): string =>
  `\nExamples:\n${examples.map(([line, purpose]) => `  $ ${line}\n      ${purpose}`).join("\n")}\n`;

/** Loads the code of a command, and gives `verb` its arguments, options and examples. */
export async function loadVerb(entry: ManifestEntry, verb: Command): Promise<AnyCommand> {
  const { command: definition } = await entry.load();
  definition.configure?.(verb as unknown as TypedCommand);
  addSharedOptions(verb).addHelpText("after", examplesText(definition.examples));
  return definition;
}
