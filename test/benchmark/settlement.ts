import { linkSync, mkdirSync, mkdtempSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { timedProgram, type Measured } from "./measure.ts";
import { businessDate } from "./scene.ts";
import { checkpoint } from "./side-by-side.ts";

/**
 * Settles up to the date of the scene, from a fresh inbox beside its files.
 *
 * @param files each of them, and the folder of the inbox that it goes to
 */
export async function timedSettlement(databaseUrl: string, files: Readonly<Record<string, string>>): Promise<Measured> {
  const inbox = mkdtempSync(join(dirname(Object.keys(files)[0]!), "inbox-"));
  for (const [file, folder] of Object.entries(files)) {
    mkdirSync(join(inbox, folder), { recursive: true });
    linkSync(file, join(inbox, folder, basename(file)));
  }
  await checkpoint(databaseUrl);
  return timedProgram(["settle", "--inbox", inbox, "--min-age", "0s", "--until", businessDate], databaseUrl);
}
