import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { connect } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { checkEmbeddedPackage, checkFreeSpace, checkNode } from "../../src/doctor/machine.ts";
import type { Check } from "../../src/doctor/model.ts";
import { examine, type DoctorOptions } from "../../src/doctor/run.ts";
import { judgeServer } from "../../src/doctor/server.ts";
import { judgeSettings } from "../../src/doctor/settings.ts";
import type { LoadFacts, ServerFacts } from "../../src/doctor/sql.ts";
import { until } from "../db/orders/process.ts";
import { approvedWithdrawal, box, secretKey } from "../db/payouts/scene.ts";
import { plainClient } from "../support/admin.ts";
import { accrueInProcess } from "../support/cli.ts";
import { cloneOf, emptyDatabaseUrl, type TestDatabase } from "../support/database.ts";
import { transcript } from "../support/transcript.ts";

let database: TestDatabase;

/** Does something behind accrue's back. */
async function meddle(statement: string): Promise<void> {
  const sql = plainClient(database.superuserUrl);
  await sql.unsafe(statement).finally(() => sql.end());
}

const look = (options: Partial<DoctorOptions> = {}) =>
  examine({
    nodeVersion: "v20.17.0",
    isEmbedded: false,
    dataDirectory: "/tmp",
    clock: () => new Date(),
    open: () => Promise.resolve(database.db),
    secretKeyId: () => undefined,
    isStripeKeySet: () => false,
    ...options,
  });

const wrongOnes = (checks: readonly Check[]) =>
  checks.filter(({ status }) => status === "wrong").map(({ name, found }) => `${name}: ${found}`);

/** Has the server of the tests wait for the disk, or not any more, if it is one of their own. */
async function waitForDisk(isSynced: boolean): Promise<void> {
  const { url, isSynced: isAlways } = inject("testServer");
  if (isAlways) return;
  const value = isSynced ? "on" : "off";
  const sql = plainClient(url);
  for (const setting of ["fsync", "full_page_writes"]) await sql.unsafe(`ALTER SYSTEM SET ${setting} = ${value}`);
  await sql`SELECT pg_reload_conf()`;
  await until(async () => {
    const [row] = await sql`SELECT current_setting('full_page_writes') AS value`;
    return row!["value"] === value;
  });
  await sql.end();
}

