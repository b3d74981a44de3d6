import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { AccruePaths } from "../../config/paths.ts";
import { unreachableError } from "../../shared/errors.ts";
import { accountForData, accountForNewServer, firstClosedDirectory, ownUid, type ServerAccount } from "./account.ts";

/** The files of one embedded server. All lie below `root`, which belongs to the user who runs accrue. */
export interface ServerFiles {
  readonly root: string;
  /** The PostgreSQL data directory; it exists only when it is complete. */
  readonly data: string;
  /** Where data goes that a restored backup takes the place of, until that has come. */
  readonly leaving: string;
  readonly log: string;
  /** The socket directory, when its path is short enough for a socket. */
  readonly run: string;
  /** Names the socket directory, when it had to be elsewhere. */
  readonly socketDirectoryNote: string;
}

/** How the directories begin, in a server's root, that backups are restored in. */
export const WORKSPACE = "restore.tmp-";

/** Where root's servers go when the home is in a directory that no unprivileged user may enter. */
const SHARED_ROOT = "/var/lib/accrue/homes";

/** In the data home: names the server's root, when it had to be elsewhere. */
const locationNote = (paths: AccruePaths): string => join(paths.dataDir, "postgres-location");

/** The files of a server whose root is that directory. */
export const filesBelow = (root: string): ServerFiles => ({
  root,
  data: join(root, "data"),
  leaving: join(root, "data.leaving"),
  log: join(root, "server.log"),
  run: join(root, "run"),
  socketDirectoryNote: join(root, "socket-directory"),
});

/**
 * The server's files as far as they have been laid out; undefined when this home has had no server yet. Writes nothing.
 */
export const findServerFiles = (paths: AccruePaths): ServerFiles | undefined => {
  const here = join(paths.dataDir, "postgres");
  if (isDirectory(here)) return filesBelow(realpathSync(here));
  const elsewhere = readNote(locationNote(paths));
  return elsewhere === undefined ? undefined : filesBelow(isDirectory(elsewhere) ? realpathSync(elsewhere) : elsewhere);
};

/**
 * The server's files and the account that runs it, creating the directories that are missing. Call it under the lock.
 *
 * Root's directories can be entered but not read by others, so that the server's account gets through to its data; the
 * account owns nothing but its data and socket directories, so root never follows a link that the account planted. When
 * the home itself is closed to the account (a clone in a private directory), the server's root goes below
 * /var/lib/accrue and a note in the home says where: the home stays the only thing a user has to name.
 *
 * @throws unreachable embedded_server_directory_closed, embedded_server_directory_unusable and those of `account.ts`
 */
export const layOutServer = (paths: AccruePaths): { files: ServerFiles; account: ServerAccount } => {
  const known = findServerFiles(paths);
  if (known !== undefined) {
    makeDirectory(known.root);
    finishReplacement(known);
    const account = isDirectory(known.data) ? accountForData(known.data) : accountForNewServer();
    const closed = account.switches ? firstClosedDirectory(known.root, account) : undefined;
    if (closed !== undefined) throw closedError(closed, known, account);
    return { files: known, account };
  }
  const account = accountForNewServer();
  makeDirectory(paths.dataDir);
  const here = join(realpathSync(paths.dataDir), "postgres");
  if (account.switches && firstClosedDirectory(dirname(here), account) !== undefined) {
    return { files: filesBelow(makeElsewhere(paths)), account };
  }
  makeDirectory(here);
  return { files: filesBelow(here), account };
};

const makeElsewhere = (paths: AccruePaths): string => {
  makeDirectory(SHARED_ROOT);
  return usable(SHARED_ROOT, () => {
    const root = mkdtempSync(join(SHARED_ROOT, "home-"));
    chmodSync(root, 0o711);
    // So that whoever finds the directory later knows which home it belongs to.
    writeFileSync(join(root, "home"), `${realpathSync(paths.dataDir)}\n`);
    writeNote(locationNote(paths), root);
    return realpathSync(root);
  });
};

/** Makes a directory with its parents, private to the user (root's can be entered), or says why that cannot be. */
export const makeDirectory = (directory: string): void =>
  usable(directory, () => makeWithParents(directory, ownUid() === 0 ? 0o711 : 0o700));

/** Not by Node's own `recursive`, which tries for ever where the system makes no directories, as below /proc. */
const makeWithParents = (directory: string, mode: number): void => {
  const parent = dirname(directory);
  try {
    mkdirSync(directory, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && isDirectory(directory)) return;
    if (code !== "ENOENT" || existsSync(parent)) throw error;
    makeWithParents(parent, mode);
    return makeWithParents(directory, mode);
  }
  // mkdir's mode is cut by the umask; a root with umask 077 would close its own server's way.
  chmodSync(directory, mode);
};

const usable = <T>(directory: string, action: () => T): T => {
  try {
    return action();
  } catch (error) {
    throw asUnusable(error, directory);
  }
};

/**
 * What a failed system call (no permission, no room, read-only) means for the user; any other error stays what it is.
 */
export const asUnusable = (error: unknown, directory: string): unknown =>
  error instanceof Error && "syscall" in error
    ? unreachableError(
        "embedded_server_directory_unusable",
        `cannot keep the database in ${directory}: ${error.message}`,
        {
          hint: "set ACCRUE_HOME to a directory you may write to, or set DATABASE_URL",
          details: { directory },
          cause: error,
        },
      )
    : error;

