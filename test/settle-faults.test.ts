import { cpSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { verify } from "../src/verification/verify.ts";
import { requestWithdrawal } from "../src/withdrawals/request.ts";
import { startAccrue, until } from "./orders/process.ts";
import { peopleIn, take } from "./orders/scene.ts";
import { Inbox, noonOf, paid, settleOn } from "./settlement/scene.ts";
import { plainClient } from "./support/admin.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "./support/database.ts";

/** Two nights that are missed, a request that nobody decided, and files of several kinds with a row to reject. */
const missed = await testDatabase();
await peopleIn(missed);
await take(missed, [paid("OLD", "2026-02-26")]);
await settleOn(missed, {}, { clock: noonOf("2026-02-28") });
await missed.db.sql.begin("read write", (tx) => tx`UPDATE members SET identity_verified_at = '2026-01-01'`);
await requestWithdrawal(missed.context({ clock: noonOf("2026-02-28") }), { memberNo: "M1", points: 20n });

const filled = new Inbox();
filled.put("members/new.csv", "member_no,name\nN1,新人\n");
filled.orders("a.csv", [paid("A1", "2026-02-28"), paid("A2", "2026-02-27"), "A3,NOBODY,S1,1.00,paid,2026-02-28 10:00:00,,,"]);
filled.orders("b.csv", [paid("A1", "2026-02-28", "100.00", "50.00"), "B2,N1,S2,88.88,paid,2026-02-28 09:00:00,,,", paid("OLD", "2026-02-26", "100.00", "100.00")]);

const copyOfInbox = (): Inbox => {
  const copy = new Inbox();
  cpSync(filled.path, copy.path, { recursive: true, preserveTimestamps: true });
  return copy;
};

const args = (inbox: Inbox) => ["settle", "--inbox", inbox.path, "--until", "2026-02-28", "--wait", "30s"];
const killing = { NODE_OPTIONS: `--import=${pathToFileURL(resolve("test/support/failpoint.mjs")).href}` };

/** The business content, and what lies in the inbox: all that a night is for. */
const outcome = async (on: TestDatabase, inbox: Inbox) => `${await dumpDatabase(on.db)}\n${inbox.files.join("\n")}`;

const undisturbed = await cloneOf(missed);
const tidied = copyOfInbox();
const first = await startAccrue(args(tidied), { database: undisturbed }).ended;
const finished = await outcome(undisturbed, tidied);
await undisturbed.drop();

test("undisturbed, it closes what was missed and rejects one row", () => {
  expect({ exit: first.exit, stderr: first.stderr }).toEqual({ exit: 3, stderr: "" });
  expect(finished).toContain('{"state": "closed", "business_date": "2026-02-28", "reopen_reason": null}');
  expect(tidied.files).toHaveLength(7);
});

/** Runs into a failpoint, then once more without it; false when the run ended before it came to the failpoint. */
async function stoppedAt(failpoint: string): Promise<boolean> {
  const on = await cloneOf(missed);
  const inbox = copyOfInbox();
  const died = await startAccrue(args(inbox), { database: on, env: { ...killing, ACCRUE_FAILPOINT: failpoint } }).ended;
  const wasHit = failpoint.endsWith("cut") ? died.exit !== 3 : died.exit === "SIGKILL";
  const wanted = wasHit ? ["SIGKILL", 5, 75] : [3];
  expect(wanted, `${failpoint}: ${died.stderr}`).toContain(died.exit);
  const again = await startAccrue(args(inbox), { database: on }).ended;
  expect([0, 3], `${failpoint}: ${again.stderr}`).toContain(again.exit);
  expect(await outcome(on, inbox), failpoint).toBe(finished);
  await on.drop();
  return wasHit;
}

describe("kill -9 or cut off, and run again: the database and the inbox are those of an undisturbed night", () => {
  // All of them in every way takes minutes: ALL_FAILPOINTS=1 does it; else the ways take turns.
  const allWays = { commit: ["before", "after", "cut"], rename: ["before", "after"] };
  const waysOf = (kind: keyof typeof allWays, number: number) =>
    process.env["ALL_FAILPOINTS"] === "1" ? allWays[kind] : [allWays[kind][number % allWays[kind].length]!];

  test.each([["commit", 18], ["rename", 7]] as const)("around every %s", { timeout: 600_000 }, async (kind, atLeast) => {
    let number = 0;
    for (let isThere = true; isThere; ) {
      number += 1;
      for (const when of waysOf(kind, number)) isThere = await stoppedAt(`${kind}:${number}:${when}`);
    }
    expect(number).toBeGreaterThan(atLeast);
  });
});

describe("what else may happen", () => {
  let on: TestDatabase;
  let inbox: Inbox;
  beforeEach(async () => {
    on = await cloneOf(missed);
    inbox = copyOfInbox();
  });
  afterEach(async () => {
    expect((await verify(on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
    await on.drop();
  });

  test("a lock that somebody holds, until the server gives up waiting: busy, and the next run finishes", async () => {
    const other = plainClient(on.url);
    const databaseName = new URL(on.url).pathname.slice(1);
    await other.unsafe(`ALTER DATABASE ${databaseName} SET lock_timeout = '300ms'`);
    await other.begin(async (tx) => {
      await tx`LOCK TABLE balances IN EXCLUSIVE MODE`;
      const { exit, stderr } = await startAccrue(args(inbox), { database: on }).ended;
      expect({ exit, stderr }).toMatchObject({ exit: 75, stderr: expect.stringContaining("canceling statement due to lock timeout") as string });
    });
    await other.unsafe(`ALTER DATABASE ${databaseName} RESET lock_timeout`);
    await other.end();
    const again = await startAccrue(args(inbox), { database: on }).ended;
    expect([0, 3], again.stderr).toContain(again.exit);
    expect(await outcome(on, inbox)).toBe(finished);
  });

  test("fired twice by cron: one settles, the other exits with 75 at once", async () => {
    const runs = [1, 2].map(() => startAccrue(["settle", "--inbox", inbox.path, "--until", "2026-02-28"], { database: on }).ended);
    const exits = (await Promise.all(runs)).map(({ exit }) => exit).toSorted();
    expect([[3, 75], [0, 3]]).toContainEqual(exits);
    expect(await outcome(on, inbox)).toBe(finished);
  });

  test("a run that is stopped by a signal says where it is, and another goes on", async () => {
    const running = startAccrue(args(inbox), { database: on });
    await until(async () => (await on.db.sql`SELECT FROM settlement_runs WHERE state = 'running'`).count > 0);
    running.child.kill("SIGTERM");
    const { exit } = await running.ended;
    expect([143, 3]).toContain(exit);
    const again = await startAccrue(args(inbox), { database: on }).ended;
    expect([0, 3], again.stderr).toContain(again.exit);
    expect(await outcome(on, inbox)).toBe(finished);
  });
});
