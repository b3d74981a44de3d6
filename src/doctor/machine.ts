import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { formatBytes } from "../shared/bytes.ts";
import { AccrueError } from "../shared/errors.ts";
import { freeSpaceLimitBytes, isNodeNewEnough, lowestNode, ok, wrong, type Check } from "./model.ts";

/** Checks the version of Node. */
export function checkNode(version: string): Check {
  return isNodeNewEnough(version)
    ? ok("node", version)
    : wrong("node", version, "accrue is made for newer Nodes", `install Node ${lowestNode.join(".")} or newer`);
}

/** Checks that the embedded server's programs are installed, if it is used. */
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

/** Checks the free disk space for the embedded server's data. */
export async function checkFreeSpace(isEmbedded: boolean, directory: string): Promise<Check> {
  const name = "free space";
  if (!isEmbedded) return ok(name, "not checked: the server is not the embedded one");
  const freeBytes = await freeBytesAt(directory);
  const found = `${formatBytes(freeBytes)} free for ${directory}`;
  if (freeBytes >= freeSpaceLimitBytes) return ok(name, found);
  return wrong(
    name,
    found,
    "a full disk stops every import and grant run",
    "make room, or move ACCRUE_HOME to a larger disk",
  );
}

/** The free space of a directory, or of its nearest existing parent. */
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
