import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { unreachableError } from "../../shared/errors.ts";
import { accountForData } from "./account.ts";
import { findServerFiles, forgetSocketDirectory, isDirectory, type ServerFiles } from "./layout.ts";
import { takeLock } from "./lock.ts";
import { isServerProcess, knock, readPostmaster, runningVersion, signalQuietly, waitForEnd } from "./postmaster.ts";
import type { EmbeddedServerOptions } from "./running.ts";
import { clearKilledServer } from "./start.ts";

/** What `accrue db status` shows of the embedded server. */
export interface EmbeddedServerStatus {
  readonly state: "running" | "stopped" | "absent";
  readonly dataDirectory: string;
  readonly logFile: string;
  readonly pid?: number;
  readonly version?: string;
  readonly socketDirectory?: string;
  /** Size of the data directory on disk. */
  readonly sizeBytes?: number;
}

const FAST_LIMIT_SECONDS = 60;
const IMMEDIATE_LIMIT_SECONDS = 15;

/**
 * Stops the embedded server: open transactions are rolled back, and all data is written to the data files. If that
 * takes more than a minute, it is stopped without writing, and the next start replays the log.
 *
 * @returns false when it was not running
 * @throws unreachable embedded_server_stop_failed, embedded_server_wrong_owner, embedded_server_locked
 */
export const stopEmbeddedServer = async (options: EmbeddedServerOptions): Promise<boolean> => {
  const files = findServerFiles(options.paths);
  if (files === undefined || !isDirectory(files.data)) return false;
  accountForData(files.data);
  const release = await takeLock(options, () => Promise.resolve(undefined));
  if (typeof release !== "function") return false;
  try {
    return await endServer(files, options.signal);
  } finally {
    release();
  }
};

/**
 * Stops the server of these files, and removes what a killed one left. To be called under the lock.
 *
 * @returns false when none was running
 */
export const endServer = async (files: ServerFiles, signal: AbortSignal | undefined): Promise<boolean> => {
  const wasRunning = await endPostmaster(files, signal);
  await clearKilledServer(files);
  forgetSocketDirectory(files);
  return wasRunning;
};

const endPostmaster = async (files: ServerFiles, signal: AbortSignal | undefined): Promise<boolean> => {
  const postmaster = readPostmaster(files);
  if (postmaster === undefined) return false;
  const { pid, socketDirectory } = postmaster;
  if (!isServerProcess(pid, files)) {
    if ((await knock(socketDirectory)) === "absent") return false;
    throw stopError(files, "it answers, but its processes cannot be seen from here (another container?)");
  }
  signalQuietly(pid, "SIGINT");
  if (await waitForEnd(pid, files, FAST_LIMIT_SECONDS, signal)) return true;
  signalQuietly(pid, "SIGQUIT");
  if (await waitForEnd(pid, files, IMMEDIATE_LIMIT_SECONDS, signal)) return true;
  throw stopError(files, `process ${pid} does not end`);
};

const stopError = (files: ServerFiles, why: string): Error =>
  unreachableError("embedded_server_stop_failed", `the embedded PostgreSQL server did not stop: ${why}`, {
    hint: `see ${files.log}`,
    details: { data_directory: files.data },
  });

/**
 * Tells whether the embedded server runs, without starting it. `absent` is a home that never had one.
 *
 * @throws unreachable embedded_server_wrong_owner when it is another user's
 */
export const embeddedServerStatus = async (
  options: Pick<EmbeddedServerOptions, "paths">,
): Promise<EmbeddedServerStatus> => {
  const files = findServerFiles(options.paths);
  if (files === undefined || !isDirectory(files.data)) {
    const root = files?.root ?? join(options.paths.dataDir, "postgres");
    return { state: "absent", dataDirectory: join(root, "data"), logFile: join(root, "server.log") };
  }
  accountForData(files.data);
  const facts = { dataDirectory: files.data, logFile: files.log, sizeBytes: sizeOnDisk(files.data) };
  const postmaster = readPostmaster(files);
  if (postmaster === undefined || (await knock(postmaster.socketDirectory)) === "absent")
    return { state: "stopped", ...facts };
  const { pid, socketDirectory } = postmaster;
  return { state: "running", pid, version: runningVersion(files), socketDirectory, ...facts };
};

/** Bytes on disk, as `du` counts them; a file that the server removes meanwhile counts 0. */
const sizeOnDisk = (directory: string): number => {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) bytes += sizeOnDisk(path);
    else bytes += (lstatSync(path, { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  }
  return bytes;
};
