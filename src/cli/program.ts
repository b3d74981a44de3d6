import { Command, CommanderError } from "commander";
import { usageError } from "../shared/errors.ts";
import { completionWord } from "./completion/word.ts";
import { entryFor, sharedFlags, withHelpAsOption, withSharedOptionsBehind } from "./command-line.ts";
import { helpTopics, topicText } from "./help-topics.ts";
import { manifest, nouns, type ManifestEntry } from "./manifest.ts";
import type { Session } from "./session.ts";
import type { SharedOptions } from "./shared-options.ts";
import { loadVerb } from "./verb.ts";

/** How a command line ended when no error was thrown. */
export type Outcome = { readonly exitCode: number };

/** Makes the session of a command; of none, to complete a command line. */
export type OpenSession = (options: SharedOptions, command?: ManifestEntry) => Promise<Session>;

/** Where help goes: to stdout when it was asked for, to stderr when a command is missing. */
export interface HelpOutput {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly columns: number;
}

const topicsText = (): string => {
  const topics = helpTopics();
  const width = Math.max(...topics.map(({ name }) => name.length));
  const lines = topics.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `\nTopics (accrue help <topic>):\n${lines.join("\n")}\n\nStart with \`accrue demo\` (plays the main job on sample files) or \`accrue init\`.\n`;
};

/**
 * Builds the whole command tree, with the code of only the one verb that the command line names.
 *
 * @param onRun receives the exit code that the verb gives
 */
export async function buildProgram(
  argv: readonly string[],
  version: string,
  session: OpenSession,
  output: HelpOutput,
  onRun: (exitCode: number) => void,
): Promise<Command> {
  const program = new Command("accrue")
    .description("The back office of a consumer-rebate points platform.")
    .version(version)
    .helpCommand(false)
    .configureOutput({
      writeOut: output.write,
      writeErr: output.writeError,
      outputError: () => {}, // its complaints become usage errors
      getOutHelpWidth: () => output.columns,
      getErrHelpWidth: () => output.columns,
    })
    .exitOverride()
    .addHelpText("after", `\nBefore or after a command:\n  ${sharedFlags.join(", ")}\n`)
    .addHelpText("after", topicsText);
  const named = entryFor(argv);
  for (const entry of manifest) {
    const verb = parentOf(program, entry).command(entry.path.at(-1)!).description(entry.summary).helpCommand(false);
    if (entry !== named) {
      // Only an option between its words leads to a verb that the command line was not seen to name.
      if (entry.path.length > 1)
        verb
          .allowUnknownOption()
          .allowExcessArguments()
          .action(() => misplaced(entry));
      continue;
    }
    const definition = await loadVerb(entry, verb);
    verb.action(async () => {
      const options: SharedOptions = verb.opts();
      onRun((await definition.run(await session(options, entry), verb.processedArgs as never, options as never)) ?? 0);
    });
  }
  return program;
}

const misplaced = ({ path }: ManifestEntry): never => {
  throw usageError("usage", `options of a command come after all of its words: \`accrue ${path.join(" ")} …\``, {
    hint: `before them only ${sharedFlags.join(", ")}; see \`accrue ${path.join(" ")} --help\``,
  });
};

function parentOf(program: Command, { path }: ManifestEntry): Command {
  const [noun, verb] = path;
  if (verb === undefined) return program;
  const found = program.commands.find((command) => command.name() === noun);
  return (
    found ??
    program
      .command(noun)
      .description(nouns[noun] ?? "")
      .helpCommand(false)
  );
}

/**
 * Parses a command line and runs it.
 *
 * @throws a usage error for what commander refuses; whatever the command itself throws
 */
export async function runProgram(
  typed: readonly string[],
  version: string,
  session: OpenSession,
  output: HelpOutput,
): Promise<Outcome> {
  if (typed[0] === completionWord) {
    output.write(await completionText(typed.slice(1), () => session({ quiet: true })));
    return { exitCode: 0 };
  }
  const words = withSharedOptionsBehind(typed);
  const topic = words[0] === "help" && words.length === 2 ? topicText(words[1]!) : undefined;
  if (topic !== undefined) {
    output.write(topic);
    return { exitCode: 0 };
  }
  let exitCode = 0;
  const argv = withHelpAsOption(words);
  const program = await buildProgram(argv, version, session, output, (code) => (exitCode = code));
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { exitCode: 0 };
    throw fromCommander(error, argv);
  }
  return { exitCode };
}

async function completionText(words: readonly string[], open: () => Promise<Session>): Promise<string> {
  const { completionText } = await import("./completion/answer.ts");
  const { askWithin } = await import("./completion/live.ts");
  return completionText(words, askWithin(open));
}

function fromCommander(error: CommanderError, argv: readonly string[]): Error {
  const path = entryFor(argv)?.path ?? argv.slice(0, argv[0] !== undefined && argv[0] in nouns ? 1 : 0);
  const help = ["accrue", ...path, "--help"].join(" ");
  if (error.code === "commander.help") {
    return usageError("missing_command", "say what to do: a command is missing", { hint: `see \`${help}\`` });
  }
  const [message = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const suggestion = rest
    .join(" ")
    .trim()
    .replace(/^\(Did you mean (.*)\?\)$/, "did you mean $1? ");
  const isMisplaced = error.code === "commander.unknownOption" && entryFor(argv) === undefined;
  const place = `before the command stand only ${sharedFlags.join(", ")}; other options come after it; `;
  return usageError("usage", message, { hint: `${isMisplaced ? place : suggestion}see \`${help}\`` });
}
