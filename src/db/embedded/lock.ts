import { closeSync, openSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AccruePaths } from "../../config/paths.ts";
import { unreachableError } from "../../shared/errors.ts";
import type { EmbeddedServerOptions } from "./running.ts";

/** Lets the lock go. */
export type ReleaseLock = () => void;

const LOCK_LIMIT_SECONDS = 120;
const QUIET_SECONDS = 3;

/** open(2) flags of macOS that Node has no names for: read-write, create, flock exclusively, and do not wait for it. */
const DARWIN_OPEN_LOCKED = 0x0002 | 0x0200 | 0x0020 | 0x0004;

/**
 * Tries to take the lock under which a server is set up, started or stopped; undefined when somebody else holds it.
 *
 * The kernel holds it, so it dies with its holder whatever kills that one: there is no stale lock to recognize and so no
 * race between two commands that take it over, which a lock file with a process id in it cannot avoid. On Linux it is a
 * name in the abstract socket namespace, made of the directory's device and inode, on macOS a file opened with O_EXLOCK.
 * (Node has no flock on Linux; a socket in the file system would have to be removed when stale, and has a length limit.)
 *
 * @param directory an existing directory that all commands of the same home share
 */
export const tryServerLock = (directory: string): Promise<ReleaseLock | undefined> =>
  process.platform === "darwin" ? Promise.resolve(tryFileLock(directory)) : tryAbstractSocket(directory);

const tryAbstractSocket = (directory: string): Promise<ReleaseLock | undefined> =>
  new Promise((resolve, reject) => {
    const { dev, ino } = statSync(directory, { bigint: true });
    // Whoever connects is turned away: the name is all that matters.
    const holder = createServer((socket) => socket.destroy());
    holder.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    holder.listen({ path: `\0accrue-embedded-${dev}-${ino}`, exclusive: true }, () => {
      holder.unref();
      resolve(() => holder.close());
    });
  });

const tryFileLock = (directory: string): ReleaseLock | undefined => {
  try {
    const file = openSync(join(directory, "lock"), DARWIN_OPEN_LOCKED, 0o600);
    return () => closeSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
};

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
