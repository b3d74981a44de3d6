import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
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
 * What a knock at the server's socket brings: it lets us in; nobody is there; or somebody is and cannot let us in now (it
 * recovers from a crash, the machine is busy).
 */
export type Answer = "present" | "absent" | "silent";

/**
 * Knocks at the server's socket in that directory: asks for a session and leaves as soon as it is granted, a few
 * milliseconds. Connecting alone would prove little: the kernel completes connections to a server that is just dying.
 */
export const knock = (socketDirectory: string): Promise<Answer> =>
  new Promise((resolve) => {
    const socket = connect({ path: socketPath(socketDirectory) });
    const settle = (answer: Answer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(KNOCK_LIMIT_MS, () => settle("silent"));
    socket.once("connect", () => socket.write(startupMessage()));
    socket.once("data", (reply) => {
      // 57P03: it starts up, recovers or shuts down. Any other refusal is for the one who connects to see.
      const isRefused = reply.includes("C57P03\0");
      if (!isRefused) socket.write(TERMINATE);
      settle(isRefused ? "silent" : "present");
    });
    socket.once("close", () => settle("absent"));
    // EAGAIN is a full queue: somebody is there, and slow.
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code === "EAGAIN" ? "silent" : "absent"));
  });

const TERMINATE = Buffer.from([0x58, 0, 0, 0, 4]);

/** Where the server in that directory listens. */
export const socketPath = (socketDirectory: string): string => join(socketDirectory, `.s.PGSQL.${SERVER_PORT}`);

/** The first message of PostgreSQL's protocol 3.0: its length, the protocol's number, and who wants what. */
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
