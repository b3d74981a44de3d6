import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { removeLeftBehind, temporaryPathFor } from "./temporary-file.ts";

/**
 * Replaces or creates a file so that nobody sees a part of it, and a power cut leaves the old or the new one: a
 * temporary file beside it is written, synced and renamed, and the directory synced. Leftovers of killed attempts are
 * removed.
 *
 * @throws the system's error; the temporary file is removed then
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
