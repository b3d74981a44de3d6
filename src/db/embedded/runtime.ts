import { constants } from "node:fs";
import { chmod, copyFile, mkdir, readFile, readdir, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { ServerPackage } from "./binaries.ts";
import { isDirectory } from "./layout.ts";
import type { ServerFiles } from "./layout.ts";

const PREFIX = "runtime-";

/** Where a version's programs are, once they have been copied. */
export const runtimeDirectory = (files: ServerFiles, packageVersion: string): string =>
  join(files.root, `${PREFIX}${packageVersion}`);

/** The package version in a path of a program, such as ".../runtime-18.4.0-beta.17/bin/postgres". */
export const versionInPath = (program: string): string | undefined =>
  basename(dirname(dirname(program))).split(PREFIX)[1];

/**
 * Copies the server programs into the server's own directory, unless they are there, and returns where. They always run
 * from the copy: the server outlives the command, and `npm ci` empties node_modules under a running server, which loads
 * libraries whenever a connection starts; the clone may be closed to the server's account; node_modules may be
 * read-only. The symlinks among the libraries are made here, for npm may have been told not to run install scripts.
 *
 * The copy is made aside and renamed, so a crash on the way leaves nothing that looks whole.
 */
export const installRuntime = async (source: ServerPackage, files: ServerFiles): Promise<string> => {
  const target = runtimeDirectory(files, source.packageVersion);
  if (isDirectory(target)) return target;
  const aside = `${target}.tmp-${process.pid}`;
  await rm(aside, { recursive: true, force: true });
  await copyTree(join(source.directory, "native"), aside);
  for (const link of await listedSymlinks(source)) {
    await symlink(relative(dirname(link.target), link.source), join(aside, relative("native", link.target))).catch(ignoreExisting);
  }
  await rename(aside, target);
  return target;
};

/** Removes what killed commands left half made and what older versions left behind. The server must not be running. */
export const removeLeftovers = async (files: ServerFiles, keep: string): Promise<void> => {
  for (const name of await readdir(files.root)) {
    const path = join(files.root, name);
    if (path !== keep && (name.startsWith(PREFIX) || name.includes(".tmp-"))) {
      // An orphaned initdb may still be writing there; the next start gets what this one could not.
      await rm(path, { recursive: true, force: true, maxRetries: 2 }).catch(() => {});
    }
  }
};

/** Everybody may read and run the copy, however narrow the umask was that npm ran under. */
const copyTree = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  const entries = await readdir(from, { withFileTypes: true });
  for (const entry of entries) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!isForDevelopers(entry.name)) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await chmod(target, from.endsWith("bin") || entry.name.includes(".so") || entry.name.endsWith(".dylib") ? 0o755 : 0o644);
    }
  }
};

/** Static libraries and build descriptions: a running server never opens them. */
const isForDevelopers = (name: string): boolean => name.endsWith(".a") || name.endsWith(".pc");

const listedSymlinks = async (source: ServerPackage): Promise<{ source: string; target: string }[]> => {
  const text = await readFile(join(source.directory, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  return JSON.parse(text) as { source: string; target: string }[];
};

const ignoreExisting = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "EEXIST") throw error;
};
