import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const scratch = "test/support/scratch-setup.ts";
const server = "test/support/server-setup.ts";
const seed = "test/support/seed-setup.ts";
const left = "test/support/left-databases.ts";

/** Tests of the folders, after what they need: `npx vitest run --project unit` starts no server and takes seconds. */
const project = (name: string, globalSetup: string[], include = [`test/${name}/**/*.test.ts`]) => ({
  extends: true as const,
  test: { name, include, globalSetup, setupFiles: globalSetup.includes(server) ? [seed, left] : [seed] },
});

const projects = [
  project("unit", [scratch]),
  project("db", [scratch, server], ["test/db/**/*.test.ts", "test/support/*.test.ts"]),
  project("cli", [scratch, server]),
  project("properties", [scratch, server]),
  project("cost", [scratch, server]),
  project("faults", [scratch, server]),
];

/**
 * Who runs everything gets it as one project: each project compiles what it loads by itself, and has workers of its own,
 * which load it again.
 */
const isEverything = process.argv.slice(2).every((word) => word === "run");

/** What takes longest, and begins first: begun last, it would run alone, on one core of all. */
const longest = [
  "test/faults/settle-server.test.ts",
  "test/db/backup/backup.test.ts",
  "test/faults/imports.test.ts",
  "test/db/night/time.test.ts",
  "test/faults/settle.test.ts",
  "test/db/payouts/stripe.test.ts",
  "test/faults/settle-disk.test.ts",
  "test/faults/payouts.test.ts",
  "test/db/night/settle.test.ts",
  "test/properties/model.test.ts",
  "test/cli/demo.test.ts",
  "test/cost/linear-time.test.ts",
  "test/db/server/manifest-roles.test.ts",
  "test/properties/money-sequences.test.ts",
  "test/faults/embedded.test.ts",
  "test/cost/night.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = longest.findIndex((name) => moduleId.endsWith(name));
      return rank === -1 ? longest.length : rank;
    };
    const others = await super.sort(files);
    return isEverything ? others.toSorted((one, other) => rankOf(one) - rankOf(other)) : others;
  }
}

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 3,
    // A worker keeps what it has loaded: loading it anew for each file takes two seconds of it. So no test mocks a module.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    ...(isEverything ? project("all", [scratch, server], ["test/**/*.test.ts"]).test : { projects }),
  },
});
