import { createHash, randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

// A directory may be shared between machines: only its own can tell whether a process of that number lives.
const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

const prefixFor = (path: string): string => `.${basename(path)}.${machine}-`;

/** A name that nobody can foresee for a file that is not complete yet: it says for which one it is, and which process writes it. */
export function temporaryPathFor(path: string): string {
  return join(dirname(path), `${prefixFor(path)}${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
}

/** The temporary files for `path` whose processes are gone: they were killed before they could name or remove them. */
export async function leftBehind(path: string): Promise<readonly string[]> {
  const prefix = prefixFor(path);
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+-[0-9a-f]{8}\.tmp$/.test(name.slice(prefix.length)))
    .filter((name) => !lives(Number.parseInt(name.slice(prefix.length), 10)))
    .map((name) => join(dirname(path), name));
}

/** Removes what killed processes left beside `path`. What somebody else put there, and this user may not remove, is in nobody's way. */
export async function removeLeftBehind(path: string): Promise<void> {
  for (const temporaryPath of await leftBehind(path)) await rm(temporaryPath, { force: true }).catch(() => {});
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
