import { connect } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { initPlatform } from "../../src/platform/init.ts";
import { createDatabase, onDatabase } from "./admin.ts";
import { contextFor } from "./context.ts";

/** Makes a database on a server, migrated and initialised, with nobody connected to it. Gives its URL. */
export async function createPlatform(serverUrl: string, name: string): Promise<string> {
  await createDatabase(serverUrl, name);
  const url = onDatabase(serverUrl, name);
  const db = connect(targetFromUrl(url)!);
  try {
    await initPlatform(contextFor(db), "Asia/Shanghai");
  } finally {
    await db.close();
  }
  return url;
}
