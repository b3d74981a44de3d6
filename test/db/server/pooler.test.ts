import { afterEach, expect, test } from "vitest";
import { accrueInProcess } from "../../support/cli.ts";
import { testDatabase } from "../../support/database.ts";
import { poolerTo, type Pooler, type PoolerKind } from "../../support/pooler.ts";

const database = await testDatabase();

let pooler: Pooler | undefined;
afterEach(() => pooler?.close());

test.each<[PoolerKind, string]>([
  ["refuses", "there is a connection pooler in front of the database, and it refuses the settings of a session"],
  ["drops", "there is a connection pooler in front of the database, and the settings of a session get lost on the way"],
  [
    "shares",
    "there is a connection pooler in front of the database, and sessions are given to one transaction after the other",
  ],
])("a pooler that %s is said as such at once, before anything is done through it: exit 5", async (kind, message) => {
  pooler = await poolerTo(database.url, kind);
  for (const args of [
    ["member", "register", "--name", "张三", "--yes", "--json"],
    ["member", "list", "--json"],
  ]) {
    const { exitCode, stderr } = await accrueInProcess(args, { database: pooler });
    expect(exitCode).toBe(5);
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        code: "database_pooled",
        message,
        hint: expect.stringContaining("connect to the server itself") as string,
      },
    });
  }
  const { stdout } = await accrueInProcess(["doctor", "--json"], { database: pooler });
  expect(
    (JSON.parse(stdout) as { checks: { name: string; found: string }[] }).checks.find(({ name }) => name === "server"),
  ).toMatchObject({ status: "wrong", found: message });
  expect(await database.db.sql`SELECT FROM members`).toHaveLength(0);
});
