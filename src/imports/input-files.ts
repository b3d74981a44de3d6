import { lstat, stat } from "node:fs/promises";
import { basename } from "node:path";
import { usageError } from "../shared/errors.ts";

/**
 * The files that arguments name. A pattern that no file is called literally, such as `'in/*.csv'` that the shell left
 * alone, is expanded to the files that fit, sorted; rejects files only fit a pattern that speaks of rejects, or each
 * night's run would import what the night before left behind.
 *
 * @throws AccrueError `no_such_files` (usage) for a pattern that nothing fits
 */
export async function expandFiles(names: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const name of names) files.push(...((await isPattern(name)) ? await filesFitting(name) : [name]));
  return [...new Set(files)];
}

async function isPattern(name: string): Promise<boolean> {
  return (
    /[*?[{]/.test(name) &&
    !(await lstat(name).then(
      () => true,
      () => false,
    ))
  );
}

async function filesFitting(pattern: string): Promise<readonly string[]> {
  const { glob } = await import("tinyglobby");
  const found = await glob(pattern, { expandDirectories: false });
  const wanted = pattern.includes("rejects") ? found : found.filter((name) => !/\.rejects\.csv$/i.test(name));
  if (wanted.length === 0) {
    throw usageError("no_such_files", `no file fits ${pattern}`, {
      hint: "check the pattern; rejects files only fit one that speaks of rejects",
    });
  }
  return wanted.sort();
}

/**
 * Where the rejects of a command's files go, as far as `--rejects` says so: into a file, or each into its own in a
 * directory.
 */
export type RejectsPlace = { readonly rejectsPath: string } | { readonly rejectsDirectory: string } | undefined;

/**
 * Reads `--rejects`: a directory that is there, else a file.
 *
 * @throws AccrueError (usage) `rejects_path_ambiguous` where several files would have the same rejects file,
 *   `rejects_path_no_file` for a device or a pipe: it would be replaced by a file
 */
export async function rejectsPlace(path: string | undefined, files: readonly string[]): Promise<RejectsPlace> {
  if (path === undefined) return undefined;
  const found = await stat(path).catch(() => undefined);
  const isDirectory = found?.isDirectory() === true;
  if (found !== undefined && !isDirectory && !found.isFile()) {
    throw usageError("rejects_path_no_file", `--rejects ${path}: it is a device or a pipe`, {
      hint: "name a file or a directory; what was rejected can be read with `accrue import show ID --rejects`, too",
    });
  }
  const names = files.map((file) => basename(file));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (isDirectory && twice === undefined) return { rejectsDirectory: path };
  if (files.length === 1) return { rejectsPath: path };
  const problem = isDirectory
    ? `several files are called ${twice}`
    : "--rejects names one file, and there are several files to import";
  throw usageError("rejects_path_ambiguous", problem, {
    hint: "name a directory for them, or leave --rejects out: each file's rejects go beside it",
  });
}
