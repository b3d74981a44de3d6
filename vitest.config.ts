import { defineConfig } from "vitest/config";

const scratch = "test/support/scratch-setup.ts";
const server = "test/support/server-setup.ts";
const seed = "test/support/seed-setup.ts";

/** Tests of the folders, after what they need: `npx vitest run --project unit` starts no server and takes seconds. */
const project = (name: string, globalSetup: string[], include = [`test/${name}/**/*.test.ts`]) => ({
  extends: true as const,
  test: {
    name,
    include,
    globalSetup,
    setupFiles: globalSetup.includes(server) ? [seed, "test/support/left-databases.ts"] : [seed],
  },
});

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 3,
    // A worker keeps what it has loaded: loading it anew for each file takes two seconds of it. So no test mocks a module.
    isolate: false,
    projects: [
      project("unit", [scratch]),
      project("db", [scratch, server], ["test/db/**/*.test.ts", "test/support/*.test.ts"]),
      project("cli", [scratch, server]),
      project("properties", [scratch, server]),
      project("cost", [scratch, server]),
      project("faults", [scratch, server]),
    ],
  },
});
