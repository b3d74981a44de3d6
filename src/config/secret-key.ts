import { randomBytes } from "node:crypto";
import { closeSync, fchmodSync, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { refusedError, usageError } from "../shared/errors.ts";
import type { KeySource, Setting } from "./settings.ts";

const keyBytes = 32;
const maxFileBytes = 1024;
const howToMakeOne = "`accrue db new-key --file PATH` makes one";

/**
 * Reads a secret key: 32 bytes, as 64 hexadecimal digits or in base64.
 *
 * @param uid the user at work; undefined where the system knows none
 * @returns undefined when none is set
 * @throws a usage error: `secret_key_invalid`, `secret_key_unreadable`, or `secret_key_exposed` for a file that others
 *   could read or replace. No message tells anything of the key
 */
export function readSecretKey({ value, origin }: Setting<KeySource | undefined>, uid: number | undefined): Buffer | undefined {
  if (value === undefined) return undefined;
  const text = value.kind === "text" ? value.text : readPrivateFile(value.path, uid);
  const key = decoded(text.trim());
  if (key !== undefined) return key;
  const where = value.kind === "text" ? origin : `${value.path} (${origin})`;
  throw usageError("secret_key_invalid", `what ${where} holds is no key: a key is ${keyBytes} bytes, as 64 hexadecimal digits or 44 characters of base64`, { hint: howToMakeOne });
}

function decoded(text: string): Buffer | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, "base64");
  return key.length === keyBytes ? key : undefined;
}

function readPrivateFile(path: string, uid: number | undefined): string {
  const file = opened(path);
  try {
    // Looked at through the open file: what is checked is what is read.
    const { mode, uid: owner, size } = fstatSync(file);
    if ((mode & 0o077) !== 0 || (uid !== undefined && owner !== uid && owner !== 0)) {
      const found = `mode ${(mode & 0o777).toString(8).padStart(4, "0")}, owner ${owner}`;
      throw usageError("secret_key_exposed", `the key file ${path} is not private (${found}): others can read or replace it`, {
        hint: `chmod 600 it, and chown it to yourself or root; if others may have read it, change the key: \`accrue db rotate-key\``,
        details: { path },
      });
    }
    if (size > maxFileBytes) throw usageError("secret_key_invalid", `the key file ${path} holds ${size} bytes: that is no key`, { hint: howToMakeOne });
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw usageError("secret_key_unreadable", `cannot read the key file ${path}: ${(error as Error).message}`, { hint: "check the path, or make the file with `accrue db new-key --file`" });
  }
}

/** A fresh key, as it is set: in base64. */
export const newSecretKey = (): string => randomBytes(keyBytes).toString("base64");

/**
 * Writes a fresh key into a new file that only its owner can read, and onto the disk.
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
      throw refusedError("key_file_exists", `${path} is there already, and a key in it may be in use`, { hint: "name a file that does not exist yet" });
    }
    throw usageError("key_file_unwritable", `cannot write the key file ${path}: ${(error as Error).message}`, { hint: "name a file in a directory that you can write to" });
  }
}
