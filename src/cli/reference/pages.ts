import { Command } from "commander";
import { manifest, nouns, type ManifestEntry } from "../manifest.ts";
import { addSharedOptions } from "../shared-options.ts";
import { loadVerb } from "../verb.ts";

/** An argument or option as it is written, and what it is. */
export type Term = readonly [written: string, about: string];

/** One command, as `--help` describes it. */
export interface CommandText {
  /** `accrue member list` */
  readonly name: string;
  readonly summary: string;
  /** What stands after the name: `[options] <file...>`. */
  readonly usage: string;
  readonly args: readonly Term[];
  /** Its own options; those of every command are described once. */
  readonly options: readonly Term[];
  /** What the help says at its end: columns of files, examples. */
  readonly notes: string;
}

/** The commands of one noun, or one command that has none. */
export interface Chapter {
  readonly word: string;
  readonly summary: string;
  readonly commands: readonly CommandText[];
}

/** Everything that the program can do, in the order of its help. */
export async function chapters(): Promise<readonly Chapter[]> {
  const words = [...new Set(manifest.map(({ path }) => path[0]))];
  return Promise.all(
    words.map(async (word) => {
      const entries = manifest.filter(({ path }) => path[0] === word);
      const commands = await Promise.all(entries.map(commandText));
      return { word, summary: nouns[word] ?? entries[0]!.summary, commands };
    }),
  );
}

/** The options of every command. */
export const sharedOptions = (): readonly Term[] => optionTerms(addSharedOptions(new Command()));

function optionTerms(command: Command): readonly Term[] {
  const help = command.createHelp();
  return help.visibleOptions(command).map((option) => [help.optionTerm(option), help.optionDescription(option)]);
}

async function commandText(entry: ManifestEntry): Promise<CommandText> {
  const verb = new Command(`accrue ${entry.path.join(" ")}`);
  await loadVerb(entry, verb);
  const help = verb.createHelp();
  const shared = new Set(sharedOptions().map(([written]) => written));
  return {
    name: verb.name(),
    summary: entry.summary,
    usage: verb.usage(),
    args: help.visibleArguments(verb).map((one) => [help.argumentTerm(one), help.argumentDescription(one)]),
    options: optionTerms(verb).filter(([written]) => !shared.has(written)),
    notes: notesOf(verb),
  };
}

/** What was added after the help of a command. */
function notesOf(verb: Command): string {
  let whole = "";
  verb.configureOutput({ writeOut: (text) => (whole += text) }).outputHelp();
  return whole.slice(verb.helpInformation().length).trim();
}
