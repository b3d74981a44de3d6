import { closeSync, existsSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeBackup } from "../../../src/db/embedded/backup/write.ts";
import { filesBelow, findServerFiles } from "../../../src/db/embedded/layout.ts";
import { serverProcesses } from "../../../src/db/embedded/postmaster.ts";
import { findRunning } from "../../../src/db/embedded/running.ts";
import { startAccrue, until } from "../orders/process.ts";
import { plainClient } from "../../support/admin.ts";
import { accrue, accrueInProcess } from "../../support/cli.ts";
import { testDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { OwnServer, newHome } from "../../support/own-server.ts";
import { accrueOnTerminal } from "../../support/pty.ts";
import { optionsFor } from "../../support/server.ts";
import { transcript } from "../../support/transcript.ts";

const homes: string[] = [];
const aHome = (): string => {
  const home = newHome();
  homes.push(home);
  return home;
};
const on = (home: string) => ({ ACCRUE_HOME: home, DATABASE_URL: undefined });
const run = (home: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  accrue(args, { env: { ...on(home), ...env } });
const json = async (home: string, args: readonly string[]): Promise<Record<string, unknown>> => {
  const { stdout, stderr, exitCode } = await run(home, [...args, "--json"]);
  return { exitCode, ...(JSON.parse(stdout === "" ? stderr : stdout) as Record<string, unknown>) };
};
const codeOf = (answer: Record<string, unknown>) => [
  answer["exitCode"],
  (answer["error"] as { code: string } | undefined)?.code,
];
const rootOf = (home: string) => findServerFiles(optionsFor(home).paths)!.root;
const workspacesIn = (home: string) => readdirSync(rootOf(home)).filter((name) => name.startsWith("restore.tmp-"));
const ordersIn = async (home: string) =>
  (await run(home, ["order", "list", "--limit", "1000", "--json"])).stdout.trimEnd().split("\n").length;

const source = aHome();
const server = await OwnServer.start(source);
const directory = scratchDirectory();
const backup = join(directory, "night.backup");

beforeAll(async () => {
  expect(await run(source, ["init"])).toMatchObject({ exitCode: 0 });
  for (const kind of ["member", "merchant", "product"])
    expect((await run(source, [kind, "import", `fixtures/${kind}s.csv`])).exitCode).toBe(0);
  expect((await run(source, ["order", "import", "fixtures/orders-2026-01-01.csv"])).exitCode).toBe(0);
  expect(await run(source, ["db", "backup", backup])).toMatchObject({ exitCode: 0 });
});

afterAll(async () => {
  await server.end();
  for (const home of homes) {
    await run(home, ["db", "stop"]);
    rmSync(home, { recursive: true, force: true });
  }
});

describe("a backup", () => {
  test("is made while others work, is consistent, holds all that was committed before, and is verified when it is restored", async () => {
    const admin = plainClient(server.url);
    await admin`CREATE SCHEMA probe`;
    await admin`CREATE TABLE probe.pair AS SELECT 0::bigint AS ups, 0::bigint AS downs, repeat('x', 2000) AS filler FROM generate_series(1, 50)`;
    const over = new AbortController();
    const writing = (async () => {
      while (!over.signal.aborted) {
        await admin.begin(async (tx) => {
          await tx`UPDATE probe.pair SET ups = ups + 1`;
          await tx`UPDATE probe.pair SET downs = downs - 1`;
        });
      }
    })();
    await until(async () => (await admin<{ ups: string }[]>`SELECT max(ups) AS ups FROM probe.pair`)[0]!.ups >= "3");
    const [before] = await admin<{ ups: string }[]>`SELECT min(ups) AS ups FROM probe.pair`;
    const file = join(directory, "at work.backup");
    const made = await json(source, ["db", "backup", file]);
    over.abort();
    await writing;
    await admin`DROP SCHEMA probe CASCADE`;
    await admin.end();
    expect(made).toMatchObject({
      exitCode: 0,
      file,
      size_bytes: statSync(file).size,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/u),
      server_version: "18.4",
      dry_run: false,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);

    const home = aHome();
    const restored = await json(home, ["db", "restore", file]);
    expect(restored).toMatchObject({
      exitCode: 0,
      verified: true,
      failed_checks: [],
      schema: { state: "current" },
      put_aside: null,
      taken_at: made["taken_at"],
      dry_run: false,
    });
    expect(await ordersIn(home)).toBe(await ordersIn(source));
    const copy = await OwnServer.start(home);
    const there = plainClient(copy.url);
    const [after] = await there<
      { ups: string; same: boolean }[]
    >`SELECT min(ups) AS ups, bool_and(ups + downs = 0) AND min(ups) = max(ups) AS same FROM probe.pair`;
    expect(after!.same).toBe(true);
    expect(BigInt(after!.ups)).toBeGreaterThanOrEqual(BigInt(before!.ups));
    const [action] =
      await there`SELECT operator, action, details FROM operator_actions ORDER BY action_id DESC LIMIT 1`;
    expect(action).toEqual({
      operator: "tester",
      action: "platform.restore",
      details: { backup_taken_at: made["taken_at"], verified: true },
    });
    await there.end();
    await copy.stop();
  });

  test("says what is in it and what is not; a rehearsal writes nothing", async () => {
    const file = join(directory, "said.backup");
    const said = (await run(source, ["db", "backup", file, "--dry-run"])).stdout;
    expect(said).toMatch(
      /^dry run: the database can be backed up; nothing was written\n {2}file +[\d.]+ MiB\n {2}data +[\d.]+ MiB, PostgreSQL 18\.4, schema version \d+\n {2}taken at +2\S+Z\n {2}took +[\d.]+ s\nnot in it: the secret key/u,
    );
    expect(readdirSync(directory).filter((name) => name.includes("said"))).toEqual([]);
    expect(await json(source, ["db", "backup", file, "--dry-run"])).toMatchObject({
      dry_run: true,
      sha256: null,
      size_bytes: expect.any(Number),
    });
    const { stdout, stderr } = await run(source, ["db", "backup", file]);
    expect([stdout.split("\n")[0], stderr]).toEqual([`backed up the database to ${file}`, ""]);
  });

  test("never replaces a file, and says why one cannot be written", async () => {
    const before = readFileSync(backup);
    expect(codeOf(await json(source, ["db", "backup", backup]))).toEqual([4, "backup_file_exists"]);
    expect(readFileSync(backup).equals(before)).toBe(true);
    const { stderr, exitCode } = await run(source, ["db", "backup", join(directory, "no", "such.backup")]);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(
        /^error: cannot write the backup .*such\.backup: there is no such directory\nhint: nothing was written/u,
      ),
    ]);
    expect(codeOf(await json(source, ["db", "backup", join(directory, "no", "such.backup"), "--dry-run"]))).toEqual([
      2,
      "backup_unwritable",
    ]);
  });

  test("that outgrows what may be written leaves nothing", async () => {
    const file = join(directory, "large.backup");
    const { ended } = startAccrue(["db", "backup", file], { env: on(source), within: 'ulimit -f 500; exec "$@"' });
    expect(await ended).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining(`cannot write the backup ${file}: this user may write no file that large`),
    });
    expect(readdirSync(directory).filter((name) => name.includes("large"))).toEqual([]);
  });

  test("that is killed half way leaves no file of its name, and the next one clears its leftover away", async () => {
    const file = join(directory, "killed.backup");
    const parts = () => readdirSync(directory).filter((name) => name.startsWith(".killed.backup."));
    const { child, ended } = startAccrue(["db", "backup", file], { env: on(source) });
    await until(async () => parts().length > 0);
    child.kill("SIGKILL");
    expect((await ended).exit).toBe("SIGKILL");
    expect(existsSync(file)).toBe(false);
    expect(parts()).toHaveLength(1);
    expect((await run(source, ["db", "backup", file])).exitCode).toBe(0);
    expect(parts()).toEqual([]);
    expect(await json(aHome(), ["db", "restore", file, "--dry-run"])).toMatchObject({ exitCode: 0, verified: true });
  });

  test("that is stopped half way leaves nothing", async () => {
    const file = join(directory, "stopped.backup");
    const { child, ended } = startAccrue(["db", "backup", file], { env: on(source) });
    await until(async () => readdirSync(directory).some((name) => name.startsWith(".stopped.backup.")));
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ exit: 143 });
    expect(readdirSync(directory).filter((name) => name.includes("stopped"))).toEqual([]);
  });

  test("of a page that the disk has damaged fails, and names the checksum", async () => {
    const admin = plainClient(server.url);
    const [row] = await admin<{ path: string }[]>`SELECT pg_relation_filepath('members'::regclass) AS path`;
    await admin.end();
    await server.stop();
    const file = join(server.dataDirectory, row!.path);
    const intact = readFileSync(file);
    const handle = openSync(file, "r+");
    writeSync(handle, "damaged", 4_000);
    closeSync(handle);
    const answer = await json(source, ["db", "backup", join(directory, "damaged.backup")]);
    await run(source, ["db", "stop"]);
    const again = openSync(file, "r+");
    writeSync(again, intact);
    closeSync(again);
    await server.start();
    expect(codeOf(answer)).toEqual([5, "backup_failed"]);
    expect(JSON.stringify(answer)).toContain("checksum");
    expect(readdirSync(directory).filter((name) => name.includes("damaged"))).toEqual([]);
  });

  test("of a server without a schema is one, too, and is told to be set up when it is restored", async () => {
    const [empty, home] = [aHome(), aHome()];
    const file = join(directory, "empty.backup");
    expect(await json(empty, ["db", "backup", file])).toMatchObject({ exitCode: 0, schema_version: 0 });
    await run(empty, ["db", "stop"]);
    const { stdout, exitCode } = await run(home, ["db", "restore", file]);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining("not yet: its schema is not set up; run `accrue init`, then `accrue verify`"),
    ]);
  });
});

