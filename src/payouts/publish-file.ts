import { lstat, readFile } from "node:fs/promises";
import { replaceFile } from "../operations/replace-file.ts";
import { refusedError, usageError, type AccrueError } from "../shared/errors.ts";

/**
 * Puts a file in place so that nobody ever sees a part of it, readable by its owner alone. A file that is there already with
 * the same bytes is left as it is.
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

const fileExists = (path: string): AccrueError =>
  refusedError("payout_file_exists", `${path} is there already, and is not this batch's file`, {
    hint: "move it away, or give another --output, and run `accrue payout export --batch` with the batch's number",
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
