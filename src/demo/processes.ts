import { spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../files/package-root.ts";
import { keepWord } from "./cleaner.ts";
import { demoEnvironment, type DemoPlace } from "./place.ts";

/** How a command of the demo ended, and what it said if it was listened to. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const program = join(packageRoot, "bin/accrue.js");
const cleaner = join(packageRoot, "dist/demo/cleaner-process.js");
const graceMs = 500;

/**
 * Runs one command as a process of its own in the demo's place: the same program that a user runs, on the same
 * terminal.
 *
 * @param isCaptured whether its output is kept instead of shown
 */
export function runCommand(
  words: readonly string[],
  place: DemoPlace,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  isCaptured: boolean,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const output = isCaptured ? "pipe" : "inherit";
    const child = spawn(process.execPath, [program, ...words], {
      cwd: place.home,
      env: { ...env, ...demoEnvironment(place) },
      stdio: ["ignore", output, output],
    });
    const said = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (said.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said.stderr += text));
    // A terminal's Ctrl-C reaches the command as well; a signal to the demo alone does not, so it is passed on a little
    // later.
    const passOn = () => setTimeout(() => child.kill("SIGTERM"), graceMs).unref();
    signal.addEventListener("abort", passOn, { once: true });
    child.once("error", reject);
    child.once("close", (code) => {
      signal.removeEventListener("abort", passOn);
      resolve({ exitCode: code ?? 1, ...said });
    });
  });
}

/** What ends with the demo: `end` waits until everything is cleaned up, or lets it stay. */
export interface Cleaner {
  /** @returns false when something could not be cleaned up */
  end(keep: boolean): Promise<boolean>;
}

/** Starts the process that cleans up, in a session of its own, so that nothing that ends the demo ends it. */
export function startCleaner(place: DemoPlace, env: NodeJS.ProcessEnv): Cleaner {
  const child = spawn(process.execPath, [cleaner], {
    env,
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  const ended = new Promise<boolean>((resolve) => {
    child.once("error", () => resolve(false));
    child.once("close", (code) => resolve(code === 0));
  });
  child.stdin.on("error", () => {}); // it died: `ended` tells
  child.stdin.write(`${JSON.stringify(place)}\n`);
  return {
    end: (keep) => {
      child.stdin.end(keep ? keepWord : "");
      return ended;
    },
  };
}
