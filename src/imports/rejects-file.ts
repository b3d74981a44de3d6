import { rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { publishLeftBehind, removeLeftBehind, sha256OfFile } from "../csv/rejects-left.ts";
import { defaultRejectsPath, type RejectsWriter } from "../csv/rejects.ts";
import type { Context } from "../db/context.ts";
import { usageError } from "../shared/errors.ts";
import type { EarlierImport, ImportReport } from "./report.ts";
import { isRejectsFileOf } from "./sql.ts";

/** Where an operator wants the rejected rows. */
export interface RejectsPlace {
  readonly input: { readonly path: string };
  readonly rejectsPath?: string;
  readonly rejectsDirectory?: string;
  readonly dryRun?: boolean;
}

/** Where rejected rows go; nowhere in a dry run that does not say where. */
export function rejectsPathFor({ kind }: { readonly kind: string }, { input, rejectsPath, rejectsDirectory, dryRun }: RejectsPlace): string | undefined {
  if (rejectsPath !== undefined) return rejectsPath;
  const beside = defaultRejectsPath(input.path, kind);
  if (rejectsDirectory !== undefined) return join(rejectsDirectory, basename(beside));
  return dryRun === true ? undefined : beside;
}

/** What is read may not be replaced by its own rejects. */
export async function refuseSameFile(inputPath: string, rejectsPath: string): Promise<void> {
  const [input, target] = await Promise.all([stat(inputPath).catch(() => undefined), stat(rejectsPath).catch(() => undefined)]);
  if (input === undefined || target === undefined || input.dev !== target.dev || input.ino !== target.ino) return;
  throw usageError("rejects_path_is_input", `the rejects of ${inputPath} cannot go into ${rejectsPath}: it is the file to import`, {
    hint: "name another file with --rejects",
  });
}

/**
 * Gives the rejects file its name, now that the rows it holds are rejected for good, and leaves none of that name that
 * tells of rows which are rejected no more.
 *
 * @returns where the file is
 */
export async function settleRejects({ db, onNote }: Context, rejects: RejectsWriter, report: ImportReport): Promise<string | undefined> {
  const { path } = rejects;
  const placed = await rejects.publish();
  await removeLeftBehind(path);
  if (placed !== undefined && placed !== path) onNote(`the system refuses the name ${path}; the rejects are in ${placed}`);
  if (placed !== undefined || report.dryRun) return placed;
  const older = await sha256OfFile(path);
  if (older === undefined) return undefined;
  if (await isRejectsFileOf(db.sql, report, older)) {
    await rm(path, { force: true });
    onNote(`${path} is taken away: nothing in it is rejected any more`);
  } else onNote(`${path} is not of this import, which rejected nothing`);
  return undefined;
}

/** An import that was killed right behind its commit may not have named its rejects file. */
export async function completeEarlier({ onNote }: Context, { importId, rejectsFile, rejectsSha256 }: EarlierImport): Promise<void> {
  if (rejectsFile === null || rejectsSha256 === null || !(await publishLeftBehind(rejectsFile, rejectsSha256))) return;
  onNote(`import ${importId} was killed before its rejects file had its name: ${rejectsFile} is in place now`);
}