describe("the doctor", () => {
  beforeAll(() => waitForDisk(true));
  afterAll(() => waitForDisk(false));
  beforeEach(async () => void (database = await cloneOf()));
  afterEach(() => database.drop());

  test("finds a fresh platform well", async () => {
    expect(wrongOnes(await look())).toEqual([]);
    const { stdout, stderr, exitCode } = await accrueInProcess(["doctor"], { database });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toContain("everything is as it should be");
  });

  test("goes on when the database cannot be reached, and exits 7", async () => {
    const args = { env: { DATABASE_URL: "postgres://me:secret@127.0.0.1:1/accrue" } };
    const text = await transcript(["accrue doctor"], args);
    expect(text).toContain("[exit 7]");
    expect(text).toContain("cannot reach the database: connect ECONNREFUSED");
    expect(text).toContain("grant slot               unknown  the server cannot be asked");
    expect(text).not.toContain("secret");
    const json = await accrueInProcess(["doctor", "--json"], args);
    expect(json).toMatchObject({ exitCode: 7, stderr: "" });
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([expect.objectContaining({ name: "server", status: "wrong" })]),
    });
  });

  test("notices a key for Stripe that is missing where it is needed, or cannot be used", async () => {
    await approvedWithdrawal(database.db, 10n);
    expect(wrongOnes(await look({ secretKeyId: () => box.keyId }))).toEqual([]);
    await approvedWithdrawal(database.db, 10n, { channel: "stripe" });
    expect(wrongOnes(await look({ secretKeyId: () => box.keyId }))).toEqual([
      "stripe key: none is set, and 1 withdrawal waits for Stripe",
    ]);
    expect(wrongOnes(await look({ secretKeyId: () => box.keyId, isStripeKeySet: () => true }))).toEqual([]);
    const env = { ACCRUE_SECRET_KEY: secretKey.toString("base64") };
    const said = await accrueInProcess(["doctor"], {
      database,
      env: { ...env, ACCRUE_STRIPE_KEY: "pk_live_notasecretkey" },
    });
    expect(said).toMatchObject({
      exitCode: 7,
      stdout: expect.stringContaining("stripe key: what ACCRUE_STRIPE_KEY holds is no secret key of Stripe") as string,
    });
    expect(
      await accrueInProcess(["doctor"], { database, env: { ...env, ACCRUE_STRIPE_KEY: "sk_test_abcdefgh12345678" } }),
    ).toMatchObject({ exitCode: 0 });
  });

  test("always makes the same checks, in the same order", async () => {
    const well = await look();
    const ill = await look({ open: async () => connect({ url: "postgres://127.0.0.1:1/none" }) });
    expect(ill.map(({ name }) => name)).toEqual(well.map(({ name }) => name));
  });

  test("names the command to run on a database without a schema", async () => {
    const db = connect(targetFromUrl(await emptyDatabaseUrl())!);
    const checks = await look({ open: async () => db });
    await db.close();
    expect(checks.find(({ name }) => name === "schema")).toMatchObject({ status: "wrong", hint: "run `accrue init`" });
    expect(checks.find(({ name }) => name === "guards")).toMatchObject({ status: "unknown" });
  });

  test("notices a guard that was dropped, and a privilege that was granted", async () => {
    await meddle("DROP TRIGGER journal_lines_balanced ON journal_lines");
    await meddle("GRANT UPDATE ON points_entries TO PUBLIC");
    expect(wrongOnes(await look())).toEqual([
      "guards: table journal_lines: trigger journal_lines_balanced is missing, table points_entries: others may is none of this version's (PUBLIC UPDATE)",
    ]);
  });

  test("notices every trigger of the migrations that is switched off, and names each", async () => {
    const triggers = await database.db.sql<{ table: string; name: string }[]>`
      SELECT c.relname AS table, t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal`;
    expect(triggers.length).toBeGreaterThan(10);
    await meddle(triggers.map(({ table, name }) => `ALTER TABLE ${table} DISABLE TRIGGER ${name}`).join(";"));
    const [guards, ...others] = wrongOnes(await look());
    expect(others).toEqual([]);
    for (const { table, name } of triggers) expect(guards).toContain(`table ${table}: trigger ${name} is changed (`);
    expect(guards!.split(", switched off)")).toHaveLength(triggers.length + 1);
  });

  test("notices a platform that was never set up", async () => {
    await meddle("SET session_replication_role = replica; DELETE FROM platform");
    expect(wrongOnes(await look())).toEqual(["platform: not set up"]);
  });

  test("notices a grant run whose session is gone, and says how to go on", async () => {
    await meddle(`UPDATE run_slots SET run_id = 7, backend_pid = 1, backend_started_at = now(), operator = 'li.wei', host = 'till', taken_at = '2026-03-01T16:00:00Z'
      WHERE name = 'grant'`);
    const checks = await look();
    expect(wrongOnes(checks)).toEqual([
      "grant slot: grant run 7 of li.wei on till, begun 2026-03-02 00:00:00, ended without finishing",
    ]);
    expect(checks.find(({ name }) => name === "grant slot")?.hint).toContain("accrue grant run");
  });

  test("does not mind a grant run that is at work", async () => {
    const sql = plainClient(database.url);
    await sql`UPDATE run_slots s SET run_id = 7, backend_pid = a.pid, backend_started_at = a.backend_start, operator = 'li.wei', host = 'till', taken_at = now()
      FROM pg_stat_activity a WHERE a.pid = pg_backend_pid() AND name = 'grant'`;
    expect(wrongOnes(await look())).toEqual([]);
    await sql.end();
  });

  test("notices a server that would forget what it committed, or does not fire the guards", async () => {
    const [row] = await database.db.sql<{ name: string }[]>`SELECT current_database() AS name`;
    await meddle(`ALTER DATABASE ${row!.name} SET synchronous_commit = off`);
    await meddle(`ALTER DATABASE ${row!.name} SET session_replication_role = replica`);
    const db = connect(targetFromUrl(database.url)!);
    const found = wrongOnes(await look({ open: async () => db }));
    await db.close();
    expect(found).toEqual([
      "server role: session_replication_role is replica",
      "server durability: synchronous_commit = off",
    ]);
  });

  test("warns of settings under which a night is slower, and fails nothing", async () => {
    const [row] = await database.db.sql<{ name: string }[]>`SELECT current_database() AS name`;
    await meddle(`ALTER DATABASE ${row!.name} SET random_page_cost = 4`);
    await meddle("ALTER TABLE balances SET (autovacuum_enabled = off)");
    const { stdout, exitCode } = await accrueInProcess(["doctor"], { database });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^random_page_cost +warning +4$/mu);
    expect(stdout).toMatch(/^autovacuum +warning +on, but not for balances$/mu);
    expect(stdout).toContain("ALTER SYSTEM SET random_page_cost = 1.1");
    expect(stdout).toMatch(/nothing is wrong, and 2 of \d+ checks could be better/u);
  });

  test("notices clocks that are apart", async () => {
    const late = () => new Date(Date.now() + 90_000);
    expect(wrongOnes(await look({ clock: late }))).toEqual(["clock: the server is 90 s behind this host"]);
    const early = () => new Date(Date.now() - 40_000);
    expect(wrongOnes(await look({ clock: early }))).toEqual(["clock: the server is 40 s ahead of this host"]);
  });

  test("notices a time zone that the server or this host does not know", async () => {
    await meddle("SET session_replication_role = replica; UPDATE platform SET time_zone = 'Asia/Atlantis'");
    expect(wrongOnes(await look())).toEqual(["time zone: this host does not know Asia/Atlantis"]);
  });

  test("finds zones with daylight saving the same here and on the server", async () => {
    await meddle("SET session_replication_role = replica; UPDATE platform SET time_zone = 'America/New_York'");
    expect(wrongOnes(await look())).toEqual([]);
  });
});

