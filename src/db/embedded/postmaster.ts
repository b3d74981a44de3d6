import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { postgresVersion } from "./binaries.ts";
import type { ServerFiles } from "./layout.ts";
import { versionInPath } from "./runtime.ts";

/** The port names the socket file only: the server listens on no network. */
export const SERVER_PORT = 5432;

/** What postmaster.pid says. */
export interface Postmaster {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly status: string;
}

const PROBE_LIMIT_MS = 2000;

/** Reads postmaster.pid; undefined when there is none or it is of another data directory (a copied home). */
export const readPostmaster = (files: ServerFiles): Postmaster | undefined => {
  let lines: string[];
  try {
    lines = readFileSync(join(files.data, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return undefined;
  }
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1 || lines[1] !== files.data) return undefined;
  return { pid, socketDirectory: lines[4] ?? "", status: (lines[7] ?? "").trim() };
};

/** What a knock at the server's socket brings: somebody is there, nobody is, or no answer in time (a busy machine). */
export type Answer = "present" | "absent" | "silent";

/** Knocks at the server's socket in that directory. No server process is started by it, and nothing is sent. */
export const knock = (socketDirectory: string): Promise<Answer> =>
  new Promise((resolve) => {
    const socket = connect({ path: join(socketDirectory, `.s.PGSQL.${SERVER_PORT}`) });
    const settle = (answer: Answer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_LIMIT_MS, () => settle("silent"));
    socket.once("connect", () => settle("present"));
    // EAGAIN is a full queue: somebody is there, and slow.
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code === "EAGAIN" ? "silent" : "absent"));
  });

/** The version of the running server, from the program it was started as; such as "18.4". */
export const runningVersion = (files: ServerFiles): string => {
  const packageVersion = versionInPath(firstLine(join(files.data, "postmaster.opts")).split(' "-D"')[0] ?? "");
  return packageVersion === undefined ? firstLine(join(files.data, "PG_VERSION")) : postgresVersion(packageVersion);
};

const firstLine = (file: string): string => readFileSync(file, "utf8").split("\n")[0] ?? "";

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
