import type { AccruePaths } from "../../config/paths.ts";
import { findServerFiles } from "./layout.ts";
import type { ServerFiles } from "./layout.ts";
import { SERVER_DATABASE, SERVER_PORT, SERVER_USER, knock, readPostmaster, runningVersion } from "./postmaster.ts";

/** Where a running embedded server is to be reached. There is no password: the kernel tells it who connects. */
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

/** The server when it runs and takes connections; undefined otherwise. Changes nothing. */
export const findRunning = async (paths: AccruePaths): Promise<EmbeddedServer | undefined> => {
  const files = findServerFiles(paths);
  if (files === undefined) return undefined;
  const postmaster = readPostmaster(files);
  if (postmaster?.status !== "ready" || (await knock(postmaster.socketDirectory)) !== "present") return undefined;
  return describeServer(files, postmaster.socketDirectory);
};

/** Where to reach the server of these files, which is running. */
export const describeServer = (files: ServerFiles, socketDirectory: string): EmbeddedServer => ({
  socketDirectory,
  port: SERVER_PORT,
  user: SERVER_USER,
  database: SERVER_DATABASE,
  version: runningVersion(files),
  dataDirectory: files.data,
});