describe("what the server says of itself", () => {
  const well: ServerFacts = {
    version: "15.1",
    versionNum: 150001,
    encoding: "UTF8",
    isStandby: false,
    replicationRole: "origin",
    fsync: "on",
    fullPageWrites: "on",
    synchronousCommit: "on",
  };
  test.each<[Partial<ServerFacts>, string[]]>([
    [{}, []],
    [{ versionNum: 180004, synchronousCommit: "remote_apply" }, []],
    [{ version: "14.9", versionNum: 140009 }, ["server version: PostgreSQL 14.9"]],
    [{ isStandby: true }, ["server role: a standby"]],
    [{ encoding: "SQL_ASCII" }, ["server encoding: SQL_ASCII"]],
    [{ fsync: "off", fullPageWrites: "off" }, ["server durability: fsync = off, full_page_writes = off"]],
  ])("%j", (facts, expected) => {
    const checks = judgeServer({ ...well, ...facts });
    expect(wrongOnes(checks)).toEqual(expected);
    for (const { status, why, hint } of checks)
      expect([why !== undefined, hint !== undefined]).toEqual([status === "wrong", status === "wrong"]);
  });
});

describe("what the server's settings do to a night", () => {
  const mib = 1024 ** 2;
  const well: LoadFacts = {
    sharedBuffersBytes: 256 * mib,
    maxWalBytes: 4096 * mib,
    checkpointSeconds: 900,
    randomPageCost: "1.1",
    autovacuum: "on",
    unvacuumed: [],
    collation: "C",
    isBytewise: true,
    collationVersion: null,
    actualCollationVersion: null,
  };
  const german = {
    collation: "de_DE.UTF-8",
    isBytewise: false,
    collationVersion: "2.36",
    actualCollationVersion: "2.36",
  };
  test.each<[Partial<LoadFacts>, string[]]>([
    [{}, []],
    [{ sharedBuffersBytes: 128 * mib }, ["warning: shared_buffers: 128 MiB"]],
    [{ maxWalBytes: 1024 * mib }, ["warning: max_wal_size: 1 GiB"]],
    [{ checkpointSeconds: 300 }, ["warning: checkpoint_timeout: 300 s"]],
    [{ randomPageCost: "4" }, ["warning: random_page_cost: 4"]],
    [{ autovacuum: "off" }, ["warning: autovacuum: off"]],
    [{ unvacuumed: ["balances", "orders"] }, ["warning: autovacuum: on, but not for balances, orders"]],
    [german, ["warning: collation: de_DE.UTF-8"]],
    [
      { ...german, actualCollationVersion: "2.41" },
      ["wrong: collation: de_DE.UTF-8, made by version 2.36, and the system has 2.41"],
    ],
  ])("%j", (facts, expected) => {
    const short = judgeSettings({ ...well, ...facts }).filter(({ status }) => status !== "ok");
    expect(short.map(({ status, name, found }) => `${status}: ${name}: ${found}`)).toEqual(expected);
    for (const { why, hint } of short) expect([why, hint]).toEqual([expect.any(String), expect.any(String)]);
  });
});

describe("this machine", () => {
  test.each([
    ["v20.17.0", "ok"],
    ["v20.16.9", "wrong"],
    ["v18.20.0", "wrong"],
    ["v22.0.0", "ok"],
  ])("Node %s is %s", (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });

  test("the embedded server's programs and room on disk only matter where it is the one", async () => {
    expect(await checkEmbeddedPackage(false)).toMatchObject({
      status: "ok",
      found: expect.stringContaining("not needed"),
    });
    expect(await checkFreeSpace(false, "/nonexistent")).toMatchObject({ status: "ok" });
    expect(await checkFreeSpace(true, "/tmp/not/there/yet")).toMatchObject({
      found: expect.stringMatching(/ free for \/tmp\/not\/there\/yet$/u),
    });
  });
});
