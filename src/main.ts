import { readFileSync } from "node:fs";
import { exitCodeOf } from "./cli/exit-codes.ts";
import type { SharedOptions } from "./cli/command.ts";
import { toAccrueError } from "./db/errors.ts";
import { Ui, type Streams } from "./ui/ui.ts";
import { interruptedError } from "./shared/errors.ts";

const version = (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;

/**
 * Runs one command line. Every error ends here: it is printed, and becomes the exit code.
 *
 * @returns the exit code; see `cli/exit-codes.ts`
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv, streams: Streams): Promise<number> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V")) {
    streams.stdout.write(`${version}\n`);
    return 0;
  }
  const stop = new AbortController();
  // Until the options are parsed, a look at the words has to do: a usage error must know whether to speak JSON.
  let ui = new Ui(streams, env, { json: argv.includes("--json"), debug: argv.includes("--debug") });
  const forget = listenForSignals(stop, (text) => ui.note(text));
  let close = async () => {};
  try {
    const { runProgram } = await import("./cli/program.ts");
    // The database client comes with the session, and loading it takes longer than all the rest: help does without.
    const openSession = async (options: SharedOptions) => {
      const { Session } = await import("./cli/session.ts");
      ui = new Ui(streams, env, options);
      const session = new Session(ui, env, stop.signal, options);
      close = () => session.close();
      return session;
    };
    const output = { write: (text: string) => void streams.stdout.write(text), columns: streams.stdout.columns ?? 100 };
    return (await runProgram(argv, version, openSession, output)).exitCode;
  } catch (error) {
    // After a signal, whatever broke, broke because of it.
    const shown: unknown = stop.signal.aborted ? stop.signal.reason : toAccrueError(error);
    ui.error(shown);
    return exitCodeOf(shown);
  } finally {
    await close().catch(() => {});
    forget();
  }
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