describe("restoring", () => {
  test("is tried out beside a server that works, and changes nothing", async () => {
    const { stdout, exitCode } = await run(source, ["db", "restore", backup, "--dry-run"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^dry run: .*night\.backup can be restored; nothing was changed\n[\s\S]*verified +all \d+ checks hold\n/u,
    );
    expect(workspacesIn(source)).toEqual([]);
    expect(await ordersIn(source)).toBeGreaterThan(10);
  });

  test("never goes over data in silence: a running server, and data without --replace, are left as they are", async () => {
    expect(codeOf(await json(source, ["db", "restore", backup]))).toEqual([4, "restore_data_exists"]);
    expect(codeOf(await json(source, ["db", "restore", backup, "--replace"]))).toEqual([2, "confirmation_needed"]);
    expect(codeOf(await json(source, ["db", "restore", backup, "--replace", "--yes"]))).toEqual([
      4,
      "restore_server_running",
    ]);
    const asked = accrueOnTerminal(["db", "restore", backup, "--replace"], { env: on(source) });
    await asked.expect("aside, and");
    asked.send("n\r");
    expect(await asked.exit()).toBe(0);
    await asked.expect("nothing was changed");
    expect(await ordersIn(source)).toBeGreaterThan(10);
  });

  test("with --replace keeps what was there; killed between the two, it comes back with the next command", async () => {
    const home = aHome();
    expect((await run(home, ["init", "--time-zone", "Europe/London"])).exitCode).toBe(0);
    await run(home, ["db", "stop"]);
    const zone = async () => (await run(home, ["init"])).stdout.split("\n").at(-2);
    const args = ["db", "restore", backup, "--replace", "--yes"];
    const failpoint = {
      NODE_OPTIONS: `--import=${pathToFileURL(resolve("test/support/failpoint.mjs")).href}`,
      ACCRUE_FAILPOINT: "rename:1:after",
    };
    const killed = startAccrue(args, { env: { ...on(home), ...failpoint } });
    expect((await killed.ended).exit).toBe("SIGKILL");
    expect(existsSync(join(rootOf(home), "data"))).toBe(false);
    expect(await zone()).toBe("business dates are in Europe/London");
    expect(workspacesIn(home)).toEqual([]);

    await run(home, ["db", "stop"]);
    const late = startAccrue(args, { env: { ...on(home), ...failpoint, ACCRUE_FAILPOINT: "rename:2:after" } });
    expect((await late.ended).exit).toBe("SIGKILL");
    expect(await zone()).toBe("business dates are in Asia/Shanghai");
    expect(
      readdirSync(rootOf(home))
        .filter((name) => name.startsWith("data"))
        .sort(),
    ).toEqual(["data", "data.before-restore"]);

    await run(home, ["db", "stop"]);
    expect(await json(home, args)).toMatchObject({
      exitCode: 0,
      put_aside: join(rootOf(home), "data.before-restore-2"),
    });
  });

  test("that is killed while it unpacks, and while it verifies, leaves nothing that runs or lies in the way", async () => {
    const home = aHome();
    for (const reached of ["base", "postmaster.pid"]) {
      const { child, ended } = startAccrue(["db", "restore", backup], { env: on(home) });
      await until(async () => {
        const files = findServerFiles(optionsFor(home).paths);
        return (
          files !== undefined &&
          existsSync(files.root) &&
          workspacesIn(home).some((name) => existsSync(join(files.root, name, "data", reached)))
        );
      });
      child.kill("SIGKILL");
      expect((await ended).exit).toBe("SIGKILL");
      expect(existsSync(join(rootOf(home), "data"))).toBe(false);
    }
    const left = workspacesIn(home).map((name) => filesBelow(join(rootOf(home), name)));
    expect(await json(home, ["db", "restore", backup])).toMatchObject({ exitCode: 0, verified: true });
    expect(workspacesIn(home)).toEqual([]);
    expect(left.flatMap((files) => serverProcesses(files))).toEqual([]);
  });

  test("of a damaged, a cut-off, a strange and a missing file is refused with the reason, and leaves the home empty", async () => {
    const home = aHome();
    const bytes = readFileSync(backup);
    const damaged = Buffer.from(bytes);
    damaged[bytes.length >> 1]! ^= 0xff;
    const cases = [
      [
        writeScratch("cut.backup", bytes.subarray(0, bytes.length >> 1)),
        4,
        "backup_damaged",
        /is damaged: it is cut off; nothing was restored$/u,
      ],
      [writeScratch("bad.backup", damaged), 4, "backup_damaged", /is damaged: .+; nothing was restored$/u],
      [resolve("fixtures/members.csv"), 4, "backup_unknown", /is no backup that this accrue can read: /u],
      [join(directory, "none.backup"), 2, "backup_unreadable", /cannot read the backup .*none\.backup: ENOENT/u],
    ] as const;
    for (const [file, exitCode, code, message] of cases) {
      expect(await json(home, ["db", "restore", file])).toMatchObject({
        exitCode,
        error: { code, message: expect.stringMatching(message) },
      });
      expect(workspacesIn(home)).toEqual([]);
      expect(existsSync(join(rootOf(home), "data"))).toBe(false);
    }
  });

  test("of another PostgreSQL's backup, and of one that verification finds something wrong with", async () => {
    const home = aHome();
    const other = join(directory, "other.backup");
    const { socketDirectory } = (await findRunning(optionsFor(source).paths))!;
    const order = { socketDirectory, isRehearsal: false, signal: new AbortController().signal, onProgress: () => {} };
    await writeBackup({
      ...order,
      file: other,
      description: { format: 1, taken_at: "2026-01-04T02:00:00.000Z", server_version: "17.2", schema_version: 3 },
    });
    expect(await json(home, ["db", "restore", other])).toMatchObject({
      exitCode: 4,
      error: {
        code: "backup_version_mismatch",
        message: "the backup is of PostgreSQL 17.2, and the installed server programs are of 18.4",
      },
    });

    const admin = plainClient(server.url);
    const wrong = join(directory, "wrong.backup");
    await admin.begin(async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`;
      await tx`UPDATE balances SET available_points = available_points + 1 WHERE member_id = (SELECT min(member_id) FROM balances)`;
    });
    await run(source, ["db", "backup", wrong]);
    await admin.begin(async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`;
      await tx`UPDATE balances SET available_points = available_points - 1 WHERE member_id = (SELECT min(member_id) FROM balances)`;
    });
    await admin.end();
    expect(await json(home, ["db", "restore", wrong])).toMatchObject({
      exitCode: 7,
      verified: false,
      failed_checks: expect.arrayContaining(["balances_match_entries"]),
    });
    expect(await ordersIn(home)).toBeGreaterThan(10);
  });

  test("of a newer accrue's backup is refused", async () => {
    const admin = plainClient(server.url);
    const file = join(directory, "newer.backup");
    await admin`INSERT INTO schema_migrations SELECT 999, '0999_later', '', clock_timestamp()`;
    expect(await json(source, ["db", "backup", file])).toMatchObject({ exitCode: 0, schema_version: 999 });
    await admin`DELETE FROM schema_migrations WHERE no = 999`;
    await admin.end();
    expect(codeOf(await json(source, ["db", "restore", file, "--dry-run"]))).toEqual([6, "schema_newer"]);
  });

  test("tells how far it is on a terminal, and nothing off it", async () => {
    const shown = accrueOnTerminal(["db", "restore", backup, "--dry-run"], { env: on(source) });
    await shown.expect("checks hold");
    expect(await shown.exit()).toBe(0);
    expect(shown.raw).toMatch(/reading the backup|verifying/u);
    expect((await run(source, ["db", "restore", backup, "--dry-run"])).stderr).toBe("");
  });
});

test("on a server of one's own, the commands of its own tools are named", async () => {
  const database = await testDatabase();
  expect(await transcript(["accrue db backup my.dump", "accrue db restore 'my dump'"], { database }))
    .toMatchInlineSnapshot(`
    "
    $ accrue db backup my.dump
    ! error: the server that DATABASE_URL names is not accrue's to back up
    ! hint: \`pg_dump --format=custom --file=my.dump "$DATABASE_URL"\`, or pg_basebackup for all of the server
    [exit 4]

    $ accrue db restore 'my dump'
    ! error: the server that DATABASE_URL names is not accrue's to restore
    ! hint: into an empty database: \`pg_restore --exit-on-error --no-owner --dbname=accrue 'my dump'\`, of what pg_dump wrote
    [exit 4]
    "
  `);
  const { stderr } = await accrueInProcess(["db", "backup", "my dump"], {
    env: { DATABASE_URL: undefined, PGHOST: "db.example" },
  });
  expect(stderr).toContain("hint: `pg_dump --format=custom --file='my dump'`, or");
});
