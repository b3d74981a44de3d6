import { completionWord } from "./cli/completion/word.ts";
import { exitCodeOf, exitCodes } from "./cli/exit-codes.ts";
import type { ManifestEntry } from "./cli/manifest.ts";
import type { Surroundings } from "./cli/session.ts";
import type { SharedOptions } from "./cli/shared-options.ts";
import { version } from "./cli/version.ts";
import { answerLost, isLateDriverWrite } from "./db/driver/lost-queries.ts";
import { toAccrueError } from "./db/errors.ts";
import type { Log } from "./ui/log.ts";
import { Output } from "./ui/output.ts";
import { Ui, type Streams } from "./ui/ui.ts";
import { interruptedError, usageError } from "./shared/errors.ts";

const widestHelp = 100;

/**
 * Runs one command line. Every error ends here: it is printed, and becomes the exit code.
 *
 * @param surroundings what a test sets in place of the real thing
 * @returns the exit code; see `cli/exit-codes.ts`
 */
export async function main(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  streams: Streams,
  surroundings: Surroundings = {},
): Promise<number> {
  const output = new Output(streams.stdout);
  streams.stderr.on("error", () => {}); // nobody is left to tell; the work goes on
  const log = asksForJsonLog(argv) ? (await import("./ui/log.ts")).openLog(streams.stderr) : undefined;
  const exitCode = await run(argv, env, streams, surroundings, output, log);
  await output.settled();
  // A database that is slow to answer would keep the shell waiting: what is still open is dropped.
  if (argv[0] === completionWord && streams === process) process.exit(exitCode);
  if (output.failure === undefined) return exitCode;
  const lost = usageError("output_failed", `cannot write the result: ${output.failure.message}`, {
    hint: "what the command did is done; only its output is incomplete",
  });
  uiFor(argv, env, streams, new AbortController().signal, log).error(lost);
  return exitCode === exitCodes.done ? exitCodes.bug : exitCode;
}

/**
 * What is wrong with a command line is said in the format that it asks for, so that is looked up before it is parsed.
 */
const asksForJsonLog = (argv: readonly string[]): boolean =>
  argv.includes("--log-format=json") ||
  argv.some((word, index) => word === "--log-format" && argv[index + 1] === "json");

/** Before the options are parsed, a look at the words has to do: a usage error must know whether to speak JSON. */
function uiFor(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  streams: Streams,
  signal: AbortSignal,
  log: Log | undefined,
): Ui {
  return new Ui(streams, env, { json: argv.includes("--json"), debug: argv.includes("--debug"), log }, signal);
}

async function run(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  streams: Streams,
  surroundings: Surroundings,
  output: Output,
  log: Log | undefined,
): Promise<number> {
  if (argv.length === 1 && ["--version", "-V", "version"].includes(argv[0]!)) {
    await output.write(`${version}\n`);
    return 0;
  }
  const stop = new AbortController();
  let ui = uiFor(argv, env, streams, stop.signal, log);
  const forgetSignals = listenForSignals(stop, (text) => ui.note(text));
  const forgetUncaught = listenForUncaught((error) => ui.error(error));
  const forgetLostAnswers = listenForLostAnswers((error) => ui.error(error));
  let close = async () => {};
  let named = (error: unknown) => error;
  try {
    const { runProgram } = await import("./cli/program.ts");
    // The database client comes with the session, and loading it takes longer than all the rest: help does without.
    const openSession = async (options: SharedOptions, command?: ManifestEntry) => {
      const { Session } = await import("./cli/session.ts");
      ui = new Ui(streams, env, { ...options, log }, stop.signal);
      const session = new Session(ui, env, stop, options, surroundings, command);
      close = () => session.close();
      named = (error) => session.named(error);
      return session;
    };
    const help = {
      write: (text: string) => void output.write(text),
      writeError: (text: string) => ui.usage(text),
      columns: Math.min(streams.stdout.columns > 0 ? streams.stdout.columns : widestHelp, widestHelp),
    };
    return (await runProgram(argv, version, openSession, help)).exitCode;
  } catch (error) {
    // After a signal, or when the database was given up, that is the reason; other errors only follow from it.
    const shown: unknown = stop.signal.aborted ? stop.signal.reason : named(toAccrueError(error));
    ui.error(shown);
    return exitCodeOf(shown);
  } finally {
    await close().catch(() => {});
    forgetSignals();
    forgetLostAnswers();
    // A process of its own keeps listening until it ends.
    if (streams !== process) forgetUncaught();
  }
}

/** Reports an uncaught exception like any unexpected error (exit 1), without a stack trace, and ends the process. */
function listenForUncaught(report: (error: unknown) => void): () => void {
  const onUncaught = (error: unknown) => {
    if (isLateDriverWrite(error)) return;
    report(error);
    process.exit(exitCodes.bug);
  };
  process.on("uncaughtException", onUncaught);
  return () => process.off("uncaughtException", onUncaught);
}

/**
 * Ends a process that waits for a statement whose answer was lost (see `db/driver`) as one that lost its connection.
 * Node itself would end it, when its event loop has nothing left to wait for, with exit 13 and without a message.
 */
function listenForLostAnswers(report: (error: unknown) => void): () => void {
  const onEmptyLoop = () => {
    const error = toAccrueError(answerLost());
    report(error);
    process.exit(exitCodeOf(error));
  };
  process.on("beforeExit", onEmptyLoop);
  return () => process.off("beforeExit", onEmptyLoop);
}

/** First Ctrl-C or SIGTERM: stop at the next safe edge. Second: at once; the server rolls back what was open. */
function listenForSignals(stop: AbortController, note: (text: string) => void): () => void {
  const onSignal = (name: "SIGINT" | "SIGTERM") => {
    const error = interruptedError(name);
    if (stop.signal.aborted) process.exit(exitCodeOf(error));
    note(`${name}: stopping at the next safe edge; once more stops at once`);
    stop.abort(error);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  return () => process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
}