const closedError = (closed: string, files: ServerFiles, account: ServerAccount): Error =>
  unreachableError(
    "embedded_server_directory_closed",
    `the database in ${files.root} runs as user ${account.name}, who may not enter ${closed}`,
    {
      hint: `let others pass through it (\`chmod o+x ${closed}\`), or set ACCRUE_HOME or DATABASE_URL to another place`,
      details: { directory: closed, user: account.name },
    },
  );

/** Reads a one-line file; undefined when there is none. */
export const readNote = (file: string): string | undefined => {
  try {
    const text = readFileSync(file, "utf8").trim();
    return text === "" ? undefined : text;
  } catch {
    return undefined;
  }
};

/** Writes a one-line file so that a reader sees all of it or nothing. */
export const writeNote = (file: string, text: string): void => {
  writeFileSync(`${file}.new`, `${text}\n`, { flush: true });
  renameSync(`${file}.new`, file);
};

/** True when the path is a directory that this user can see. */
export const isDirectory = (path: string): boolean => {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
};

/**
 * Finishes a replacement that a killed command left: where the new data is not in place, the old data comes back; where
 * it is, the old data gets the name that it is kept under. To be called under the lock.
 *
 * @returns where the old data is kept
 */
export const finishReplacement = (files: ServerFiles): string | undefined => {
  if (!isDirectory(files.leaving)) return undefined;
  const target = isDirectory(files.data) ? freeName(join(files.root, "data.before-restore")) : files.data;
  renameSync(files.leaving, target);
  syncDirectory(files.root);
  return target === files.data ? undefined : target;
};

const freeName = (name: string): string => {
  for (let number = 1; ; number += 1) {
    const numbered = number === 1 ? name : `${name}-${number}`;
    if (!existsSync(numbered)) return numbered;
  }
};

/** Makes renamings in a directory survive a power cut. */
export const syncDirectory = (directory: string): void => {
  const handle = openSync(directory, "r");
  fsyncSync(handle);
  closeSync(handle);
};

/** A socket's path may have 103 bytes on macOS and 107 on Linux; the file name, with its slash, takes 14 of them. */
const MAX_DIRECTORY_BYTES = 86;

/**
 * The directory that the server's socket goes to: below the server's root, or, when that path is too long for a socket,
 * a short one made for it, remembered in the server's root and made anew when it is gone (a cleaned /tmp). Closed to
 * everybody but the server's account (and root).
 *
 * Not below XDG_RUNTIME_DIR, which vanishes at logout while the server goes on. The server must not be running, since
 * the sockets that a killed one left are removed.
 */
export const prepareSocketDirectory = (
  files: ServerFiles,
  account: ServerAccount,
  env: NodeJS.ProcessEnv,
  fallbacks: readonly string[] = ["/tmp", "/var/tmp"],
): string => {
  const fits = Buffer.byteLength(files.run) <= MAX_DIRECTORY_BYTES;
  if (fits) makeDirectory(files.run);
  const directory = fits
    ? handOver(files.run, account)
    : shortDirectory(files, account, [env["TMPDIR"] ?? "", ...fallbacks]);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(".s.PGSQL.")) rmSync(join(directory, name), { force: true });
  }
  return directory;
};

/** Removes a socket directory that is not below the server's root. The server must not be running. */
export const forgetSocketDirectory = (files: ServerFiles): void => {
  const directory = readNote(files.socketDirectoryNote);
  if (directory === undefined) return;
  rmSync(directory, { recursive: true, force: true });
  rmSync(files.socketDirectoryNote, { force: true });
};

const handOver = (directory: string, account: ServerAccount): string => {
  chmodSync(directory, 0o700);
  if (account.switches) chownSync(directory, account.uid, account.gid);
  return directory;
};

const shortDirectory = (files: ServerFiles, account: ServerAccount, bases: readonly string[]): string => {
  const remembered = readNote(files.socketDirectoryNote);
  if (remembered !== undefined && isPrivateTo(remembered, account)) return remembered;
  for (const base of bases.filter((directory) => isAbsolute(directory))) {
    const pattern = join(base, "accrue-");
    if (Buffer.byteLength(pattern) + 6 > MAX_DIRECTORY_BYTES) continue;
    try {
      if (account.switches && firstClosedDirectory(base, account) !== undefined) continue;
      const made = handOver(mkdtempSync(pattern), account);
      writeNote(files.socketDirectoryNote, made);
      return made;
    } catch {
      // Not there or not writable: the next one may be.
    }
  }
  throw unreachableError(
    "embedded_server_no_socket_directory",
    `the path ${files.run} is too long for a socket, and no directory for temporary files can be used instead`,
    { hint: "set ACCRUE_HOME to a shorter path, or TMPDIR to a directory you may write to" },
  );
};

/** Anybody may create the remembered name in a directory for temporary files, once it was removed. */
const isPrivateTo = (directory: string, account: ServerAccount): boolean => {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  return stats !== undefined && stats.isDirectory() && stats.uid === account.uid && (stats.mode & 0o077) === 0;
};
