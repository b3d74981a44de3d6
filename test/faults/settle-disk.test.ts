import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { peopleIn } from "../db/orders/scene.ts";
import { MissedNight, missNight, undisturbed } from "./missed-night.ts";
import { cloneOf, databaseAt, testDatabase } from "../support/database.ts";
import { scratchDirectory } from "../support/files.ts";
import { fullPlaces } from "../support/full-disk.ts";
import { OwnServer } from "../support/own-server.ts";
import { createPlatform } from "../support/platform.ts";

const missed = await missNight(await testDatabase());
const finished = await undisturbed(missed);

describe.each(fullPlaces)("no room for files, %s", (_what, within, reason) => {
  test("in the inbox: it says where and why, and the next night only moves what was imported", async () => {
    const night = await MissedNight.of(missed);
    const { exit, stdout, stderr } = await night.start({ within: within(night.inbox.path, 0) }).ended;
    expect([exit, stdout, JSON.parse(stderr)]).toMatchObject([
      2,
      "",
      {
        error: {
          code: "inbox_unwritable",
          message: `cannot move files to ${join(night.inbox.path, "done/members")}: ${reason}`,
          hint: expect.stringContaining("stays imported") as string,
        },
      },
    ]);
    await night.expectToFinish(finished);
    await night.on.drop();
  });

  test("for the rejects: nothing of that file is kept, and the next night takes it in", async () => {
    const night = await MissedNight.of(missed);
    night.inbox.orders(
      "a.csv",
      Array.from({ length: 2000 }, (_, at) => `R${at},NOBODY,S1,1.00,paid,2026-02-28 10:00:00,,,`),
    );
    const { exit, stderr } = await night.start({ within: within(night.inbox.path, 16) }).ended;
    expect([exit, JSON.parse(stderr)]).toMatchObject([
      2,
      { error: { code: "rejects_unwritable", message: expect.stringContaining(reason) as string } },
    ]);
    expect(night.inbox.files).toContain("orders/a.csv");
    expect((await night.on.db.sql`SELECT FROM import_rejects`).count).toBe(0);
    expect(await night.start({ more: ["--max-rejects", "100%"] }).ended).toMatchObject({ exit: 3, stderr: "" });
    expect(readFileSync(join(night.inbox.path, "done/orders/a.rejects.csv"), "utf8").split("\n")).toHaveLength(2002);
    await night.on.drop();
  });

  test("for report and metrics: warned of, the older ones stay, and all is settled", async () => {
    const night = await MissedNight.of(missed);
    const directory = scratchDirectory();
    const paths = ["night.html", "accrue.prom"].map((name) => join(directory, name));
    for (const path of paths) writeFileSync(path, "of last night\n");
    const { exit, stderr } = await night.start({
      within: within(directory, 6),
      more: ["--report", paths[0]!, "--metrics-file", paths[1]!],
    }).ended;
    expect({ exit, stderr }).toMatchObject({
      exit: 3,
      stderr: expect.stringMatching(
        /the report could not be written.*[^]*the metrics file \S*accrue\.prom could not be written/u,
      ) as string,
    });
    for (const path of paths) expect(readFileSync(path, "utf8")).toBe("of last night\n");
    expect(await night.outcome()).toBe(finished);
    await night.on.drop();
  });
});

/**
 * The disk below a table is full: its file is /dev/full, where every write ends as on a full disk. The server itself
 * meets it, with the system's own error. It takes a table that is empty yet, so the night is a platform's first.
 */
test(
  "no room in the database, below one table or another: it says so with exit 5, and with room again the next night finishes",
  { timeout: 180_000 },
  async () => {
    const server = await OwnServer.start();
    const first = databaseAt(await createPlatform(server.url, "first"));
    await peopleIn(first);
    const expected = await undisturbed(first);
    // One that the beginning of a night writes first, and one each that its import, its grant run and its end do.
    const tables = ["settlement_runs", "orders_01", "points_entries_01", "business_dates"];
    const nights: { readonly table: string; readonly night: MissedNight; readonly file: string }[] = [];
    for (const table of tables) {
      const on = await cloneOf(first);
      const [place] = await on.db.sql<
        { path: string; bytes: bigint }[]
      >`SELECT pg_relation_filepath(${table}::text::regclass) AS path, pg_relation_size(${table}::text::regclass) AS bytes`;
      expect(place).toMatchObject({ bytes: 0n });
      nights.push({ table, night: new MissedNight(on), file: join(server.dataDirectory, place!.path) });
    }

    await server.stop();
    for (const { file } of nights) {
      renameSync(file, `${file}.kept`);
      symlinkSync("/dev/full", file);
    }
    await server.start();
    for (const { table, night } of nights) {
      const { exit, stderr } = await night.start().ended;
      expect([table, exit, JSON.parse(stderr)]).toMatchObject([
        table,
        5,
        {
          error: {
            code: "database_out_of_space",
            message: expect.stringContaining("No space left on device") as string,
            hint: expect.stringContaining("make room") as string,
          },
        },
      ]);
    }

    await server.stop();
    for (const { file } of nights) {
      rmSync(file);
      renameSync(`${file}.kept`, file);
    }
    await server.start();
    for (const { table, night } of nights) {
      await night.expectToFinish(expected, table);
      await night.on.db.close();
    }
    await first.db.close();
    await server.end();
  },
);
