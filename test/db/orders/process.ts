import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cliEnvironment, type CliOptions } from "../../support/cli.ts";
import type { TestDatabase } from "../../support/database.ts";

/** The compiled program at work, for tests that stop it half way. */
export interface RunningAccrue {
  readonly child: ChildProcessWithoutNullStreams;
  /** How it ended: `SIGKILL` and the like when a signal ended it. */
  readonly ended: Promise<{ readonly exit: number | string; readonly stdout: string; readonly stderr: string }>;
}

/**
 * Starts the program; its standard input stays open.
 *
 * @param options `within`: a shell script that prepares the process and then runs it as "$@"; `now`: where its clock
 *   stands; `silenceNoteMs`: after how long it says that the database is silent
 */
export function startAccrue(
  args: readonly string[],
  options: CliOptions & { readonly within?: string; readonly now?: Date; readonly silenceNoteMs?: number },
): RunningAccrue {
  const { now, silenceNoteMs } = options;
  const isPlain = now === undefined && silenceNoteMs === undefined;
  const script = isPlain
    ? [resolve("bin/accrue.js")]
    : [resolve("test/support/accrue-in.mjs"), JSON.stringify({ now, silenceNoteMs })];
  const [program, ...rest] = [
    ...(options.within === undefined ? [] : ["sh", "-c", options.within, "sh"]),
    process.execPath,
    ...script,
    ...args,
  ];
  const child = spawn(program!, rest, { env: cliEnvironment(options), cwd: options.cwd, stdio: "pipe" });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
  child.stdin.on("error", () => {}); // it may end before it has read everything
  const ended = new Promise<{ exit: number | string; stdout: string; stderr: string }>((settle) => {
    child.once("close", (code, signal) => settle({ exit: code ?? signal!, ...said }));
  });
  return { child, ended };
}

/** Waits until something is true; fails after ten seconds. */
export async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error("it never came true");
    await sleep(10);
  }
}

/** Whether some session of accrue is there. */
export async function isConnected({ db, url }: TestDatabase): Promise<boolean> {
  const rows = await db.sql`
    SELECT FROM pg_stat_activity
    WHERE datname = ${new URL(url).pathname.slice(1)} AND application_name = 'accrue' AND pid <> pg_backend_pid()`;
  return rows.count > 0;
}

/** Whether accrue is connected and has asked nothing for a while: what it asks at its start is answered. */
export async function isResting({ db, url }: TestDatabase): Promise<boolean> {
  const [row] = await db.sql<{ isResting: boolean | null }[]>`
    SELECT bool_and(state = 'idle' AND state_change < clock_timestamp() - interval '1 s') AS is_resting FROM pg_stat_activity
    WHERE datname = ${new URL(url).pathname.slice(1)} AND application_name = 'accrue' AND pid <> pg_backend_pid()`;
  return row!.isResting === true;
}

/** Whether some session of accrue has written in a transaction that is still open. */
export async function isWriting({ db, url }: TestDatabase): Promise<boolean> {
  const rows = await db.sql`
    SELECT FROM pg_stat_activity
    WHERE datname = ${new URL(url).pathname.slice(1)} AND application_name = 'accrue' AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()`;
  return rows.count > 0;
}
