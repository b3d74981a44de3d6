import { chmodSync, chownSync, lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { unreachableError } from "../../shared/errors.ts";
import { firstClosedDirectory } from "./account.ts";
import type { ServerAccount } from "./account.ts";
import { makeDirectory, readNote, writeNote } from "./layout.ts";
import type { ServerFiles } from "./layout.ts";

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
  const directory = fits ? makePrivate(files.run, account) : shortDirectory(files, account, [env["TMPDIR"] ?? "", ...fallbacks]);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(".s.PGSQL.")) rmSync(join(directory, name), { force: true });
  }
  return directory;
};

/** Removes the socket directory when it is not below the server's root. The server must not be running. */
export const forgetSocketDirectory = (files: ServerFiles): void => {
  const directory = readNote(files.socketDirectoryNote);
  if (directory === undefined) return;
  rmSync(directory, { recursive: true, force: true });
  rmSync(files.socketDirectoryNote, { force: true });
};

const makePrivate = (directory: string, account: ServerAccount): string => {
  makeDirectory(directory);
  return handOver(directory, account);
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

/** In a directory for temporary files anybody may put something under the remembered name once it is free. */
const isPrivateTo = (directory: string, account: ServerAccount): boolean => {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  return stats !== undefined && stats.isDirectory() && stats.uid === account.uid && (stats.mode & 0o077) === 0;
};
