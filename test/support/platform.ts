import { connect } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { initPlatform } from "../../src/platform/init.ts";
import { createDatabase, onDatabase } from "./admin.ts";
import { contextFor } from "./context.ts";
import { operatorsOfTests, registered } from "./operators.ts";

/**
 * Makes a database on a server, migrated and initialised by its owner, with the operators of tests and nobody connected to it. Gives the owner's
 * URL for it.
 *
 * @param ownerUrl the server's URL for whose it is to be; the one's who makes it when not given
 */
export async function createPlatform(serverUrl: string, name: string, ownerUrl = serverUrl): Promise<string> {
  await createDatabase(serverUrl, name, "template0", "WAL_LOG", new URL(ownerUrl).username);
  const url = onDatabase(ownerUrl, name);
  const db = connect(targetFromUrl(url)!);
  try {
    const { operator, zone, ...surroundings } = contextFor(db);
    await initPlatform(surroundings, { ...operator, isGiven: true }, zone);
    await registered(db, operatorsOfTests);
  } finally {
    await db.close();
  }
  return url;
}
