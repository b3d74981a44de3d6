import type { TestProject } from "vitest/node";
import { createRole, databasesNamed, dropDatabases, dropRole } from "./admin.ts";
import { compileWhenStale } from "./build.ts";
import { createPlatform } from "./platform.ts";
import { startTestServer } from "./server.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /**
     * A URL of the test server for its superuser, and one for the role that owns the tests' databases; the name of the
     * migrated, initialised template database; whether the server waits for the disk.
     */
    testServer: {
      readonly url: string;
      readonly ownerUrl: string;
      readonly template: string;
      readonly isSynced: boolean;
    };
  }
}

/**
 * Before the tests that need a server, once for all their projects: the program is compiled, a server runs
 * (DATABASE_URL's, else an embedded one of this run's own) and holds a template database that every test file clones.
 * It is owned by a role of the tests that is no superuser: what the program does, it must be able to do as an ordinary
 * owner. Afterwards nothing is left, neither database, role nor process.
 */
export default (project: TestProject) => setUpServer(project, { isSynced: false });

/** The same on an embedded server that waits for the disk or does not. @returns what ends it */
export async function setUpServer(
  project: TestProject,
  { isSynced }: { readonly isSynced: boolean },
): Promise<undefined | (() => Promise<void>)> {
  const root = project.vitest.getRootProject();
  if (root.getProvidedContext().testServer !== undefined) return undefined;
  compileWhenStale();
  const server = await startTestServer(isSynced);
  const template = `accrue_test_${process.pid}`;
  const owner = `${template}_owner`;
  const teardown = async () => {
    try {
      await dropDatabases(server.url, await databasesNamed(server.url, template));
      await dropRole(server.url, owner);
    } finally {
      await server.stop();
    }
  };
  let ownerUrl: string;
  try {
    ownerUrl = await createRole(server.url, owner, "CREATEDB");
    await createPlatform(server.url, template, ownerUrl);
  } catch (error) {
    await teardown();
    throw error;
  }
  root.provide("testServer", { url: server.url, ownerUrl, template, isSynced: server.isSynced });
  return teardown;
}
