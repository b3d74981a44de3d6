import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import type { Surroundings } from "../../src/cli/session.ts";
import { main } from "../../src/main.ts";
import { scratchDirectory } from "./files.ts";
import { fakeStreams, type FakeTerminal, type Said } from "./streams.ts";

/**
 * How the program ended and what it said. `said` keeps the order of both streams (exact in process, nearly so for a
 * process).
 */
export interface CliResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  readonly said: readonly Said[];
}

export interface CliOptions {
  /**
   * The database to run on: sets DATABASE_URL. Without it there is none, and nothing may start an embedded server by
   * accident.
   */
  readonly database?: { readonly url: string };
  /** Added to a small environment of the tests' own; undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  readonly cwd?: string;
}

const program = resolve("bin/accrue.js");
let home: string | undefined;

/**
 * The environment that commands run in: nothing of the machine's but PATH, so that a developer's settings change no
 * test.
 */
export function cliEnvironment({ database, env = {} }: CliOptions): NodeJS.ProcessEnv {
  home ??= scratchDirectory();
  const all = {
    PATH: process.env["PATH"],
    HOME: home,
    ACCRUE_HOME: join(home, "accrue"),
    ACCRUE_OPERATOR: "tester",
    TERM: "xterm-256color",
    DATABASE_URL: database?.url ?? "postgres://nobody@127.0.0.1:1/no_database_given",
    ...env,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * Runs the compiled program as a process of its own, off a terminal. About 0.2 s each; most tests want
 * `accrueInProcess`.
 */
export function accrue(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return new Promise((settle, fail) => {
    const child = spawn(process.execPath, [program, ...args], {
      env: cliEnvironment(options),
      cwd: options.cwd,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const said: Said[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => said.push({ to: "stdout", text }));
    child.stderr.setEncoding("utf8").on("data", (text: string) => said.push({ to: "stderr", text }));
    child.stdin.on("error", () => {}); // a program that reads no input may end before it has taken all of it
    child.stdin.end(options.stdin ?? "");
    child.once("error", fail);
    child.once("close", (code, signal) => {
      if (code === null) fail(new Error(`accrue ${args.join(" ")} was ended by ${signal}\n${textOf(said, "stderr")}`));
      else settle(resultOf(said, code));
    });
  });
}

export interface InProcessOptions extends CliOptions {
  /** What else is set in place of the real thing. */
  readonly surroundings?: Surroundings;
  /** Where the program's clock stands: makes times and "today" in the output the same every day. */
  readonly now?: Date;
  /**
   * Pretend that all three streams are a terminal: for colours, widths and row caps; prompts need a real one
   * (`pty.ts`).
   */
  readonly terminal?: FakeTerminal;
}

/**
 * Runs `main()` in this process, from the sources: milliseconds instead of a process. One at a time, since `cwd` is the
 * process's own. The machine's name is `desk-1`, so that tables are as wide everywhere.
 */
export async function accrueInProcess(args: readonly string[], options: InProcessOptions = {}): Promise<CliResult> {
  const streams = fakeStreams({
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    ...(options.terminal === undefined ? {} : { terminal: options.terminal }),
  });
  const directory = process.cwd();
  const { now, surroundings } = options;
  if (options.cwd !== undefined) process.chdir(options.cwd);
  try {
    const exitCode = await main(args, cliEnvironment(options), streams, {
      ...(now === undefined ? {} : { clock: () => now }),
      host: "desk-1",
      ...surroundings,
    });
    return resultOf(streams.said, exitCode);
  } finally {
    process.chdir(directory);
  }
}

const textOf = (said: readonly Said[], to: Said["to"]): string =>
  said
    .filter((one) => one.to === to)
    .map((one) => one.text)
    .join("");

const resultOf = (said: readonly Said[], exitCode: number): CliResult => ({
  stdout: textOf(said, "stdout"),
  stderr: textOf(said, "stderr"),
  exitCode,
  said,
});
