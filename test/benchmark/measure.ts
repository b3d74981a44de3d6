import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What one run took: seconds from outside, and the most memory its process held (0 where the system does not tell). */
export interface Measured {
  readonly seconds: number;
  readonly peakMegabytes: number;
}

/** Runs a piece of work and times it. */
export async function timed(work: () => Promise<void>): Promise<Measured> {
  const startedMs = performance.now();
  await work();
  return { seconds: (performance.now() - startedMs) / 1000, peakMegabytes: 0 };
}

/** Runs the compiled program as a whole process, start included. */
export const timedProgram = (args: readonly string[], databaseUrl: string): Promise<Measured> =>
  timedProcess(["bin/accrue.js", ...args], databaseUrl);

/** Runs Node as a whole process. */
export async function timedProcess(args: readonly string[], databaseUrl: string): Promise<Measured> {
  let peakMegabytes = 0;
  const { seconds } = await timed(async () => {
    const child = spawn(process.execPath, [...args], {
      env: { ...process.env, DATABASE_URL: databaseUrl, ACCRUE_OPERATOR: "tester", NODE_OPTIONS: "" },
      stdio: ["ignore", "ignore", "inherit"],
    });
    const look = setInterval(() => (peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid!))), 50);
    const exitCode = await new Promise((resolve) => child.on("exit", resolve));
    clearInterval(look);
    if (exitCode !== 0) throw new Error(`node ${args.join(" ")} ended with ${String(exitCode)}`);
  });
  return { seconds, peakMegabytes };
}

function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it has just ended, or there is no /proc here
  }
}

/** What something takes beyond a start, measured in turn: the median of the differences. */
export async function beyondStart(start: () => Promise<Measured>, whole: () => Promise<Measured>): Promise<string> {
  const differences: number[] = [];
  for (let round = 0; round < 15; round += 1) {
    const { seconds } = await start();
    differences.push(((await whole()).seconds - seconds) * 1000);
  }
  return `${Math.round(median(differences))} ms`;
}

/** The middle one of several measurements. */
export const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]!;
