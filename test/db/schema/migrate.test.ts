import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { requireServer } from "../../../src/db/migrate.ts";
import { plainClient } from "../../support/admin.ts";
import { accrue, accrueInProcess } from "../../support/cli.ts";
import { cloneOf, dumpDatabase, emptyDatabaseUrl, testDatabase } from "../../support/database.ts";
import { dumpSchema } from "../../support/schema-dump.ts";
import { connect } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";

const database = await testDatabase();
const entries = (
  JSON.parse(readFileSync("migrations/meta/_journal.json", "utf8")) as { entries: { idx: number; tag: string }[] }
).entries;
const needed = entries.length;

/** A database as an older accrue left it: only the first migrations, written down as accrue writes them. */
async function databaseAtVersion(version: number): Promise<string> {
  const url = await emptyDatabaseUrl();
  const sql = plainClient(url);
  await sql`CREATE TABLE schema_migrations (no integer PRIMARY KEY, tag text NOT NULL, hash text NOT NULL, applied_at timestamptz NOT NULL)`;
  for (const { idx, tag } of entries.slice(0, version)) {
    const text = readFileSync(`migrations/${tag}.sql`, "utf8");
    for (const statement of text.split("--> statement-breakpoint")) await sql.unsafe(statement);
    await sql`INSERT INTO schema_migrations VALUES (${idx + 1}, ${tag}, ${createHash("sha256").update(text).digest("hex")}, now())`;
  }
  await sql.end();
  return url;
}

/** A clone whose list of migrations was changed behind accrue's back. */
async function cloneWith(statement: string) {
  const clone = await cloneOf(database);
  const sql = plainClient(clone.superuserUrl);
  await sql.unsafe(statement).finally(() => sql.end());
  return clone;
}

const errorOf = async (args: readonly string[], url: string) => {
  const { stdout, stderr, exitCode } = await accrueInProcess([...args, "--json"], { database: { url } });
  expect(stdout).toBe("");
  return {
    exitCode,
    ...(JSON.parse(stderr) as { error: { code: string; message: string; hint: string; details: object } }).error,
  };
};

async function schemaAt(url: string): Promise<string> {
  const db = connect(targetFromUrl(url)!);
  return dumpSchema(db).finally(() => db.close());
}

describe("a schema that is not this version's is refused with 6, and told what to run", () => {
  test("none at all", async () => {
    expect(await errorOf(["member", "list"], await emptyDatabaseUrl())).toEqual({
      exitCode: 6,
      code: "schema_absent",
      message: "the database has no schema yet",
      hint: "run `accrue init`",
      details: { state: "absent", applied: 0, needed },
    });
  });

  test("an older one; init brings it up to date, and then it is like a new one", async () => {
    const url = await databaseAtVersion(needed - 1);
    expect(await errorOf(["member", "list"], url)).toEqual({
      exitCode: 6,
      code: "schema_older",
      message: `the database is at schema version ${needed - 1}, this accrue needs ${needed}`,
      hint: "run `accrue init` to migrate it (take a backup first)",
      details: { state: "older", applied: needed - 1, needed },
    });
    const { stdout, exitCode } = await accrueInProcess(["init", "--json"], { database: { url } });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      migrations_applied: [entries.at(-1)!.tag],
      time_zone: "Asia/Shanghai",
      first_operator: "tester",
      group_roles: "left",
    });
    expect(await accrueInProcess(["member", "list"], { database: { url } })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await schemaAt(url)).toBe(await dumpSchema(database.db));
  });

  test("a newer one: migrations only go forward, so init refuses too and changes nothing", async () => {
    const clone = await cloneWith(
      `INSERT INTO schema_migrations VALUES (${needed + 1}, '0099_from_the_future', '', now())`,
    );
    for (const command of [["member", "list"], ["init"]]) {
      expect(await errorOf(command, clone.url)).toEqual({
        exitCode: 6,
        code: "schema_newer",
        message: `the database is at schema version ${needed + 1}, this accrue knows only ${needed}`,
        hint: "install the newer accrue that migrated it; migrations only go forward",
        details: { state: "newer", applied: needed + 1, needed },
      });
    }
    expect(await dumpDatabase(clone.db)).toBe(await dumpDatabase(database.db));
    await clone.drop();
  });

  test("one of another line; init refuses too", async () => {
    const clone = await cloneWith(`UPDATE schema_migrations SET tag = 'another_line' WHERE no = ${needed}`);
    for (const command of [["member", "list"], ["init"]]) {
      expect(await errorOf(command, clone.url)).toMatchObject({
        exitCode: 6,
        code: "schema_foreign",
        hint: "check that DATABASE_URL names the right database (`accrue db status`)",
      });
    }
    await clone.drop();
  });

  test("a database that holds something else; init leaves it as it is", async () => {
    const url = await emptyDatabaseUrl();
    const sql = plainClient(url);
    await sql`CREATE TABLE orders (no integer)`;
    expect(await errorOf(["init"], url)).toMatchObject({
      exitCode: 6,
      code: "schema_occupied",
      message: 'the database already holds something that accrue did not make: relation "orders" already exists',
      hint: "give accrue a database of its own",
    });
    expect(await sql`SELECT to_regclass('members') AS made`).toEqual([{ made: null }]);
    await sql.end();
  });

  test("one that is migrated but was never set up", async () => {
    const clone = await cloneWith("SET session_replication_role = replica; DELETE FROM platform");
    expect(await errorOf(["member", "list"], clone.url)).toMatchObject({
      code: "platform_absent",
      hint: "run `accrue init`",
    });
    await clone.drop();
  });
});

