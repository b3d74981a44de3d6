import { accountForData } from "./account.ts";
import { asUnusable, findServerFiles, isDirectory, makeDirectory } from "./layout.ts";
import { findRunning, type EmbeddedServer, type EmbeddedServerOptions } from "./running.ts";

/**
 * The running embedded server of this home: found (a few file reads and one connection), or set up and started. Any
 * number of commands may call this at once. The server goes on running when the command ends.
 *
 * @throws unreachable with one of the embedded_server_* codes, each saying what to do; DATABASE_URL is always a way out
 * @throws the signal's reason when it aborts
 */
export const ensureEmbeddedServer = async (options: EmbeddedServerOptions): Promise<EmbeddedServer> => {
  const running = await findRunning(options.paths);
  if (running !== undefined) return running;
  // Most commands find the server running, and do not load this.
  const { bringUp } = await import("./start.ts");
  const { takeLock } = await import("./lock.ts");
  makeDirectory(options.paths.dataDir);
  const files = findServerFiles(options.paths);
  if (files !== undefined && isDirectory(files.data)) accountForData(files.data);
  const release = await takeLock(options, () => findRunning(options.paths));
  if (typeof release !== "function") return release;
  try {
    return (await findRunning(options.paths)) ?? (await bringUp(options));
  } catch (error) {
    throw asUnusable(error, options.paths.dataDir);
  } finally {
    release();
  }
};
