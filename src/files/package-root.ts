import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The directory of this package, where `migrations`, `fixtures` and `package.json` lie: the nearest one above this file
 * that has a `package.json`, for the build puts the code of many modules into one file.
 */
export const packageRoot = rootAbove(fileURLToPath(new URL(".", import.meta.url)));

function rootAbove(directory: string): string {
  let root = directory;
  while (!existsSync(join(root, "package.json"))) root = join(root, "..");
  return root;
}
