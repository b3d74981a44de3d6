import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { removeLeftBehind, temporaryPathFor } from "./temporary-file.ts";

/**
 * Puts a file in place of whatever has its name, so that nobody ever sees a part of it, and a power cut leaves the old one or
 * the new one: a temporary file beside it, synced, renamed, and the directory synced. What killed attempts left is removed.
 *
 * @throws what the system says; the temporary file is gone then
 */
export async function replaceFile(path: string, content: string | Buffer, mode: number): Promise<void> {
  const temporary = temporaryPathFor(path);
  try {
    await removeLeftBehind(path);
    await writeSynced(temporary, content, mode);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

async function writeSynced(path: string, content: string | Buffer, mode: number): Promise<void> {
  const handle = await open(path, "wx", mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
