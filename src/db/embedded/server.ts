import { setTimeout as sleep } from "node:timers/promises";
import type { AccruePaths } from "../../config/paths.ts";
import { unreachableError } from "../../shared/errors.ts";
import { findServerPackage } from "./binaries.ts";
import { SERVER_DATABASE, SERVER_USER, checkDataVersion, createCluster } from "./cluster.ts";
import { findServerFiles, isDirectory, layOutServer, makeDirectory } from "./layout.ts";
import type { ServerFiles } from "./layout.ts";
import { tryServerLock } from "./lock.ts";
import type { ReleaseLock } from "./lock.ts";
import { SERVER_PORT, isServerProcess, knock, readPostmaster, runningVersion } from "./postmaster.ts";
import { installRuntime, removeLeftovers, runtimeDirectory } from "./runtime.ts";
import { prepareSocketDirectory } from "./socket-dir.ts";
import { clearKilledServer, signalQuietly, startServer, waitUntilReady } from "./start.ts";

/** Where a running embedded server is to be reached. There is no password: its socket directory is private. */
export interface EmbeddedServer {
  readonly socketDirectory: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** PostgreSQL's version, such as "18.4". */
  readonly version: string;
  readonly dataDirectory: string;
}

export interface EmbeddedServerOptions {
  readonly paths: AccruePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal | undefined;
  /** Told what the user should know while waiting: a first set-up, a recovery, another command that is at it. */
  readonly onNote?: ((text: string) => void) | undefined;
  /** How long to wait for others: a command that is starting or stopping the server, a server that still has users. */
  readonly waitLimitSeconds?: number;
  /** Where the search for the server programs starts; the program itself by default. */
  readonly packagesFrom?: string;
}

const LOCK_LIMIT_SECONDS = 120;
const QUIET_SECONDS = 3;
const STOPPING_LIMIT_SECONDS = 60;
const SOCKET_LOST_LIMIT_SECONDS = 15;

/**
 * The embedded server of this home, running: found so (a few file reads and a knock at its socket, no process), or set up
 * and started. Any number of commands may call this at once. The server goes on when the command ends.
 *
 * @throws unreachable with one of the embedded_server_* codes, each saying what to do; DATABASE_URL is always a way out
 * @throws the signal's reason when it aborts
 */
export const ensureEmbeddedServer = async (options: EmbeddedServerOptions): Promise<EmbeddedServer> => {
  const running = await findRunning(options.paths);
  if (running !== undefined) return running;
  makeDirectory(options.paths.dataDir);
  const release = await takeLock(options, () => findRunning(options.paths));
  if (typeof release !== "function") return release;
  try {
    return (await findRunning(options.paths)) ?? (await bringUp(options));
  } finally {
    release();
  }
};

/** The server when it runs and takes connections; undefined otherwise. Changes nothing. */
export const findRunning = async (paths: AccruePaths): Promise<EmbeddedServer | undefined> => {
  const files = findServerFiles(paths);
  if (files === undefined) return undefined;
  const postmaster = readPostmaster(files);
  if (postmaster?.status !== "ready" || (await knock(postmaster.socketDirectory)) !== "present") return undefined;
  return describe(files, postmaster.socketDirectory);
};

const describe = (files: ServerFiles, socketDirectory: string): EmbeddedServer => ({
  socketDirectory,
  port: SERVER_PORT,
  user: SERVER_USER,
  database: SERVER_DATABASE,
  version: runningVersion(files),
  dataDirectory: files.data,
});

/**
 * Waits for the lock of this home. Whoever waits for a start is done as soon as the server is there, so `shortcut` is
 * asked each time round.
 *
 * @returns the lock's release, or what the shortcut found
 * @throws unreachable embedded_server_locked after the limit
 */
export const takeLock = async <T>(
  options: EmbeddedServerOptions,
  shortcut: () => Promise<T | undefined>,
): Promise<ReleaseLock | T> => {
  const limitSeconds = options.waitLimitSeconds ?? LOCK_LIMIT_SECONDS;
  const begun = performance.now();
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    const release = await tryServerLock(options.paths.dataDir);
    if (release !== undefined) return release;
    const seconds = (performance.now() - begun) / 1000;
    if (seconds > limitSeconds) throw lockedError(options.paths, limitSeconds);
    if (seconds > QUIET_SECONDS && !told) {
      told = true;
      options.onNote?.("waiting for another command that is starting or stopping the database");
    }
    await sleep(25);
    const found = await shortcut();
    if (found !== undefined) return found;
  }
};

const lockedError = (paths: AccruePaths, limitSeconds: number): Error =>
  unreachableError(
    "embedded_server_locked",
    `another command has been starting or stopping the database in ${paths.dataDir} for more than ${limitSeconds} s`,
    { hint: "try again when it is done; `accrue db status` shows whether the server runs", details: { directory: paths.dataDir } },
  );

/** The cold path, under the lock: whatever state the last command, a crash or a kill left, a running server comes of it. */
const bringUp = async (options: EmbeddedServerOptions): Promise<EmbeddedServer> => {
  const { signal } = options;
  const onNote = options.onNote ?? (() => {});
  const { files, account } = layOutServer(options.paths);
  const socketOfUnfinishedStart = await settleLivingServer(files, options);
  if (socketOfUnfinishedStart !== undefined) return describe(files, socketOfUnfinishedStart);

  const programs = findServerPackage(options.packagesFrom ?? import.meta.url);
  if (isDirectory(files.data)) checkDataVersion(files, programs);
  else onNote(`setting up the embedded PostgreSQL ${programs.version} server in ${files.root}`);
  await removeLeftovers(files, runtimeDirectory(files, programs.packageVersion));
  const runtime = await installRuntime(programs, files);
  if (!isDirectory(files.data)) await createCluster(runtime, files, account, signal);
  await clearKilledServer(files);
  const socketDirectory = prepareSocketDirectory(files, account, options.env);
  await startServer({ runtime, files, account, socketDirectory, signal, onNote });
  return describe(files, socketDirectory);
};

/**
 * Deals with a server that lives but could not be used: one that is still starting (its command was interrupted) is waited
 * for, one that is stopping too, and one whose socket directory was removed is asked to end once its users are done.
 *
 * @returns the socket directory when the server came up; undefined when none is running any more
 */
const settleLivingServer = async (
  files: ServerFiles,
  { signal, waitLimitSeconds, onNote = () => {} }: EmbeddedServerOptions,
): Promise<string | undefined> => {
  const postmaster = readPostmaster(files);
  if (postmaster === undefined || !isServerProcess(postmaster.pid, files)) return undefined;
  const { pid, socketDirectory, status } = postmaster;
  if (status !== "stopping" && (status !== "ready" || (await knock(socketDirectory)) !== "absent")) {
    return waitUntilReady({ files, signal, onNote, ended: () => (isServerProcess(pid, files) ? undefined : "it was stopped") });
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
