import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";

// A directory may be shared between machines: only its own can tell whether a process of that number lives.
const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

const prefixFor = (path: string): string => `.${basename(path)}.${machine}-`;

/** A name of its own for a rejects file that is not complete yet: it says which process writes it. */
export function temporaryPathFor(path: string): string {
  return join(dirname(path), `${prefixFor(path)}${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
}

/** The temporary files for `path` whose processes are gone: they were killed before they could name or remove them. */
async function leftBehind(path: string): Promise<readonly string[]> {
  const prefix = prefixFor(path);
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+-[0-9a-f]{8}\.tmp$/.test(name.slice(prefix.length)))
    .filter((name) => !lives(Number.parseInt(name.slice(prefix.length), 10)))
    .map((name) => join(dirname(path), name));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** The SHA-256 of a file in lower-case hexadecimal; undefined when there is no such file, or it cannot be read. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    return undefined;
  }
  return hash.digest("hex");
}

/** Removes what killed processes left beside `path`. */
export async function removeLeftBehind(path: string): Promise<void> {
  for (const temporaryPath of await leftBehind(path)) await rm(temporaryPath, { force: true });
}

/**
 * Gives a rejects file its name whose import was killed after the database had committed, and before that. Whatever else
 * killed processes left beside it is removed.
 *
 * @returns whether there was one
 */
export async function publishLeftBehind(path: string, sha256: string): Promise<boolean> {
  let isPublished = false;
  for (const temporaryPath of await leftBehind(path)) {
    if (!isPublished && (await sha256OfFile(temporaryPath)) === sha256) {
      isPublished = await rename(temporaryPath, path).then(() => true, () => false);
    } else await rm(temporaryPath, { force: true });
  }
  return isPublished;
}
