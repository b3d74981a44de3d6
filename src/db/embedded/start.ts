import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unreachableError } from "../../shared/errors.ts";
import { writeAccessFiles } from "./access.ts";
import type { ServerAccount } from "./account.ts";
import type { ServerFiles } from "./layout.ts";
import { SERVER_PORT, knock, readPostmaster } from "./postmaster.ts";
import { clusterName, serverProcesses, signalQuietly } from "./processes.ts";
import { programOptions, tail } from "./programs.ts";

/** A server that was killed replays its log before it answers: up to max_wal_size of it. */
const START_LIMIT_SECONDS = 600;
const QUIET_SECONDS = 3;
const LOG_LIMIT_BYTES = 4 * 1024 * 1024;

/** What the start needs; `onNote` is told when it takes unusually long. */
export interface StartOptions {
  readonly runtime: string;
  readonly files: ServerFiles;
  readonly account: ServerAccount;
  readonly socketDirectory: string;
  readonly signal: AbortSignal | undefined;
  readonly onNote: (text: string) => void;
}

/**
 * Starts the server and waits until it takes connections. It leaves the command's process group and session, so neither
 * Ctrl-C nor a closed terminal ends it.
 *
 * @throws unreachable embedded_server_start_failed with the end of the server's log
 * @throws the signal's reason when it aborts; the server goes on starting then, for the next command
 */
export const startServer = async (options: StartOptions): Promise<void> => {
  const { files } = options;
  rotateLog(files);
  const logOffset = statSync(files.log, { throwIfNoEntry: false })?.size ?? 0;
  const log = openSync(files.log, "a", 0o600);
  let ended: string | undefined;
  try {
    const child = spawn(join(options.runtime, "bin", "postgres"), serverArguments(options), {
      ...programOptions(options.account),
      // A process in the data directory is known as the server's from its first moment (see serverProcesses).
      cwd: files.data,
      stdio: ["ignore", log, log],
    });
    child.once("error", (error) => (ended = error.message));
    child.once("exit", (code, signal) => (ended = code === null ? `ended by ${signal}` : `exit code ${code}`));
    child.unref();
  } finally {
    closeSync(log);
  }
  await waitUntilReady({ ...options, ended: () => (ended === undefined ? undefined : `it ended at once (${ended})`), logOffset });
};

/** What to wait for; `ended` tells why the server is no longer alive, while it is undefined the wait goes on. */
export interface ReadyOptions {
  readonly files: ServerFiles;
  readonly signal: AbortSignal | undefined;
  readonly onNote: (text: string) => void;
  readonly ended: () => string | undefined;
  readonly logOffset?: number;
}

/**
 * Waits until a server that is starting takes connections.
 *
 * @returns the socket directory
 * @throws unreachable embedded_server_start_failed when it ends instead, or takes too long (it is left to go on then)
 */
export const waitUntilReady = async (options: ReadyOptions): Promise<string> => {
  const { files, signal, logOffset = 0 } = options;
  const begun = performance.now();
  let told = false;
  for (;;) {
    const postmaster = readPostmaster(files);
    if (postmaster?.status === "ready" && (await knock(postmaster.socketDirectory)) === "present") return postmaster.socketDirectory;
    signal?.throwIfAborted();
    const why = options.ended();
    if (why !== undefined) throw startError(files, why, logOffset);
    const seconds = (performance.now() - begun) / 1000;
    if (seconds > START_LIMIT_SECONDS) throw startError(files, `no answer after ${START_LIMIT_SECONDS} s`, logOffset);
    if (seconds > QUIET_SECONDS && !told) {
      told = true;
      options.onNote("the database is recovering from an unclean stop; this can take a few minutes");
    }
    await sleep(10);
  }
};

/**
 * What must hold for this server to be ours goes on its command line, out of reach of its settings files: no network, the
 * private socket, who is let in, and every commit on disk before it is reported.
 */
const serverArguments = ({ files, socketDirectory }: StartOptions): string[] => {
  const settings = {
    listen_addresses: "",
    port: String(SERVER_PORT),
    unix_socket_directories: `"${socketDirectory.replaceAll('"', '""')}"`,
    unix_socket_permissions: "0700",
    logging_collector: "off",
    log_destination: "stderr",
    cluster_name: clusterName(files),
    ...writeAccessFiles(files),
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
  };
  return ["-D", files.data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
};

/**
 * Clears away what a killed server left: backends that still run on its shared memory (PostgreSQL refuses to start beside
 * them) and a postmaster.pid whose process id may belong to another program by now. Call it under the lock, when nobody
 * answers on the socket.
 *
 * @throws unreachable embedded_server_start_failed when a process of the old server cannot be ended
 */
export const clearKilledServer = async (files: ServerFiles): Promise<void> => {
  // SIGQUIT is "the postmaster is gone, stop without cleaning up"; whoever is deaf to it for 5 s gets SIGKILL.
  for (let attempt = 0; serverProcesses(files).length > 0; attempt += 1) {
    if (attempt > 1000) throw startError(files, `processes ${serverProcesses(files).join(", ")} of a killed server do not end`, Infinity);
    for (const pid of attempt % 50 === 0 ? serverProcesses(files) : []) signalQuietly(pid, attempt < 500 ? "SIGQUIT" : "SIGKILL");
    await sleep(10);
  }
  rmSync(join(files.data, "postmaster.pid"), { force: true });
};

const rotateLog = (files: ServerFiles): void => {
  const size = statSync(files.log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(files.log, `${files.log}.1`);
};

const startError = (files: ServerFiles, why: string, logOffset: number): Error => {
  const log = logTail(files, logOffset);
  const lastWords = [...log.matchAll(/\b(?:FATAL|PANIC): +(.+)$/gmu)].at(-1)?.[1];
  return unreachableError("embedded_server_start_failed", `the embedded PostgreSQL server did not start: ${why}${lastWords === undefined ? "" : `: ${lastWords}`}`, {
    hint: `see ${files.log}; or set DATABASE_URL to a PostgreSQL server (15 or newer)`,
    details: { data_directory: files.data, log },
  });
};

const logTail = (files: ServerFiles, offset: number): string => {
  try {
    return tail(readFileSync(files.log).subarray(Math.min(offset, Number.MAX_SAFE_INTEGER)).toString("utf8"));
  } catch {
    return "";
  }
};
