import { closeSync, lchownSync, linkSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { connect, createServer } from "node:net";
import type { Server } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AccruePaths } from "../../config/paths.ts";
import { unreachableError } from "../../shared/errors.ts";
import { ownUid } from "./account.ts";
import type { EmbeddedServerOptions } from "./running.ts";

/** Lets the lock go. */
export type ReleaseLock = () => void;

const LOCK_LIMIT_SECONDS = 120;
const QUIET_SECONDS = 3;
const LOCK_NAME = "lock";
const OWN_PREFIX = "own-";

/** open(2) flags of macOS that Node has no names for: read-write, create, flock exclusively, and do not wait for it. */
const DARWIN_OPEN_LOCKED = 0x0002 | 0x0200 | 0x0020 | 0x0004;

/**
 * Tries to take the lock under which a server is set up, started, stopped or restored; undefined when somebody else
 * holds it.
 *
 * It lies in a directory that only the home's owner may enter, so nobody else can hold it. On macOS it is a file opened
 * with O_EXLOCK. Node has no flock on Linux; there it is a socket that its holder listens on: whatever ends that one,
 * the kernel refuses connections from then on, in every container that shares the home.
 *
 * @param directory an existing directory that all commands of the same home share
 */
export const tryServerLock = async (directory: string): Promise<ReleaseLock | undefined> => {
  const place = lockDirectory(directory);
  if (process.platform === "darwin") return tryFileLock(join(place, LOCK_NAME));
  const release = await trySocketLock(place, LOCK_NAME);
  if (release !== undefined) await removeForgotten(place);
  return release;
};

/** Root may use a home of somebody else, who must get at the lock as well. */
const lockDirectory = (directory: string): string => {
  const place = join(directory, LOCK_NAME);
  try {
    mkdirSync(place, { mode: 0o700 });
    const { uid, gid } = statSync(directory);
    if (uid !== ownUid()) lchownSync(place, uid, gid);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  return place;
};

/**
 * A socket that listens already gets the lock's name by link(2), which succeeds for one of several. So a socket of that
 * name which refuses connections is dead for good. Only who holds a lock on its inode's number removes it, after
 * checking again: otherwise one that checked long ago could remove a lock that is held by now. That inner lock works
 * like this one, so a dead one is taken over in the same way.
 */
const trySocketLock = async (directory: string, name: string): Promise<ReleaseLock | undefined> => {
  const path = join(directory, name);
  for (;;) {
    const own = await listen(directory);
    const outcome = linked(own.path, path);
    rmSync(own.path, { force: true });
    if (outcome === "linked") {
      return () => {
        rmSync(path, { force: true });
        own.server.close();
      };
    }
    own.server.close();
    if (outcome === "taken" && ((await isHeld(directory, name)) || !(await removeDead(directory, name))))
      return undefined;
  }
};

/** False when another command is about to remove it. */
const removeDead = async (directory: string, name: string): Promise<boolean> => {
  const path = join(directory, name);
  const inode = inodeOf(path);
  if (inode === undefined) return true;
  const release = await trySocketLock(directory, `${name}.${inode}`);
  if (release === undefined) return false;
  if (inodeOf(path) === inode && !(await isHeld(directory, name))) rmSync(path, { force: true });
  release();
  return true;
};

interface OwnSocket {
  readonly server: Server;
  readonly path: string;
}

/** Listens on a socket with a unique name. Connections are closed at once. */
const listen = (directory: string): Promise<OwnSocket> =>
  new Promise((resolve, reject) => {
    const name = `${OWN_PREFIX}${randomUUID()}`;
    const { path, close } = shortPath(directory, name);
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error) => {
      close();
      reject(error);
    });
    // Writable, so that the home's owner can check a lock of root's; the directory keeps everybody else out.
    server.listen({ path, exclusive: true, writableAll: true }, () => {
      close();
      server.unref();
      resolve({ server, path: join(directory, name) });
    });
  });

/** Whether a process listens there. Any error but a refusal (a full queue, no permission) counts as held. */
const isHeld = (directory: string, name: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { path, close } = shortPath(directory, name);
    const socket = connect({ path });
    const finish = (held: boolean): void => {
      close();
      socket.destroy();
      resolve(held);
    };
    socket.once("connect", () => finish(true));
    socket.once("error", (error) => finish(!["ECONNREFUSED", "ENOENT"].includes(codeOf(error) ?? "")));
  });

/** A socket's path may have 107 bytes; through a descriptor of its directory it is short. */
const shortPath = (directory: string, name: string): { readonly path: string; close(): void } => {
  const descriptor = openSync(directory, "r");
  return { path: `/proc/self/fd/${descriptor}/${name}`, close: () => closeSync(descriptor) };
};

/** `gone`: the lock's holder removed our socket, which did not listen yet, as that of a killed command. */
const linked = (from: string, to: string): "linked" | "taken" | "gone" => {
  try {
    linkSync(from, to);
    return "linked";
  } catch (error) {
    if (codeOf(error) === "EEXIST") return "taken";
    if (codeOf(error) === "ENOENT") return "gone";
    throw error;
  }
};

/** Removes sockets of commands that were killed before they had the lock. */
const removeForgotten = async (directory: string): Promise<void> => {
  for (const name of readdirSync(directory)) {
    if (name.startsWith(OWN_PREFIX) && !(await isHeld(directory, name))) rmSync(join(directory, name), { force: true });
  }
};

const inodeOf = (path: string): bigint | undefined => statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

const tryFileLock = (path: string): ReleaseLock | undefined => {
  try {
    const file = openSync(path, DARWIN_OPEN_LOCKED, 0o600);
    return () => closeSync(file);
  } catch (error) {
    if (codeOf(error) === "EAGAIN") return undefined;
    throw error;
  }
};

/**
 * Waits for the lock of this home. `shortcut` is tried each time: who waits for a start is done as soon as the server
 * runs.
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
  let isNoted = false;
  for (;;) {
    options.signal?.throwIfAborted();
    const release = await tryServerLock(options.paths.dataDir);
    if (release !== undefined) return release;
    const seconds = (performance.now() - begun) / 1000;
    if (seconds > limitSeconds) throw lockedError(options.paths, limitSeconds);
    if (seconds > QUIET_SECONDS && !isNoted) {
      isNoted = true;
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
    {
      hint: "try again when it is done; `accrue db status` shows whether the server runs",
      details: { directory: paths.dataDir },
    },
  );
