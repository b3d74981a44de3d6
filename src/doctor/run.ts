import type { Database } from "../db/database.ts";
import { checkContent } from "./content.ts";
import { checkEmbeddedPackage, checkFreeSpace, checkNode } from "./machine.ts";
import type { Check, KeyLooks } from "./model.ts";
import { checkServer } from "./server.ts";

/** What the doctor may know: no context, because a database is just what may be missing. */
export interface DoctorOptions extends KeyLooks {
  readonly nodeVersion: string;
  readonly isEmbedded: boolean;
  readonly dataDirectory: string;
  readonly clock: () => Date;
  readonly open: () => Promise<Database>;
}

/**
 * Looks at everything that must hold for accrue to work safely, and goes on where something does not. Writes nothing.
 *
 * @returns every check, always the same ones in the same order
 */
export async function examine(options: DoctorOptions): Promise<readonly Check[]> {
  const { checks, db } = await checkServer(options.open, options.clock);
  return [
    checkNode(options.nodeVersion),
    await checkEmbeddedPackage(options.isEmbedded),
    await checkFreeSpace(options.isEmbedded, options.dataDirectory),
    ...checks,
    ...(await checkContent(db, options.clock, options)),
  ];
}
