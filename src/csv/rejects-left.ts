import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { leftBehind } from "../files/temporary-file.ts";

/**
 * The SHA-256 of a regular file in lower-case hexadecimal; undefined when there is none, it is a link, or it cannot be
 * read.
 */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  // Whoever can put something beside an input could let a pipe wait for ever for its writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (handle === undefined) return undefined;
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    const hash = createHash("sha256");
    await pipeline(handle.createReadStream({ autoClose: false }), hash);
    return hash.digest("hex");
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}

/**
 * Gives a rejects file its name whose import was killed after the database had committed, and before that. Whatever
 * else killed processes left beside it is removed.
 *
 * @returns whether there was one
 */
export async function publishLeftBehind(path: string, sha256: string): Promise<boolean> {
  let isPublished = false;
  for (const temporaryPath of await leftBehind(path)) {
    if (!isPublished && (await sha256OfFile(temporaryPath)) === sha256) {
      isPublished = await rename(temporaryPath, path).then(
        () => true,
        () => false,
      );
    } else await rm(temporaryPath, { force: true }).catch(() => {});
  }
  return isPublished;
}
