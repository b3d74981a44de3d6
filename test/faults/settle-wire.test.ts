import { describe, expect, test } from "vitest";
import { MissedNight, missNight, nightCommits, undisturbed } from "./missed-night.ts";
import type { Side } from "./protocol.ts";
import { wireTo, type Break } from "./wire.ts";
import { testDatabase } from "../support/database.ts";

const missed = await missNight(await testDatabase());
const finished = await undisturbed(missed);

const patienceMs = 30_000;

/** A night over a wire, and how it ended: by SIGKILL when it would not end. */
async function nightOver(breaksAt?: Break) {
  const night = await MissedNight.of(missed);
  const wire = await wireTo(night.on.url, breaksAt);
  const { child, ended } = night.start({ url: wire.url });
  const hung = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  const { exit, stderr } = await ended;
  clearTimeout(hung);
  await wire.close();
  return { night, wire, exit, stderr };
}

const whole = await nightOver();
await whole.night.on.drop();

test("a night commits what it is known to commit, in that order, and nothing else", () => {
  expect(whole).toMatchObject({ exit: 3, stderr: "" });
  expect(whole.wire.commits).toEqual(nightCommits.map(([, table]) => expect.arrayContaining([table]) as unknown));
});

/** All messages of both sides take forty minutes: ALL_FAILPOINTS=1 does it; else ten, from the first to the last. */
function messagesOf(side: Side): readonly number[] {
  const count = whole.wire.sent[side];
  const tried = process.env["ALL_FAILPOINTS"] === "1" ? count : 10;
  return Array.from({ length: tried }, (_, at) => 1 + Math.round((at * (count - 1)) / (tried - 1)));
}

/**
 * A night whose wire breaks ends in the words of an unreachable database, or finds another connection and loses
 * nothing.
 */
async function expectToSurvive(breaksAt: Break): Promise<void> {
  const where = `behind message ${breaksAt.message} of the ${breaksAt.side}`;
  const { night, exit, stderr } = await nightOver(breaksAt);
  expect([3, 5, 75], `${where}: ${stderr}`).toContain(exit);
  if (exit !== 3)
    expect(JSON.parse(stderr), where).toMatchObject({
      error: {
        code: expect.stringMatching(
          /^(?:database_unreachable|settlement_lost|grant_run_lost|transaction_over)$/u,
        ) as string,
      },
    });
  await night.expectToFinish(finished, where);
  await night.on.drop();
}

describe("the connection breaks", () => {
  test.each(["tool", "server"] as const)(
    "behind a message of the %s, and run again: as if nothing had happened",
    { timeout: 7_200_000 },
    async (side) => {
      const left = messagesOf(side).values();
      const tryAll = async () => {
        for (const message of left) await expectToSurvive({ side, message });
      };
      await Promise.all([tryAll(), tryAll()]);
    },
  );
});
