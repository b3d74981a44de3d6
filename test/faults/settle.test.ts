import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { until } from "../db/orders/process.ts";
import { MissedNight, missNight, nightCommits, nightRenames, undisturbed } from "./missed-night.ts";
import { plainClient } from "../support/admin.ts";
import { testDatabase } from "../support/database.ts";

const missed = await missNight(await testDatabase());
const finished = await undisturbed(missed);

/** Runs into a failpoint, then once more without it. */
async function expectToSurvive(failpoint: string): Promise<void> {
  const night = await MissedNight.of(missed);
  const { exit, stderr } = await night.startInto(failpoint).ended;
  expect(failpoint.endsWith("cut") ? [5, 75] : ["SIGKILL"], `${failpoint}: ${stderr}`).toContain(exit);
  await night.expectToFinish(finished, failpoint);
  await night.on.drop();
}

describe("kill -9 or cut off, and run again: the database and the inbox are those of an undisturbed night", () => {
  // All of them in every way takes minutes: ALL_FAILPOINTS=1 does it; else the ways take turns.
  const isThorough = process.env["ALL_FAILPOINTS"] === "1";
  const ways = { commit: ["before", "after", "cut"], rename: ["before", "after"] };
  // Alike are commits that write nothing but how far the run is, and the names that the files of orders take.
  const alike = new Set<string>([
    "import is done",
    "expire begins",
    "expire is done",
    "verify begins",
    "verify is done",
  ]);
  const numbers = {
    commit: nightCommits.flatMap(([name], index) => (alike.has(name) && !isThorough ? [] : [index + 1])),
    rename: Array.from({ length: isThorough ? nightRenames : nightRenames - 2 }, (_, index) => index + 1),
  };

  test.each(["commit", "rename"] as const)("around every %s", { timeout: 600_000 }, async (kind) => {
    for (const number of numbers[kind])
      for (const [turn, way] of ways[kind].entries())
        if (isThorough || number % ways[kind].length === turn) await expectToSurvive(`${kind}:${number}:${way}`);
  });
});

describe("what else may happen", () => {
  let night: MissedNight;
  beforeEach(async () => {
    night = await MissedNight.of(missed);
  });
  afterEach(async () => {
    expect((await verify(night.on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
    await night.on.drop();
  });

  test("a lock that somebody holds, until the server gives up waiting: busy, and the next run finishes", async () => {
    const other = plainClient(night.on.url);
    const databaseName = new URL(night.on.url).pathname.slice(1);
    await other.unsafe(`ALTER DATABASE ${databaseName} SET lock_timeout = '300ms'`);
    await other.begin(async (tx) => {
      await tx`LOCK TABLE balances IN EXCLUSIVE MODE`;
      const { exit, stderr } = await night.start().ended;
      expect({ exit, stderr }).toMatchObject({
        exit: 75,
        stderr: expect.stringContaining("canceling statement due to lock timeout") as string,
      });
    });
    await other.unsafe(`ALTER DATABASE ${databaseName} RESET lock_timeout`);
    await other.end();
    await night.expectToFinish(finished);
  });

  const timeouts = ["1ms", "10ms"];
  test.each([...timeouts, "400ms, and a lock that somebody holds"])(
    "no statement may take longer than %s: it says so or gets through, and the next run finishes",
    async (limit) => {
      const [time] = limit.split(",");
      const other = plainClient(night.on.url);
      const databaseName = new URL(night.on.url).pathname.slice(1);
      await other.unsafe(`ALTER DATABASE ${databaseName} SET statement_timeout = '${time}'`);
      const { exit, stderr } = await other.begin(async (tx) => {
        if (!timeouts.includes(limit)) await tx`LOCK TABLE balances IN EXCLUSIVE MODE`;
        return night.start().ended;
      });
      if (!timeouts.includes(limit)) expect(exit).toBe(75);
      if (exit !== 3) {
        expect([exit, JSON.parse(stderr)]).toMatchObject([
          75,
          { error: { code: "database_timeout", hint: expect.stringContaining("raise statement_timeout") as string } },
        ]);
      }
      await other.unsafe(`ALTER DATABASE ${databaseName} RESET statement_timeout`);
      await other.end();
      await night.expectToFinish(finished);
    },
  );

  test("fired twice by cron: one settles, the other exits with 75 at once", async () => {
    const runs = [1, 2].map(() => night.start().ended);
    const exits = (await Promise.all(runs)).map(({ exit }) => exit).toSorted();
    expect([
      [3, 75],
      [0, 3],
    ]).toContainEqual(exits);
    expect(await night.outcome()).toBe(finished);
  });

  test("a run that is stopped by a signal says where it is, and another goes on", async () => {
    const running = night.start();
    await until(async () => (await night.on.db.sql`SELECT FROM settlement_runs WHERE state = 'running'`).count > 0);
    running.child.kill("SIGTERM");
    const { exit } = await running.ended;
    expect([143, 3]).toContain(exit);
    await night.expectToFinish(finished);
  });
});
