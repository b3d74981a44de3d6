import { createHash, randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";

// A directory may be shared between machines, and only the one that wrote a file can tell whether its process lives.
const machine = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);

const prefixFor = (path: string): string => `.${basename(path)}.${machine}-`;

/** An unpredictable name for a file that is not complete yet. It names the final file, the host and the process. */
export function temporaryPathFor(path: string): string {
  return join(dirname(path), `${prefixFor(path)}${process.pid}-${randomBytes(4).toString("hex")}.tmp`);
}

/** The temporary files for `path` that killed processes left. */
export async function leftBehind(path: string): Promise<readonly string[]> {
  const prefix = prefixFor(path);
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => name.startsWith(prefix) && /^\d+-[0-9a-f]{8}\.tmp$/.test(name.slice(prefix.length)))
    .filter((name) => !lives(Number.parseInt(name.slice(prefix.length), 10)))
    .map((name) => join(dirname(path), name));
}

/** Removes the temporary files for `path` that killed processes left, except those that this user may not remove. */
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
