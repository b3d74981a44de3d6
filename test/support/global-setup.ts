import type { TestProject } from "vitest/node";
import { databasesNamed, dropDatabases } from "./admin.ts";
import { compileWhenStale } from "./build.ts";
import { createPlatform } from "./platform.ts";
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
    await createPlatform(server.url, template);
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide("testServer", { url: server.url, template, directory: server.directory });
  return teardown;
}
