import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { MissedNight, missNight, undisturbed } from "./missed-night.ts";
import { plainClient } from "../support/admin.ts";
import { databaseAt, type TestDatabase } from "../support/database.ts";
import { OwnServer } from "../support/own-server.ts";
import { createPlatform } from "../support/platform.ts";
import { isSmallDiskPossible, SmallDisk } from "../support/small-disk.ts";

const segmentBytes = 16 * 1024 * 1024;

/** Writes the server's log on until no more than so much is left of its segment. Gives the segment's name. */
async function writeLog(url: string, leftBytes: number): Promise<string> {
  const admin = plainClient(url);
  for (;;) {
    const [place] = await admin<{ segment: string; offset: number }[]>`
      SELECT file_name AS segment, file_offset AS "offset" FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())`;
    const tooMuch = segmentBytes - place!.offset - leftBytes;
    if (tooMuch > 0)
      await admin`SELECT pg_logical_emit_message(false, 'fill', repeat('x', ${Math.min(tooMuch, 1_000_000)}))`;
    else {
      await admin.end();
      return place!.segment;
    }
  }
}

describe.runIf(isSmallDiskPossible)("the disk of the server's whole data directory is full", () => {
  let server: OwnServer;
  let on: TestDatabase;
  let finished: string;

  beforeAll(async () => {
    server = await OwnServer.start();
    const missed = await missNight(databaseAt(await createPlatform(server.url, "missed")));
    finished = await undisturbed(missed);
    on = (await MissedNight.of(missed)).on;
    await missed.db.close();
    await on.db.sql`CHECKPOINT`;
    await server.stop();
  }, 60_000);

  afterAll(async () => {
    await on.db.close();
    await server.end();
  });

  /**
   * A night on a copy of all that, on a disk that is full but for so much; the log needs a new segment after so many
   * bytes.
   */
  async function fullNight(
    logBytes: number,
    roomKibibytes: number,
    during: (disk: SmallDisk) => Promise<void>,
  ): Promise<void> {
    const disk = await SmallDisk.below(server.dataDirectory, 40_000);
    try {
      await server.startWithin(disk.within);
      await on.db.sql`SELECT`; // a server keeps a file for who logs in, once the first has
      disk.removeLogBehind(await writeLog(server.url, logBytes));
      disk.fill(roomKibibytes);
      const night = new MissedNight(on);
      const { exit, stderr } = await night.start().ended;
      expect([exit, JSON.parse(stderr)]).toMatchObject([
        5,
        {
          error: {
            code: expect.stringMatching(/^database_(?:unreachable|out_of_space)$/u) as string,
            hint: expect.stringMatching(/a full disk|make room/u) as string,
          },
        },
      ]);
      await during(disk);
      disk.makeRoom();
      await server.startWithin(disk.within);
      await night.expectToFinish(finished);
      expect((await verify(on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
    } finally {
      await disk.end();
    }
  }

  test(
    "for its log: the server goes down and does not come up, says why, and with room again the next night finishes",
    { timeout: 60_000 },
    () =>
      fullNight(150_000, 2048, async (disk) => {
        await expect(server.startWithin(disk.within)).rejects.toThrow(
          /embedded PostgreSQL server did not start.*No space left on device/u,
        );
      }),
  );

  test("for all but its log: the server stays, and with room again the next night finishes", { timeout: 60_000 }, () =>
    fullNight(8_000_000, 64, async () => {
      await expect(on.db.sql`SELECT 1 AS one`).resolves.toEqual([{ one: 1 }]);
    }),
  );
});
