import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unreachableError } from "../../shared/errors.ts";
import { writeAccessFiles, type ServerAccount } from "./account.ts";
import { checkDataVersion, createCluster } from "./cluster.ts";
import {
  WORKSPACE,
  filesBelow,
  isDirectory,
  layOutServer,
  prepareSocketDirectory,
  type ServerFiles,
} from "./layout.ts";
import {
  SERVER_PORT,
  clusterName,
  isServerProcess,
  knock,
  readPostmaster,
  serverProcesses,
  signalQuietly,
  waitForEnd,
} from "./postmaster.ts";
import { findServerPackage, installRuntime, programOptions, removeLeftovers, tail } from "./programs.ts";
import { describeServer, type EmbeddedServer, type EmbeddedServerOptions } from "./running.ts";

const STOPPING_LIMIT_SECONDS = 60;
const SOCKET_LOST_LIMIT_SECONDS = 15;

/**
 * Brings up the server from whatever state the last command, a crash or a kill left. To be called under the lock.
 *
 * PostgreSQL's own pg_ctl would not make this shorter: it takes any process that has the number in postmaster.pid for
 * the server and signals it, and it does not start beside the backends of a killed postmaster. So whose a process is,
 * and when the server answers, has to be known here anyway, and what pg_ctl could do then is one `spawn` and one
 * `kill`.
 *
 * @throws unreachable with one of the embedded_server_* codes
 */
export const bringUp = async (options: EmbeddedServerOptions): Promise<EmbeddedServer> => {
  const { signal } = options;
  const onNote = options.onNote ?? (() => {});
  const { files, account } = layOutServer(options.paths);
  const socketOfUnfinishedStart = await awaitLivingServer(files, options);
  if (socketOfUnfinishedStart !== undefined) return describeServer(files, socketOfUnfinishedStart);

  const programs = findServerPackage(options.packagesFrom ?? import.meta.url);
  if (isDirectory(files.data)) checkDataVersion(files, programs);
  else onNote(`setting up the embedded PostgreSQL ${programs.version} server in ${files.root}`);
  await removeWorkspaces(files);
  await removeLeftovers(files, programs);
  const runtime = await installRuntime(programs, files);
  if (!isDirectory(files.data)) await createCluster(runtime, files, account, signal);
  await clearKilledServer(files);
  const socketDirectory = prepareSocketDirectory(files, account, options.env);
  await startServer({ runtime, files, account, socketDirectory, signal, onNote });
  return describeServer(files, socketDirectory);
};

/**
 * Handles a server that is alive but did not answer: waits for one that is still starting (its command was interrupted)
 * or stopping, and stops one whose socket directory was removed, as soon as its users are done.
 *
 * @returns the socket directory when the server came up; undefined when none is running any more
 */
const awaitLivingServer = async (
  files: ServerFiles,
  { signal, waitLimitSeconds, onNote = () => {} }: EmbeddedServerOptions,
): Promise<string | undefined> => {
  const postmaster = readPostmaster(files);
  if (postmaster === undefined || !isServerProcess(postmaster.pid, files)) return undefined;
  const { pid, socketDirectory, status } = postmaster;
  if (status !== "stopping" && (status !== "ready" || (await knock(socketDirectory)) !== "absent")) {
    return waitUntilReady({
      files,
      signal,
      onNote,
      ended: () => (isServerProcess(pid, files) ? undefined : "it was stopped"),
    });
  }
  const isLost = status === "ready";
  if (isLost) signalQuietly(pid, "SIGTERM");
  const limitSeconds = waitLimitSeconds ?? (isLost ? SOCKET_LOST_LIMIT_SECONDS : STOPPING_LIMIT_SECONDS);
  if (await waitForEnd(pid, files, limitSeconds, signal)) return undefined;
  throw unreachableError(
    isLost ? "embedded_server_socket_lost" : "embedded_server_stopping",
    isLost
      ? `the database server (process ${pid}) runs, but its socket directory ${socketDirectory} is gone and other commands still use it`
      : `the database server (process ${pid}) has been stopping for more than ${limitSeconds} s`,
    { hint: "try again when the other commands are done, or run `accrue db stop`", details: { pid } },
  );
};

/** A server that was killed replays its log before it answers: up to max_wal_size of it. */
const START_LIMIT_SECONDS = 600;
const QUIET_SECONDS = 3;
const LOG_LIMIT_BYTES = 4 * 1024 * 1024;

