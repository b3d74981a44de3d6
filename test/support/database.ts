import { inject } from "vitest";
import type { Context } from "../../src/db/context.ts";
import { connect, type Database } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { createDatabase, disconnectAll, dropDatabases, keepConnection, onDatabase } from "./admin.ts";
import { contextFor, type ContextOverrides } from "./context.ts";

export { contextFor, testNow } from "./context.ts";
export { dumpDatabase } from "./dump.ts";

/** A database of one's own, migrated and initialised, for the length of one test file. */
export interface TestDatabase {
  /** What DATABASE_URL must be to run the program on it, as its owner, who is no superuser. */
  readonly url: string;
  /** The same for the server's superuser. */
  readonly superuserUrl: string;
  readonly db: Database;
  /** The same database for the superuser, who can switch the guards off: for breaking things on purpose. */
  readonly superuser: Database;
  context(overrides?: ContextOverrides): Context;
  drop(): Promise<void>;
}

let clones = 0;

/** What the tests of this file have made and not dropped. */
const undropped = new Set<TestDatabase>();

/** Drops the databases that tests have left. Every file ends with it: the files of a worker share a server's connections. */
export async function dropLeftDatabases(): Promise<void> {
  for (const database of undropped) await database.drop();
}

/** Clones the template. It is dropped after the tests of the file. */
export const testDatabase = (): Promise<TestDatabase> => cloneOf();

/**
 * Clones the template, or another test's database as it is now and where it is; for a test that drops the clone itself
 * where it makes many.
 */
export async function cloneOf(source?: TestDatabase): Promise<TestDatabase> {
  const from = source ?? { url: inject("testServer").ownerUrl, superuserUrl: inject("testServer").url };
  keepConnection(inject("testServer").url);
  const template = source === undefined ? inject("testServer").template : databaseName(source.url);
  if (source !== undefined) await disconnectAll(source.superuserUrl, template);
  const name = await newDatabase(from, template);
  const database = databaseAt(onDatabase(from.url, name), onDatabase(from.superuserUrl, name));
  // A server that a test has of its own is gone by then, with all its databases.
  if (source === undefined || undropped.has(source)) undropped.add(database);
  return database;
}

/** A database that is there already; of a server that a test has of its own, the superuser is the owner. */
export function databaseAt(url: string, superuserUrl = url): TestDatabase {
  const [db, superuser] = [connect(targetFromUrl(url)!), connect(targetFromUrl(superuserUrl)!)];
  const database: TestDatabase = {
    url,
    superuserUrl,
    db,
    superuser,
    context: (overrides) => contextFor(db, overrides),
    drop: async () => {
      undropped.delete(database);
      await Promise.all([db.close(), superuser.close()]);
      await dropDatabases(superuserUrl, [databaseName(url)]);
    },
  };
  return database;
}

/**
 * The URL of a new database without a schema, for its owner. It goes with the test run; drop it earlier with
 * `dropDatabases`.
 */
export async function emptyDatabaseUrl(): Promise<string> {
  const { url: superuserUrl, ownerUrl: url } = inject("testServer");
  return onDatabase(url, await newDatabase({ url, superuserUrl }, "template0"));
}

/**
 * Makes a database of the role that one URL names, in the name of the superuser that the other names. Gives its name.
 */
async function newDatabase(
  { url, superuserUrl }: Pick<TestDatabase, "url" | "superuserUrl">,
  template: string,
): Promise<string> {
  clones += 1;
  const name = `${inject("testServer").template}_${process.pid}_${clones}`;
  // Files are copied between two checkpoints, which are quick where nothing waits for the disk.
  const strategy = inject("testServer").isSynced ? "WAL_LOG" : "FILE_COPY";
  await createDatabase(superuserUrl, name, template, strategy, new URL(url).username);
  return name;
}

const databaseName = (url: string): string => new URL(url).pathname.slice(1);
