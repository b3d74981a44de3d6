import { spawn, type ChildProcess } from "node:child_process";

/** How a hook ended, and the end of its output. */
export interface HookOutcome {
  /** Undefined when it succeeded. */
  readonly problem: string | undefined;
  readonly output: string;
}

export interface HookInput {
  /** A line for the shell. */
  readonly command: string;
  /** Its standard input. */
  readonly stdin: string;
  readonly env: NodeJS.ProcessEnv;
  readonly timeLimitMs?: number;
}

const maxOutputCharacters = 4_000;
const lastWordsMs = 500;

/**
 * Runs an operator's command with /bin/sh, in a process group of its own that is killed when its time is over. Never
 * throws, for a hook cannot undo a settlement. Its output is captured: stdout is for results only.
 */
export async function runHook({ command, stdin, env, timeLimitMs = 60_000 }: HookInput): Promise<HookOutcome> {
  const child = spawn("/bin/sh", ["-c", command], { env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  let output = "";
  const keep = (text: string) => (output = (output + text).slice(-maxOutputCharacters));
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  child.stdin.on("error", () => {}); // a hook need not read
  child.stdin.end(stdin);
  const problem = await endOf(child, timeLimitMs);
  child.stdout.destroy();
  child.stderr.destroy();
  return { problem, output: output.trim() };
}

function endOf(child: ChildProcess, timeLimitMs: number): Promise<string | undefined> {
  return new Promise((settle) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      killGroup(child);
    }, timeLimitMs);
    child.once("error", (error) => {
      clearTimeout(timer);
      settle(error.message);
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      const problem = isLate
        ? `killed after ${timeLimitMs / 1000} s`
        : code === null
          ? `ended by ${signal}`
          : code === 0
            ? undefined
            : `exit code ${code}`;
      // Reads what is left in the pipe, but does not wait for background processes that keep it open.
      const lastWords = setTimeout(() => settle(problem), lastWordsMs);
      child.once("close", () => {
        clearTimeout(lastWords);
        settle(problem);
      });
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // it has just ended
  }
}
