import { closeSync, openSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

/** Lets the lock go. */
export type ReleaseLock = () => void;

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
