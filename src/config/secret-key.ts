import { randomBytes } from "node:crypto";
import { closeSync, fchmodSync, fsyncSync, openSync, writeSync } from "node:fs";
import { refusedError, usageError } from "../shared/errors.ts";
import { readPrivateFile, type PrivateFileAdvice } from "./private-file.ts";
import type { KeySource, Setting } from "./settings.ts";

const keyBytes = 32;
const howToMakeOne = "`accrue db new-key --file PATH` makes one";
const advice: PrivateFileAdvice = { make: howToMakeOne, change: "`accrue db rotate-key`" };

/**
 * Reads a secret key: 32 bytes, as 64 hexadecimal digits or in base64.
 *
 * @param uid the user at work; undefined where the system knows none
 * @returns undefined when none is set
 * @throws a usage error: `secret_key_invalid`, `secret_key_unreadable`, or `secret_key_exposed` for a file that others
 *   could read or replace. No message contains anything of the key
 */
export function readSecretKey(
  { value, origin }: Setting<KeySource | undefined>,
  uid: number | undefined,
): Buffer | undefined {
  if (value === undefined) return undefined;
  const text = value.kind === "text" ? value.text : readPrivateFile(value.path, uid, advice);
  const key = decoded(text.trim());
  if (key !== undefined) return key;
  const where = value.kind === "text" ? origin : `${value.path} (${origin})`;
  throw usageError(
    "secret_key_invalid",
    `what ${where} holds is no key: a key is ${keyBytes} bytes, as 64 hexadecimal digits or 44 characters of base64`,
    { hint: howToMakeOne },
  );
}

function decoded(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, "base64");
  return key.length === keyBytes ? key : undefined;
}

/** A new key, in base64. */
export const newSecretKey = (): string => randomBytes(keyBytes).toString("base64");

/**
 * Writes a new key to a new file that only its owner can read, and syncs it.
 *
 * @throws refused, `key_file_exists`: a key that is in use must not be lost; a usage error, `key_file_unwritable`
 */
export function writeNewKey(path: string): void {
  const file = created(path);
  try {
    fchmodSync(file, 0o600); // whatever the umask left of it
    writeSync(file, `${newSecretKey()}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function created(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") {
      throw refusedError("key_file_exists", `${path} is there already, and a key in it may be in use`, {
        hint: "name a file that does not exist yet",
      });
    }
    throw usageError("key_file_unwritable", `cannot write the key file ${path}: ${(error as Error).message}`, {
      hint: "name a file in a directory that you can write to",
    });
  }
}
