import type { TestProject } from "vitest/node";
import { setUpServer } from "../support/server-setup.ts";

/** The server of the tests, as its users have it: what waits for the disk counts. */
export default (project: TestProject) => setUpServer(project, { isSynced: true });
