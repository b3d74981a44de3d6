import { spawn } from "node:child_process";
import type { SpawnOptions } from "node:child_process";
import type { ServerAccount } from "./account.ts";

/** How a server program ended: its exit code (or the signal or system error that ended it) and all it said. */
export interface ProgramResult {
  readonly ok: boolean;
  readonly outcome: string;
  readonly output: string;
}

/** Longest time one of initdb and its like may take, far above the second they need. */
const LIMIT_SECONDS = 300;

/** Spawn options that every server program shares: the account, a plain environment, and a process group of its own. */
export const programOptions = (account: ServerAccount): SpawnOptions => ({
  cwd: "/",
  // Only this: a PGDATA, PGPORT or LC_MESSAGES of the user's shell must not change what the server is.
  env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
  // Ctrl-C at the terminal goes to the foreground process group; it must not reach the server.
  detached: true,
  ...(account.switches ? { uid: account.uid, gid: account.gid } : {}),
});

/**
 * Runs a server program to its end and collects what it says. Never throws for a program that fails; see `ok`.
 *
 * @param input what the program reads from its standard input
 * @throws the signal's reason, once the program has been ended, when the signal aborts
 */
export const runProgram = async (
  program: string,
  args: readonly string[],
  options: { readonly account: ServerAccount; readonly input?: string; readonly signal?: AbortSignal | undefined },
): Promise<ProgramResult> => {
  options.signal?.throwIfAborted();
  const result = await new Promise<ProgramResult>((resolve) => {
    const child = spawn(program, args, {
      ...programOptions(options.account),
      stdio: ["pipe", "pipe", "pipe"],
      timeout: LIMIT_SECONDS * 1000,
      killSignal: "SIGKILL",
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    // A program that dies at once closes its input; how it ended says more than the broken pipe.
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
    child.once("error", (error) => resolve({ ok: false, outcome: error.message, output }));
    child.once("close", (code, signal) =>
      resolve({ ok: code === 0, outcome: code === null ? `ended by ${signal}` : `exit code ${code}`, output }),
    );
  });
  options.signal?.throwIfAborted();
  return result;
};

/** The last lines of a text: enough to see why, short enough to print. */
export const tail = (text: string, lines = 20): string => text.trimEnd().split("\n").slice(-lines).join("\n");
