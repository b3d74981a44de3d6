import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { dedicated, inTransaction } from "../../../src/db/database.ts";
import { takeSlot } from "../../../src/db/run-slots.ts";
import { verify } from "../../../src/verification/verify.ts";
import { MissedNight, missNight, undisturbed } from "../../faults/missed-night.ts";
import { Inbox } from "./scene.ts";
import { createDatabase, onDatabase } from "../../support/admin.ts";
import { databaseAt, testDatabase, testNow, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { OwnServer } from "../../support/own-server.ts";
import { createPlatform } from "../../support/platform.ts";

const server = await OwnServer.start();
afterAll(() => server.end());
const missed = await missNight(databaseAt(await createPlatform(server.url, "missed")));
const finished = await undisturbed(missed);

/** A backup that was restored somewhere. */
interface Restored {
  readonly on: TestDatabase;
  drop(): Promise<void>;
}

/** All files of the server, as pg_basebackup takes them: every machine can do that. Restored as a server of its own. */
async function ofAllFiles({ url }: TestDatabase): Promise<Restored> {
  const other = await OwnServer.start(await server.backUp());
  const on = databaseAt(onDatabase(other.url, new URL(url).pathname.slice(1)));
  return { on, drop: () => on.db.close().then(() => other.end()) };
}

/** pg_dump, restored beside the database, where the run goes on. */
async function byPgDump({ url }: TestDatabase): Promise<Restored> {
  const file = join(scratchDirectory(), "night.dump");
  execFileSync("pg_dump", ["--format=custom", `--file=${file}`, url]);
  const name = `${new URL(url).pathname.slice(1)}_restored`;
  await createDatabase(url, name);
  const on = databaseAt(onDatabase(url, name));
  execFileSync("pg_restore", ["--exit-on-error", `--dbname=${on.url}`, file]);
  return { on, drop: () => on.drop() };
}

const majorOf = (version: string): number => Number(/\d+/u.exec(version)?.[0]);

/** Where pg_dump is at hand and knows the server that the tests run on: it reads none that is newer than itself. */
async function pgDumpWays() {
  const on = await testDatabase();
  const [row] = await on.db.sql<{ version: string }[]>`SELECT current_setting('server_version') AS version`;
  const isFit = (() => {
    try {
      return majorOf(execFileSync("pg_dump", ["--version"], { encoding: "utf8" })) >= majorOf(row!.version);
    } catch {
      return false;
    }
  })();
  return isFit ? [["by pg_dump", byPgDump, await missNight(on)] as const] : [];
}

const ways = [["of all files", ofAllFiles, missed] as const, ...(await pgDumpWays())];
/** In the import, in the grant run, whose slot is held as the settlement's is, and with all but the end done. */
const commits = ["orders/b.csv", "a chunk is granted", "the date is closed"] as const;

describe.each(ways)("a backup %s", (_way, backUp, original) => {
  test.each(commits)(
    "taken right before the commit at which %s: verify accepts it, and settle finishes it",
    async (commit) => {
      const night = await MissedNight.of(original);
      const { goOn, ended } = await night.frozenBefore(commit);
      const restored = await backUp(night.on);
      const inbox = new Inbox();
      cpSync(night.inbox.path, inbox.path, { recursive: true, preserveTimestamps: true });

      const { checks } = await verify(restored.on.context());
      expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      await new MissedNight(restored.on, inbox).expectToFinish(finished);
      await restored.drop();

      goOn();
      const { exit, stderr } = await ended;
      // How far it is, it says or not, for it was frozen for as long as the backup took.
      expect([exit, stderr.replace(/^\{"progress":.*\n/gmu, "")]).toEqual([3, ""]);
      expect(await night.outcome()).toBe(finished);
      await night.on.drop();
    },
  );
});

test("a copy is not held by a run of the original, though that lives on the same server", async () => {
  const original = dedicated(missed.db);
  await inTransaction(original, (tx) => takeSlot(tx, "settle", 77n, { name: "cron", host: "db-1" }, testNow));
  const [held] = await missed.db.sql<
    { backendPid: number; startedAt: string }[]
  >`SELECT backend_pid, backend_started_at::text AS started_at FROM run_slots WHERE name = 'settle'`;
  const copy = databaseAt(await createPlatform(server.url, "beside"));
  await inTransaction(
    copy.db,
    (tx) => tx`
    UPDATE run_slots SET run_id = 77, operator = 'cron', host = 'db-1', taken_at = ${testNow}, backend_pid = ${held!.backendPid}, backend_started_at = ${held!.startedAt}::text::timestamptz
    WHERE name = 'settle'`,
  );
  const taken = await inTransaction(copy.db, (tx) =>
    takeSlot(tx, "settle", 78n, { name: "amy", host: "desk-1" }, testNow),
  );
  expect(taken).toEqual({ deadRunId: 77n });
  await copy.drop();
  await original.close();
});
