import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { isConnected, until } from "../db/orders/process.ts";
import { MissedNight, missNight, undisturbed } from "./missed-night.ts";
import { databaseAt } from "../support/database.ts";
import { OwnServer } from "../support/own-server.ts";
import { createPlatform } from "../support/platform.ts";

const server = await OwnServer.start();
afterAll(() => server.end());
const missed = await missNight(databaseAt(await createPlatform(server.url, "missed")));
const finished = await undisturbed(missed);

/**
 * A night on a database that can be killed. PostgreSQL copies a template's sequences with the values that they have
 * ready, and until the next checkpoint does not log that those are used: a killed server would give the same ones
 * again.
 */
async function newNight(): Promise<MissedNight> {
  const night = await MissedNight.of(missed);
  await night.on.db.sql`CHECKPOINT`;
  return night;
}

/** The server is started again on what it left, and so is the night. */
async function expectToRecover(
  night: MissedNight,
  { exit, stderr }: { readonly exit: number | string; readonly stderr: string },
): Promise<void> {
  if (exit !== 3)
    expect({ exit, stderr }).toMatchObject({
      exit: 5,
      stderr: expect.stringContaining('"database_unreachable"') as string,
    });
  await server.start();
  await night.expectToFinish(finished);
  expect((await verify(night.on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  await night.on.drop();
}

test.each([
  "the slot is taken",
  "orders/a.csv",
  "a chunk is granted",
  "a request expires",
  "the date is closed",
] as const)("kill -9 of the whole server right before the commit at which %s", async (commit) => {
  const night = await newNight();
  const { goOn, ended } = await night.frozenBefore(commit);
  server.kill();
  goOn();
  await expectToRecover(night, await ended);
});

test.each([100, 300])("kill -9 of the whole server %i ms into a night", async (ms) => {
  const night = await newNight();
  const { ended } = night.start();
  await until(() => isConnected(night.on));
  await sleep(ms);
  server.kill();
  await expectToRecover(night, await ended);
});

test("a server that is gone before the night begins: it says so, and the next one finishes", async () => {
  const night = await newNight();
  server.kill();
  await expectToRecover(night, await night.start().ended);
});
