import { usageError, type AccrueError } from "../../shared/errors.ts";
import type { ForeignFormat } from "./look.ts";

const openReasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of the path is not a directory",
  EISDIR: "it is a directory",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its symbolic links go round in a circle",
};

const writeReasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "it would become larger than a file may be",
  ENOENT: "there is no such directory",
  EACCES: "this user may not write there",
  EROFS: "the file system is read-only",
};

function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * The system's answer to opening a path, in words; its code where there are none for it. Undefined for anything else.
 */
export function openProblem(error: unknown): string | undefined {
  const code = systemCode(error);
  return code === undefined || !/^E[A-Z]+$/.test(code) ? undefined : (openReasons[code] ?? code);
}

/**
 * An answer of the system to opening a path as an error for people; anything else (ours, or a bug) goes on as it is.
 */
export function toOpenError(path: string, error: unknown): unknown {
  const reason = openProblem(error);
  return reason === undefined ? error : cannotOpen(path, reason, error);
}

/** A path that names nothing that could be read. */
export function cannotOpen(path: string, reason: string, cause?: unknown): AccrueError {
  return usageError("csv_cannot_open", `cannot open ${path}: ${reason}`, {
    hint: "check the path; - reads standard input",
    details: { file: path },
    cause,
  });
}

/** The system failed to read an open input. */
export function cannotRead(name: string, cause: unknown): AccrueError {
  return usageError("csv_cannot_read", `reading ${name} failed: ${systemCode(cause) ?? messageOf(cause)}`, {
    hint: "nothing of this file was kept; check the disk or the program that feeds it, then run the command again",
    details: { file: name },
    cause,
  });
}

/** A pipe could not be copied to a place where it can be read twice. */
export function cannotSpool(name: string, directory: string, cause: unknown): AccrueError {
  const code = systemCode(cause);
  const reason = code === undefined ? messageOf(cause) : (writeReasons[code] ?? code);
  return usageError("spool_failed", `cannot keep a copy of ${name} in ${directory}: ${reason}`, {
    hint: "make room there, name another directory with TMPDIR, or save the input as a file and import that",
    details: { file: name, directory },
    cause,
  });
}

/** What was surveyed is not what is there now. */
export function fileChanged(name: string): AccrueError {
  return usageError("file_changed", `${name} changed while it was read`, {
    hint: "nothing was imported; wait until the file is complete and import it again",
    details: { file: name },
  });
}

/** Something else than text. */
export function notText(name: string, { what, hint }: ForeignFormat): AccrueError {
  return usageError("csv_not_text", `${name} is ${what}, not a CSV file`, { hint, details: { file: name } });
}

/** A compressed file that ends early or is not what its checksums say. */
export function damaged(name: string, kind: "gzip file" | "zip archive", where: string, cause: unknown): AccrueError {
  return usageError("archive_damaged", `${name} is a damaged ${kind}: ${messageOf(cause)}${where}`, {
    hint: "fetch the file again; most often it was not copied to its end",
    details: { file: name },
    cause,
  });
}