export interface StartOptions {
  readonly runtime: string;
  readonly files: ServerFiles;
  readonly account: ServerAccount;
  readonly socketDirectory: string;
  readonly signal: AbortSignal | undefined;
  /** Called when it takes unusually long. */
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
      // `serverProcesses` recognizes the server by this directory, from its first moment.
      cwd: files.data,
      stdio: ["ignore", log, log],
    });
    child.once("error", (error) => (ended = error.message));
    child.once("exit", (code, signal) => (ended = code === null ? `ended by ${signal}` : `exit code ${code}`));
    child.unref();
  } finally {
    closeSync(log);
  }
  await waitUntilReady({
    ...options,
    ended: () => (ended === undefined ? undefined : `it ended at once (${ended})`),
    logOffset,
  });
};

export interface ReadyOptions {
  readonly files: ServerFiles;
  readonly signal: AbortSignal | undefined;
  readonly onNote: (text: string) => void;
  /** Why the server is no longer alive; undefined while it is. */
  readonly ended: () => string | undefined;
  readonly logOffset?: number;
}

/**
 * Waits until a server that is starting takes connections.
 *
 * @returns the socket directory
 * @throws unreachable embedded_server_start_failed when it ends, or takes longer than START_LIMIT_SECONDS (it goes on
 * starting)
 */
export const waitUntilReady = async (options: ReadyOptions): Promise<string> => {
  const { files, signal, logOffset = 0 } = options;
  const begun = performance.now();
  let isNoted = false;
  for (;;) {
    const postmaster = readPostmaster(files);
    if (postmaster?.status === "ready" && (await knock(postmaster.socketDirectory)) === "present")
      return postmaster.socketDirectory;
    signal?.throwIfAborted();
    const why = options.ended();
    if (why !== undefined) throw startError(files, why, logOffset);
    const seconds = (performance.now() - begun) / 1000;
    if (seconds > START_LIMIT_SECONDS) throw startError(files, `no answer after ${START_LIMIT_SECONDS} s`, logOffset);
    if (seconds > QUIET_SECONDS && !isNoted) {
      isNoted = true;
      options.onNote("the database is recovering from an unclean stop; this can take a few minutes");
    }
    await sleep(10);
  }
};

/**
 * Settings that must not be changed in postgresql.conf are given on the command line: no network, the private socket,
 * who may log in, and every commit on disk before it is reported.
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
    ...writeAccessFiles(files.root),
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
  };
  return ["-D", files.data, ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
};

/**
 * Removes what a killed server left: backends that still use its shared memory, beside which PostgreSQL refuses to
 * start, and a postmaster.pid whose process id may belong to another program by now. To be called under the lock, when
 * nothing answers on the socket.
 *
 * @throws unreachable embedded_server_start_failed when a process of the old server cannot be ended
 */
export const clearKilledServer = async (files: ServerFiles): Promise<void> => {
  // SIGQUIT makes a backend exit without cleaning up, as after a crash; after 5 s, SIGKILL.
  for (let attempt = 0; serverProcesses(files).length > 0; attempt += 1) {
    if (attempt > 1000)
      throw startError(files, `processes ${serverProcesses(files).join(", ")} of a killed server do not end`, Infinity);
    for (const pid of attempt % 50 === 0 ? serverProcesses(files) : [])
      signalQuietly(pid, attempt < 500 ? "SIGQUIT" : "SIGKILL");
    await sleep(10);
  }
  rmSync(join(files.data, "postmaster.pid"), { force: true });
};

/** Removes what a killed restore left, its server first. Call it under the lock. */
export const removeWorkspaces = async (files: ServerFiles): Promise<void> => {
  for (const name of readdirSync(files.root).filter((entry) => entry.startsWith(WORKSPACE))) {
    const root = join(files.root, name);
    await clearKilledServer(filesBelow(root));
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  }
};

const rotateLog = (files: ServerFiles): void => {
  const size = statSync(files.log, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT_BYTES) renameSync(files.log, `${files.log}.1`);
};

const startError = (files: ServerFiles, why: string, logOffset: number): Error => {
  const log = logTail(files, logOffset);
  const lastWords = [...log.matchAll(/\b(?:FATAL|PANIC): +(.+)$/gmu)].at(-1)?.[1];
  return unreachableError(
    "embedded_server_start_failed",
    `the embedded PostgreSQL server did not start: ${why}${lastWords === undefined ? "" : `: ${lastWords}`}`,
    {
      hint: `see ${files.log}; or set DATABASE_URL to a PostgreSQL server (15 or newer)`,
      details: { data_directory: files.data, log },
    },
  );
};

const logTail = (files: ServerFiles, offset: number): string => {
  try {
    return tail(readFileSync(files.log).subarray(Math.min(offset, Number.MAX_SAFE_INTEGER)).toString("utf8"));
  } catch {
    return "";
  }
};