describe("init", () => {
  test("several at once apply every migration once, and all succeed", async () => {
    const url = await emptyDatabaseUrl();
    const results = await Promise.all(
      ["li.wei", "zhang.min", "wang.fang"].map((operator) =>
        accrue(["init", "--json", "--operator", operator], { database: { url } }),
      ),
    );
    expect(results.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
      results.map(() => ({ exitCode: 0, stderr: "" })),
    );
    const applied = results.flatMap(
      ({ stdout }) => (JSON.parse(stdout) as { migrations_applied: string[] }).migrations_applied,
    );
    expect(applied.toSorted()).toEqual(entries.map(({ tag }) => tag));
    const sql = plainClient(url);
    expect(
      await sql`SELECT (SELECT count(*)::integer FROM platform) AS platforms, (SELECT count(*)::integer FROM policies) AS policies`,
    ).toEqual([{ platforms: 1, policies: 1 }]);
    await sql.end();
    expect(await schemaAt(url)).toBe(await dumpSchema(database.db));
  });

  test("again does nothing and says so", async () => {
    expect(await accrueInProcess(["init"], { database })).toMatchObject({
      exitCode: 0,
      stderr: "",
      stdout: "the database is up to date; nothing to do\nbusiness dates are in Asia/Shanghai\n",
    });
  });

  test("sets the time zone once, and refuses another one later: business dates cannot be reinterpreted", async () => {
    const url = await emptyDatabaseUrl();
    const { stdout } = await accrueInProcess(["init", "--time-zone", "Europe/Berlin", "--json"], { database: { url } });
    expect(JSON.parse(stdout)).toMatchObject({ time_zone: "Europe/Berlin" });
    expect(await errorOf(["init", "--time-zone", "Asia/Shanghai"], url)).toMatchObject({
      exitCode: 4,
      code: "time_zone_fixed",
      message: "this database's business dates are in Europe/Berlin, not Asia/Shanghai",
    });
    expect(await errorOf(["init", "--time-zone", "Asia/Atlantis"], url)).toMatchObject({
      exitCode: 2,
      code: "invalid_time_zone",
    });
  });
});

describe("a server that is too old", () => {
  test("is refused before anything is created on it, with what to do", () => {
    expect(() => requireServer(140_012, "14.12")).toThrow("the server is PostgreSQL 14.12; accrue needs 15 or newer");
    expect(() => requireServer(150_000, "15.0")).not.toThrow();
  });
});

describe("orders and entries are cut by id", () => {
  test("each goes to the partition of its id; ids beyond all bounds have a place as well", async () => {
    const clone = await cloneOf(database);
    const sql = plainClient(clone.superuserUrl);
    await sql.begin(async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`; // rows that nothing explains
      for (const id of [1, 15_999_999, 16_000_000, 4_000_000_000]) {
        await tx`
          INSERT INTO orders (member_id, order_id, merchant_id, amount_fen, refunded_fen, status, source, order_no)
          VALUES (1, ${id}, 2, 100, 0, 'pending', 'default', ${`O${id}`})`;
        await tx`
          INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
          VALUES (1, ${id}, 1, 'adjust', 5, 0, now(), '2026-01-01')`;
      }
    });
    const places = await sql<{ place: string }[]>`
      SELECT tableoid::regclass || ' ' || order_id AS place FROM orders UNION ALL SELECT tableoid::regclass || ' ' || ref_id FROM points_entries ORDER BY 1`;
    const ids = ["01 1", "01 15999999", "02 16000000", "08 4000000000"];
    expect(places.map(({ place }) => place)).toEqual([
      ...ids.map((id) => `orders_${id}`),
      ...ids.map((id) => `points_entries_${id}`),
    ]);
    await sql.end();
    await clone.drop();
  });
});
