import type { TestProject } from "vitest/node";
import { connect } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { initPlatform } from "../../src/platform/init.ts";
import { createDatabase, databasesNamed, dropDatabases, onDatabase } from "./admin.ts";
import { compileWhenStale } from "./build.ts";
import { contextFor } from "./context.ts";
import { startTestServer } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** A URL of the test server, the name of its migrated, initialised template database, and a directory that goes with the run. */
    testServer: { readonly url: string; readonly template: string; readonly directory: string };
  }
}

/**
 * Before all tests: the program is compiled, a server runs (DATABASE_URL's, else an embedded one of this run's own) and
 * holds a template database that every test file clones. Afterwards nothing is left, neither database nor process.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  compileWhenStale();
  const server = await startTestServer();
  const template = `accrue_test_${process.pid}`;
  const teardown = async () => {
    try {
      await dropDatabases(server.url, await databasesNamed(server.url, template));
    } finally {
      await server.stop();
    }
  };
  try {
    await createTemplate(server.url, template);
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide("testServer", { url: server.url, template, directory: server.directory });
  return teardown;
}

async function createTemplate(url: string, template: string): Promise<void> {
  await createDatabase(url, template);
  const db = connect(targetFromUrl(onDatabase(url, template))!);
  try {
    await initPlatform(contextFor(db), "Asia/Shanghai");
  } finally {
    await db.close();
  }
}
