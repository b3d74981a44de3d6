import { defineConfig } from "vitest/config";

/** `npm run benchmark`: measurements, apart from the tests because no test may depend on the speed of a machine. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/benchmark/*.bench.ts"],
    globalSetup: ["test/support/scratch-setup.ts", "test/benchmark/server-setup.ts"],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
    pool: "forks",
    maxWorkers: 1,
    silent: false,
    disableConsoleIntercept: true,
  },
});
