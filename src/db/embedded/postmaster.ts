import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServerFiles } from "./layout.ts";
import { packageVersionIn, postgresVersion } from "./versions.ts";

/** The port names the socket file only: the server listens on no network. */
export const SERVER_PORT = 5432;

/** The server's superuser and its one database. */
export const SERVER_USER = "accrue";
export const SERVER_DATABASE = "accrue";

/** What postmaster.pid says. */
export interface Postmaster {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly status: string;
}

const KNOCK_LIMIT_MS = 2000;

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

/**
 * `present`: a server accepts sessions; `absent`: nothing listens; `silent`: it listens but accepts none now (recovery,
 * a busy machine).
 */
export type Answer = "present" | "absent" | "silent";

/**
 * Asks the server on that socket for a session, and leaves as soon as it is granted: a few milliseconds. Connecting
 * alone would prove little, for the kernel completes connections to a server that is just ending.
 */
export const knock = (socketDirectory: string): Promise<Answer> =>
  new Promise((resolve) => {
    const socket = connect({ path: socketPath(socketDirectory) });
    const finish = (answer: Answer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(KNOCK_LIMIT_MS, () => finish("silent"));
    socket.once("connect", () => socket.write(startupMessage()));
    socket.once("data", (reply) => {
      // 57P03: it starts up, recovers or shuts down. Any other refusal will be reported by the real connection.
      const isRefused = reply.includes("C57P03\0");
      if (!isRefused) socket.write(TERMINATE);
      finish(isRefused ? "silent" : "present");
    });
    socket.once("close", () => finish("absent"));
    // EAGAIN: a server is there, and its queue of connections is full.
    socket.once("error", (error: NodeJS.ErrnoException) => finish(error.code === "EAGAIN" ? "silent" : "absent"));
  });

const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4]);

export const socketPath = (socketDirectory: string): string => join(socketDirectory, `.s.PGSQL.${SERVER_PORT}`);

/** The StartupMessage of PostgreSQL's protocol 3.0. @param more parameters beside user and database */
export const startupMessage = (more: Readonly<Record<string, string>> = {}): Buffer => {
  const parameters = Object.entries({ user: SERVER_USER, database: SERVER_DATABASE, ...more });
  const names = Buffer.from(`${parameters.flat().join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(head.length + names.length, 0);
  head.writeInt32BE(3 << 16, 4);
  return Buffer.concat([head, names]);
};

/** The version of the running server, from the program it was started as; such as "18.4". */
export const runningVersion = (files: ServerFiles): string => {
  const packageVersion = packageVersionIn(firstLine(join(files.data, "postmaster.opts")).split(' "-D"')[0] ?? "");
  return packageVersion === undefined ? firstLine(join(files.data, "PG_VERSION")) : postgresVersion(packageVersion);
};

const firstLine = (file: string): string => readFileSync(file, "utf8").split("\n")[0] ?? "";

/**
 * The living processes of this server: its postmaster, and backends that a killed postmaster left. A process id alone
 * proves nothing, for another program may have it by now, or a zombie. Every process of a server runs `postgres` in the
 * data directory.
 */
export const serverProcesses = (files: ServerFiles): number[] =>
  process.platform === "linux"
    ? readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .filter((pid) => runsInData(pid, files))
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

/** On macOS: `ps` shows the postmaster's arguments, and the cluster's name in the titles of the others. */
const listedProcesses = (files: ServerFiles): number[] =>
  execFileSync("ps", ["-axo", "pid=,command="], { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    .split("\n")
    .map((line) => /^\s*(\d+) (.*)$/.exec(line))
    .filter((match) => isServerCommand(match?.[2] ?? "", files))
    .map((match) => Number(match?.[1]));

const isServerCommand = (command: string, files: ServerFiles): boolean =>
  command.includes(`postgres -D ${files.data} `) || command.startsWith(`postgres: ${clusterName(files)}`);

/** Shown in the titles of the server's processes, to distinguish one home's from another's. */
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
    // It has ended already.
  }
};
