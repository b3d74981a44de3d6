import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MissedNight, missNight, undisturbed } from "./missed-night.ts";
import { isConnected, until } from "../db/orders/process.ts";
import { plainClient } from "../support/admin.ts";
import { testDatabase } from "../support/database.ts";

const missed = await missNight(await testDatabase());
const finished = await undisturbed(missed);

let night: MissedNight;
let admin: ReturnType<typeof plainClient>;
beforeEach(async () => {
  night = await MissedNight.of(missed);
  admin = plainClient(night.on.url);
});
afterEach(async () => {
  await admin.end({ timeout: 5 });
  await night.on.drop();
});

/** What the night has granted or clawed back. */
const entries = async () =>
  (await admin`SELECT FROM points_entries WHERE business_date = '2026-02-28' AND kind IN ('grant', 'clawback')`).count;

const lost = (code: string) => ({
  exit: code === "settlement_lost" ? 75 : 5,
  stdout: "",
  stderr: expect.stringContaining(`"${code}"`) as string,
});

/** Ends the session that holds a slot, and waits until it is gone. */
async function endHolder(slot: "settle" | "grant"): Promise<void> {
  const [holder] = await admin<{ pid: number }[]>`SELECT backend_pid AS pid FROM run_slots WHERE name = ${slot}`;
  await admin`SELECT pg_terminate_backend(${holder!.pid}, 5000)`;
}

describe("the session that holds the night is ended by an administrator, while another of the night's sessions is at work", () => {
  test("right before the first chunk: not one is granted", async () => {
    const { goOn, ended } = await night.frozenBefore("the grant run's slot is taken");
    await endHolder("settle");
    goOn();
    expect(await ended).toMatchObject(lost("settlement_lost"));
    expect(await entries()).toBe(0);
    await night.expectToFinish(finished);
  });

  test("within a chunk: nobody else becomes the settlement meanwhile; that chunk is the last", async () => {
    const { goOn, ended } = await night.frozenBefore("a chunk is granted");
    await endHolder("settle");
    const other = await night.start().ended;
    expect(other).toMatchObject({ exit: 75, stderr: expect.stringContaining('"settlement_busy"') as string });
    goOn();
    expect(await ended).toMatchObject(lost("settlement_lost"));
    expect(await entries()).toBeGreaterThan(0);
    expect([...(await admin`SELECT status FROM grant_runs ORDER BY run_id DESC LIMIT 1`)]).not.toEqual([
      { status: "complete" },
    ]);
    await night.expectToFinish(finished);
  });

  test.each(["orders/a.csv", "expire begins"] as const)(
    "before the commit where %s: it comes no further",
    async (commit) => {
      const { goOn, ended } = await night.frozenBefore(commit);
      await endHolder("settle");
      goOn();
      expect(await ended).toMatchObject(lost(commit === "orders/a.csv" ? "settlement_lost" : "database_unreachable"));
      expect((await admin`SELECT FROM orders WHERE order_no = 'B2'`).count).toBe(commit === "orders/a.csv" ? 0 : 1);
      expect((await admin`SELECT FROM withdrawals WHERE status = 'expired'`).count).toBe(0);
      await night.expectToFinish(finished);
    },
  );
});

test("the grant run's own session is ended within a chunk: nothing of the chunk is kept", async () => {
  const { goOn, ended } = await night.frozenBefore("a chunk is granted");
  await endHolder("grant");
  goOn();
  expect(await ended).toMatchObject(lost("database_unreachable"));
  expect(await entries()).toBe(0);
  await night.expectToFinish(finished);
});

test.each([100, 300, 500])("all of its sessions are ended after %i ms of a night", async (ms) => {
  const { ended } = night.start();
  await until(() => isConnected(night.on));
  await sleep(ms);
  await admin`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'accrue' AND pid <> pg_backend_pid()`;
  const { exit, stderr } = await ended;
  if (exit !== 3)
    expect({ exit, stderr }).toMatchObject({
      exit: expect.toBeOneOf([5, 75]) as number,
      stderr: expect.stringMatching(/"(?:database_unreachable|settlement_lost|grant_run_lost)"/u) as string,
    });
  await night.expectToFinish(finished);
});
