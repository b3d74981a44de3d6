import type { Database } from "../db/database.ts";
import { checkContent } from "./content.ts";
import { checkEmbeddedPackage, checkFreeSpace, checkNode } from "./machine.ts";
import type { Check, KeyLooks } from "./model.ts";
import { checkServer } from "./server.ts";

/** The input of the doctor. It has no context, for the database may be what is missing. */
export interface DoctorOptions extends KeyLooks {
  readonly nodeVersion: string;
  readonly isEmbedded: boolean;
  readonly dataDirectory: string;
  readonly clock: () => Date;
  readonly open: () => Promise<Database>;
}

/**
 * Checks all conditions for accrue to work safely, and continues after a failed one. Writes nothing.
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
