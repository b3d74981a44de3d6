import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { usageError } from "../shared/errors.ts";

const maxFileBytes = 1024;

/** What to do about a key, for hints: how one is made, and how it is changed. */
export interface PrivateFileAdvice {
  readonly make: string;
  readonly change: string;
}

/**
 * Reads a file that holds a key.
 *
 * @param uid the user at work; undefined where the system knows none
 * @throws a usage error: `secret_key_unreadable`, `secret_key_exposed` for a file that others could read or replace,
 *   `secret_key_invalid` for one that is too large. No message contains anything of the key
 */
export function readPrivateFile(path: string, uid: number | undefined, { make, change }: PrivateFileAdvice): string {
  const file = opened(path, make);
  try {
    // Looked at through the open file: what is checked is what is read.
    const { mode, uid: owner, size } = fstatSync(file);
    if ((mode & 0o077) !== 0 || (uid !== undefined && owner !== uid && owner !== 0)) {
      const found = `mode ${(mode & 0o777).toString(8).padStart(4, "0")}, owner ${owner}`;
      throw usageError(
        "secret_key_exposed",
        `the key file ${path} is not private (${found}): others can read or replace it`,
        {
          hint: `chmod 600 it, and chown it to yourself or root; if others may have read it, change the key: ${change}`,
          details: { path },
        },
      );
    }
    if (size > maxFileBytes)
      throw usageError("secret_key_invalid", `the key file ${path} holds ${size} bytes: that is no key`, {
        hint: make,
      });
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function opened(path: string, make: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw usageError("secret_key_unreadable", `cannot read the key file ${path}: ${(error as Error).message}`, {
      hint: `check the path; ${make}`,
    });
  }
}
