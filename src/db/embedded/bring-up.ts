import { unreachableError } from "../../shared/errors.ts";
import { findServerPackage } from "./binaries.ts";
import { checkDataVersion, createCluster } from "./cluster.ts";
import { isDirectory, layOutServer } from "./layout.ts";
import type { ServerFiles } from "./layout.ts";
import { knock, readPostmaster } from "./postmaster.ts";
import { isServerProcess, signalQuietly, waitForEnd } from "./processes.ts";
import { describeServer } from "./running.ts";
import type { EmbeddedServer, EmbeddedServerOptions } from "./running.ts";
import { removeWorkspaces } from "./restore.ts";
import { installRuntime, removeLeftovers } from "./runtime.ts";
import { prepareSocketDirectory } from "./socket-dir.ts";
import { clearKilledServer, startServer, waitUntilReady } from "./start.ts";

const STOPPING_LIMIT_SECONDS = 60;
const SOCKET_LOST_LIMIT_SECONDS = 15;

/** The cold path, under the lock: whatever state the last command, a crash or a kill left, a running server comes of it. */
export const bringUp = async (options: EmbeddedServerOptions): Promise<EmbeddedServer> => {
  const { signal } = options;
  const onNote = options.onNote ?? (() => {});
  const { files, account } = layOutServer(options.paths);
  const socketOfUnfinishedStart = await settleLivingServer(files, options);
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
