import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { replaceFile } from "../files/replace-file.ts";
import { usageError } from "../shared/errors.ts";
import { writeProblem } from "../shared/write-problem.ts";

const maxNameLength = 40;

/** What a profile is called that is written into a file: the file's name, as far as names may have it. */
export function profileNameFor(path: string): string {
  const letters = basename(path)
    .replace(/\.[^.]*$/, "")
    .toLowerCase()
    .slice(0, maxNameLength)
    .replaceAll(/[^a-z0-9]+/g, "-");
  return letters.replace(/^-/, "").replace(/-$/, "") || "own";
}

/**
 * Refuses to write a profile where something is already: a profile may be edited by hand, and is never replaced.
 *
 * @throws AccrueError (usage) `profile_exists`
 */
export async function refuseExisting(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return;
  throw usageError("profile_exists", `${path} is there already: no profile is written over it`, {
    hint: "name another file, or move that one away",
    details: { file: path },
  });
}

/** A profile as people write it: lists of one text stand on its line. */
const written = (profile: unknown): string =>
  JSON.stringify(profile, undefined, 2).replace(/\[\s+("(?:[^"\\]|\\.)*")\s+\]/g, "[$1]");

/**
 * Writes a profile into a new file.
 *
 * @throws AccrueError (usage) `profile_exists`, `profile_unwritable`
 */
export async function writeProfileFile(path: string, profile: unknown): Promise<void> {
  await refuseExisting(path);
  try {
    await replaceFile(path, `${written(profile)}\n`, 0o644);
  } catch (cause) {
    throw usageError("profile_unwritable", `cannot write ${path}: ${writeProblem(cause)}`, {
      hint: "name a file in a directory that can be written to",
      details: { file: path },
      cause,
    });
  }
}
