import { constants } from "node:fs";
import { chmod, copyFile, link, mkdir, readFile, readdir, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { ServerPackage } from "./binaries.ts";
import { isDirectory } from "./layout.ts";
import type { ServerFiles } from "./layout.ts";
import { isRuntimeName, runtimeName } from "./versions.ts";

/**
 * Copies the server programs into the server's own directory, unless they are there, and returns where. They always run
 * from the copy: the server outlives the command, and `npm ci` empties node_modules under a running server, which loads
 * libraries whenever a connection starts; the clone may be closed to the server's account; node_modules may be
 * read-only. The symlinks among the libraries are made here, for npm may have been told not to run install scripts.
 *
 * The copy is made aside and renamed, so a crash on the way leaves nothing that looks whole.
 */
export const installRuntime = async (source: ServerPackage, files: ServerFiles): Promise<string> => {
  const target = join(files.root, runtimeName(source.packageVersion));
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
export const removeLeftovers = async (files: ServerFiles, wanted: ServerPackage): Promise<void> => {
  for (const name of await readdir(files.root)) {
    if ((isRuntimeName(name) || name.includes(".tmp-")) && name !== runtimeName(wanted.packageVersion)) {
      // An orphaned initdb may still be writing there; the next start gets what this one could not.
      await rm(join(files.root, name), { recursive: true, force: true, maxRetries: 2 }).catch(() => {});
    }
  }
};

/** Everybody may read and run the copy, however narrow the umask was that npm ran under. */
const copyTree = async (from: string, to: string): Promise<void> => {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (!isForDevelopers(entry.name)) await copyProgramFile(source, target);
  }
};

/**
 * A second name for the same file where that will do: npm replaces files and never writes into them, so the name keeps the
 * version alive, without 55 MB to write before the first start. A real copy on another file system, or where the file is
 * closed to others.
 */
const copyProgramFile = async (source: string, target: string): Promise<void> => {
  const { mode } = await stat(source);
  const wanted = (mode & 0o100) === 0 ? 0o644 : 0o755;
  if ((mode & 0o777) === wanted) {
    const linked = await link(source, target).then(() => true, () => false);
    if (linked) return;
  }
  await copyFile(source, target, constants.COPYFILE_FICLONE);
  await chmod(target, wanted);
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
