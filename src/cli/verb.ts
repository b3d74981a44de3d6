import type { Command as TypedCommand } from "@commander-js/extra-typings";
import type { Command } from "commander";
import type { AnyCommand, Examples } from "./command.ts";
import { rolesText } from "./command-roles.ts";
import type { ManifestEntry } from "./manifest.ts";
import { addSharedOptions } from "./shared-options.ts";

const examplesText = (examples: Examples): string =>
  `\nExamples:\n${examples.map(([line, purpose]) => `  $ ${line}\n      ${purpose}`).join("\n")}\n`;

/** Loads the code of a command, and gives `verb` its arguments, options, roles and examples. */
export async function loadVerb(entry: ManifestEntry, verb: Command): Promise<AnyCommand> {
  const { command: definition } = await entry.load();
  definition.configure?.(verb as unknown as TypedCommand);
  addSharedOptions(verb)
    .addHelpText("after", `\nMay be run by: ${rolesText(entry.roles)}`)
    .addHelpText("after", examplesText(definition.examples));
  return definition;
}
