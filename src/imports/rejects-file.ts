import { rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { publishLeftBehind, sha256OfFile } from "../csv/rejects-left.ts";
import { defaultRejectsPath, type RejectsWriter } from "../csv/rejects.ts";
import { removeLeftBehind } from "../files/temporary-file.ts";
import { isDry, type Context } from "../db/context.ts";
import { usageError } from "../shared/errors.ts";
import type { EarlierImport, ImportReport } from "./report.ts";
import { isRejectsFileOf } from "./sql.ts";

/** Where an operator wants the rejected rows. */
export interface RejectsPlace {
  readonly input: { readonly path: string };
  readonly rejectsPath?: string;
  readonly rejectsDirectory?: string;
}

/** Where rejected rows go; nowhere in a dry run that does not say where. */
export function rejectsPathFor(
  context: Pick<Context, "ending">,
  { kind }: { readonly kind: string },
  { input, rejectsPath, rejectsDirectory }: RejectsPlace,
): string | undefined {
  if (rejectsPath !== undefined) return rejectsPath;
  const beside = defaultRejectsPath(input.path, kind);
  if (rejectsDirectory !== undefined) return join(rejectsDirectory, basename(beside));
  return isDry(context) ? undefined : beside;
}

/** What is read may not be replaced by its own rejects. */
export async function refuseSameFile(inputPath: string, rejectsPath: string): Promise<void> {
  const [input, target] = await Promise.all([
    stat(inputPath).catch(() => undefined),
    stat(rejectsPath).catch(() => undefined),
  ]);
  if (input === undefined || target === undefined || input.dev !== target.dev || input.ino !== target.ino) return;
  throw usageError(
    "rejects_path_is_input",
    `the rejects of ${inputPath} cannot go into ${rejectsPath}: it is the file to import`,
    { hint: "name another file with --rejects" },
  );
}

/**
 * Gives the rejects file its name, now that the rows it holds are rejected for good. A file that has that name already
 * is replaced, or taken away where nothing is rejected any more, if it is what an import of the same input wrote; one
 * that somebody has edited, or that is of another input, holds rows that may not be mended yet, and stays.
 *
 * @returns where the file is
 */
export async function settleRejects(
  { db, onNote }: Context,
  rejects: RejectsWriter,
  report: ImportReport,
): Promise<string | undefined> {
  const { path } = rejects;
  const older = report.dryRun ? undefined : await sha256OfFile(path);
  const isOwn = older !== undefined && (await isRejectsFileOf(db.sql, report, older));
  if (older !== undefined && !isOwn && rejects.rows > 0)
    await putAside(path, `${path}.before-${report.importId}`, onNote);
  const placed = await rejects.publish();
  await removeLeftBehind(path);
  if (placed !== undefined && placed !== path)
    onNote(`the system refuses the name ${path}; the rejects are in ${placed}`);
  if (placed !== undefined || older === undefined) return placed;
  if (isOwn) {
    await rm(path, { force: true });
    onNote(`${path} is taken away: nothing in it is rejected any more`);
  } else onNote(`${path} is not of this import, which rejected nothing`);
  return undefined;
}

/** Where the system refuses this, it refuses to replace the file as well. */
async function putAside(path: string, aside: string, onNote: Context["onNote"]): Promise<void> {
  const isAside = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (isAside) onNote(`the ${path} that was there had been edited, or was of another file: it is ${aside} now`);
}

/** An import that was killed right after its commit may not have named its rejects file. */
export async function completeEarlier(
  { onNote }: Context,
  { importId, rejectsFile, rejectsSha256 }: EarlierImport,
): Promise<void> {
  if (rejectsFile === null || rejectsSha256 === null || !(await publishLeftBehind(rejectsFile, rejectsSha256))) return;
  onNote(`import ${importId} was killed before its rejects file had its name: ${rejectsFile} is in place now`);
}
