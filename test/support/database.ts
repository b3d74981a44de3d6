import { afterAll, inject } from "vitest";
import type { Context } from "../../src/db/context.ts";
import { connect, type Database } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { createDatabase, disconnectAll, dropDatabases, onDatabase } from "./admin.ts";
import { contextFor } from "./context.ts";

export { contextFor, testNow } from "./context.ts";
export { dumpDatabase } from "./dump.ts";

/** A database of one's own, migrated and initialised, for the length of one test file. */
export interface TestDatabase {
  /** What DATABASE_URL must be to run the program on it. */
  readonly url: string;
  readonly db: Database;
  context(overrides?: Partial<Context>): Context;
  drop(): Promise<void>;
}

let clones = 0;

/** Clones the template: `const database = await testDatabase()` at the top of a test file. It is dropped after the file's tests. */
export async function testDatabase(): Promise<TestDatabase> {
  const database = await cloneOf();
  afterAll(() => database.drop());
  return database;
}

/** Clones the template, or another test's database as it is now and where it is, for a test that drops the clone itself. */
export async function cloneOf(source?: TestDatabase): Promise<TestDatabase> {
  if (source === undefined) return databaseAt(await newDatabase(inject("testServer").template));
  const name = databaseName(source.url);
  await disconnectAll(source.url, name);
  return databaseAt(await newDatabase(name, source.url));
}

/** A database that is there already. */
export function databaseAt(url: string): TestDatabase {
  const db = connect(targetFromUrl(url)!);
  return {
    url,
    db,
    context: (overrides) => contextFor(db, overrides),
    drop: async () => {
      await db.close();
      await dropDatabases(url, [databaseName(url)]);
    },
  };
}

/** The URL of a new database without a schema. It goes with the test run; drop it earlier with `dropDatabases`. */
export const emptyDatabaseUrl = (): Promise<string> => newDatabase("template0");

async function newDatabase(source: string, serverUrl = inject("testServer").url): Promise<string> {
  clones += 1;
  const name = `${inject("testServer").template}_${process.pid}_${clones}`;
  await createDatabase(serverUrl, name, source);
  return onDatabase(serverUrl, name);
}

const databaseName = (url: string): string => new URL(url).pathname.slice(1);
