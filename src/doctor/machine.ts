import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { formatBytes } from "../shared/bytes.ts";
import { AccrueError } from "../shared/errors.ts";
import { freeSpaceLimitBytes, isNodeNewEnough, lowestNode, ok, wrong, type Check } from "./model.ts";

/** Whether this Node is one that accrue is made for. */
export function checkNode(version: string): Check {
  return isNodeNewEnough(version)
    ? ok("node", version)
    : wrong("node", version, "accrue is made for newer Nodes", `install Node ${lowestNode.join(".")} or newer`);
}

/** Whether the embedded server's programs are there, when it is the one in use. */
export async function checkEmbeddedPackage(isEmbedded: boolean): Promise<Check> {
  const name = "embedded server package";
  if (!isEmbedded) return ok(name, "not needed: another server is configured");
  try {
    const { findServerPackage } = await import("../db/embedded/programs.ts");
    return ok(name, `PostgreSQL ${findServerPackage(import.meta.url).version}`);
  } catch (error) {
    if (!(error instanceof AccrueError)) throw error;
    return wrong(name, error.message, "without it and without DATABASE_URL there is no database", error.hint ?? "");
  }
}

/** Whether the embedded server's data has room to grow. */
export async function checkFreeSpace(isEmbedded: boolean, directory: string): Promise<Check> {
  const name = "free space";
  if (!isEmbedded) return ok(name, "not looked at: the server is not the embedded one");
  const freeBytes = await freeBytesAt(directory);
  const found = `${formatBytes(freeBytes)} free for ${directory}`;
  if (freeBytes >= freeSpaceLimitBytes) return ok(name, found);
  return wrong(name, found, "a full disk stops every import and grant run", "make room, or move ACCRUE_HOME to a larger disk");
}

/** Free space where a directory is, or will be. */
async function freeBytesAt(directory: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(directory);
    return bavail * bsize;
  } catch (error) {
    const parent = dirname(directory);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === directory) throw error;
    return freeBytesAt(parent);
  }
}
