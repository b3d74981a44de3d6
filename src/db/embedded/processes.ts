import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerFiles } from "./layout.ts";

/**
 * The processes of this server that are alive: its postmaster, and backends that a killed postmaster left behind. A process
 * id alone proves nothing (it may have been given to another program since, or be a zombie that nobody reaps), so a
 * process counts when it runs `postgres` in the data directory, as every process of a server does (and an operator's
 * shell in that directory does not).
 */
export const serverProcesses = (files: ServerFiles): number[] =>
  process.platform === "linux"
    ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => runsInData(pid, files))
    : listedProcesses(files);

/** True when the process belongs to this server and is alive. */
export const isServerProcess = (pid: number, files: ServerFiles): boolean =>
  process.platform === "linux" ? runsInData(pid, files) : listedProcesses(files).includes(pid);

const runsInData = (pid: number, files: ServerFiles): boolean => {
  try {
    const program = readlinkSync(`/proc/${pid}/exe`);
    return readlinkSync(`/proc/${pid}/cwd`) === files.data && /\/bin\/postgres( \(deleted\))?$/.test(program);
  } catch {
    // Gone, a zombie, or somebody else's.
    return false;
  }
};

/** Without /proc: the postmaster shows its arguments, and the others the cluster name that they were started with. */
const listedProcesses = (files: ServerFiles): number[] =>
  execFileSync("ps", ["-axo", "pid=,command="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    .split("\n")
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .filter((match) => isServerCommand(match?.[2] ?? "", files))
    .map((match) => Number(match?.[1]));

const isServerCommand = (command: string, files: ServerFiles): boolean =>
  command.includes(`postgres -D ${files.data} `) || command.startsWith(`postgres: ${clusterName(files)}`);

/** Shown in the titles of the server's processes, so that one home's are told from another's. */
export const clusterName = (files: ServerFiles): string =>
  `accrue-${createHash("sha256").update(files.root).digest("hex").slice(0, 12)}`;

/** Waits until the process is gone; false when it is still there after the limit. */
export const waitForEnd = async (
  pid: number,
  files: ServerFiles,
  limitSeconds: number,
  signal: AbortSignal | undefined,
): Promise<boolean> => {
  const begun = performance.now();
  while (isServerProcess(pid, files)) {
    signal?.throwIfAborted();
    if (performance.now() - begun > limitSeconds * 1000) return false;
    await sleep(10);
  }
  return true;
};

/** Sends a signal to a process that may have ended meanwhile. */
export const signalQuietly = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already: that is what was wanted.
  }
};
