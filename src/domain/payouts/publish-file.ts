import { randomUUID } from "node:crypto";
import { lstat, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../../files/replace-file.ts";
import { formatBytes } from "../../shared/bytes.ts";
import { refusedError, usageError, type AccrueError } from "../../shared/errors.ts";
import { writeProblem } from "../../shared/write-problem.ts";

/**
 * Creates a file, mode 0600, so that nobody sees a part of it. An existing file with the same bytes is left as it is.
 *
 * @throws refused `payout_file_exists` when something else is there; a usage error `payout_file_unwritable`
 */
export async function publishFile(path: string, bytes: Buffer): Promise<void> {
  const present = await lstat(path).catch(() => undefined);
  if (present?.isFile() === true && (await readFile(path).catch(() => undefined))?.equals(bytes) === true) return;
  if (present !== undefined) throw fileExists(path);
  try {
    await replaceFile(path, bytes, 0o600);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** A file to be published. */
interface FileToBe {
  readonly name: string;
  readonly byteSize: number;
}

/**
 * Checks that files can be published in a directory: it exists, is writable, has room, and nothing has their names.
 * Leaves nothing in it.
 *
 * @throws a usage error `payout_directory_unusable`; refused `payout_file_exists`
 */
export async function requireRoomFor(directory: string, files: readonly FileToBe[]): Promise<void> {
  const trial = join(directory, `.payout-${randomUUID()}.part`);
  const free = await writeFile(trial, "", { flag: "wx", mode: 0o600 })
    .then(() => statfs(directory))
    .catch((cause: unknown) => {
      throw directoryUnusable(directory, writeProblem(cause), cause);
    })
    .finally(() => rm(trial, { force: true }).catch(() => {}));
  const needed = files.reduce((sum, { byteSize }) => sum + byteSize, 0);
  if (needed > free.bavail * free.bsize)
    throw directoryUnusable(directory, `${formatBytes(needed)} do not fit on its disk`, undefined);
  for (const { name } of files) {
    const path = join(directory, name);
    if (
      await lstat(path).then(
        () => true,
        () => false,
      )
    )
      throw fileExists(path, "move it away, or give another --output; nothing was recorded");
  }
}

const directoryUnusable = (directory: string, problem: string, cause: unknown): AccrueError =>
  usageError("payout_directory_unusable", `cannot write files to ${directory}: ${problem}`, {
    hint: "make the directory, or name another with --output; nothing was recorded",
    details: { directory },
    cause,
  });

const fileExists = (
  path: string,
  hint = "move it away, or give another --output, and run `accrue payout export --batch` with the batch's number",
): AccrueError =>
  refusedError("payout_file_exists", `${path} is there already, and is not this batch's file`, {
    hint,
    details: { file: path },
  });

function unwritable(path: string, cause: unknown): AccrueError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  return usageError("payout_file_unwritable", `cannot write ${path}: ${code}`, {
    hint: "the batch is recorded (`accrue payout list`): make room or give another --output, and run `accrue payout export --batch` with its number",
    details: { file: path },
    cause,
  });
}
