import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { someDirectory, threeNights, wrongChecks } from "../db/history/scene.ts";
import { startAccrue } from "../db/orders/process.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../support/database.ts";
import { fullPlaces } from "../support/full-disk.ts";

const here = await testDatabase();
await threeNights(here);
const before = await dumpDatabase(here.db);
const failpoints = pathToFileURL(resolve("test/support/failpoint.mjs")).href;

const run = (on: TestDatabase, words: readonly string[], failpoint?: string) =>
  startAccrue([...words, "--json"], {
    database: on,
    now: new Date("2026-02-22T04:00:00Z"),
    env: failpoint === undefined ? {} : { NODE_OPTIONS: `--import=${failpoints}`, ACCRUE_FAILPOINT: failpoint },
  }).ended;
const archiving = (directory: string) => [
  "history",
  "archive",
  "--before",
  "2026-02-20",
  "--directory",
  directory,
  "--yes",
];
const archived = async (on: TestDatabase) => (await on.db.sql`SELECT FROM orders WHERE order_no = 'A1'`).count === 0;

/** Every directory that an archive of the database names is there, and whole. */
async function expectFiles(on: TestDatabase): Promise<void> {
  const rows = await on.db.sql<
    { directory: string }[]
  >`SELECT directory FROM history_archives WHERE attached_at IS NULL`;
  for (const { directory } of rows) expect(() => readFileSync(join(directory, "manifest.json"))).not.toThrow();
}

test("killed around any COMMIT or rename, archiving is done in whole or not at all; the same command again ends it, and all comes back", async () => {
  for (const [point, isArchived] of [
    ["rename:1:before", false],
    ["rename:1:after", false],
    ["commit:1:before", false],
    ["commit:1:cut", false],
    ["commit:1:after", true],
  ] as const) {
    const [on, directory] = [await cloneOf(here), someDirectory()];
    const { exit } = await run(on, archiving(directory), point);
    expect([point, exit, await archived(on)]).toEqual([point, point.endsWith("cut") ? 5 : "SIGKILL", isArchived]);
    await expectFiles(on);
    expect(await wrongChecks(on)).toEqual([]);
    expect((await run(on, archiving(directory))).exit).toBe(0);
    expect(await archived(on)).toBe(true);
    await expectFiles(on);
    expect((await run(on, ["history", "attach", "1"], "commit:1:before")).exit).toBe("SIGKILL");
    expect((await run(on, ["history", "attach", "1"])).exit).toBe(0);
    expect(await dumpDatabase(on.db)).toBe(before);
    await on.drop();
  }
}, 120_000);

test("two at once: one archives, and the other one is told who is at work, or finds nothing left", async () => {
  const [on, directory] = [await cloneOf(here), someDirectory()];
  const both = await Promise.all([run(on, archiving(directory)), run(on, archiving(directory))]);
  expect(
    both
      .map(({ exit }) => exit)
      .toSorted()
      .at(0),
  ).toBe(0);
  for (const { exit, stderr } of both)
    if (exit !== 0) expect([exit, stderr]).toEqual([75, expect.stringContaining("busy")]);
  expect((await on.db.sql`SELECT FROM history_archives`).count).toBe(1);
  expect(readdirSync(directory)).toHaveLength(1);
  expect(await wrongChecks(on)).toEqual([]);
});

test.each(fullPlaces)("%s: nothing is archived, and the same command again ends it", async (_what, within, reason) => {
  const [on, directory] = [await cloneOf(here), someDirectory()];
  const { exit, stderr } = await startAccrue([...archiving(directory), "--json"], {
    database: on,
    now: new Date("2026-02-22T04:00:00Z"),
    within: within(directory, 0),
  }).ended;
  expect([exit, stderr]).toEqual([2, expect.stringContaining(reason)]);
  expect(await archived(on)).toBe(false);
  expect((await run(on, archiving(directory))).exit).toBe(0);
  expect(await wrongChecks(on)).toEqual([]);
});
