import { spawn, type ChildProcess } from "node:child_process";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type postgres from "postgres";
import { plainClient } from "../support/admin.ts";
import { cliEnvironment } from "../support/cli.ts";
import { emptyDatabaseUrl } from "../support/database.ts";

/** `init` that waits: somebody else is migrating the same database. */
describe("a command that is told to stop", () => {
  let url: string;
  let other: postgres.ReservedSql;
  let client: postgres.Sql;
  let child: ChildProcess;
  let stderr: string;

  beforeEach(async () => {
    url = await emptyDatabaseUrl();
    client = plainClient(url);
    other = await client.reserve();
    await other`SELECT pg_advisory_lock(7405211031)`;
    stderr = "";
    child = spawn(process.execPath, ["bin/accrue.js", "init"], {
      env: cliEnvironment({ database: { url } }),
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr!.on("data", (piece: Buffer) => (stderr += piece.toString()));
    await until(async () => (await waiting()) === 1);
  });

  afterEach(async () => {
    child.kill("SIGKILL");
    other.release();
    await client.end({ timeout: 1 });
  });

  /** How many sessions wait for the lock; asked on the connection that holds it. */
  async function waiting(): Promise<number> {
    const rows =
      await other`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    return rows.length;
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`it never came to that; stderr:\n${stderr}`);
      await new Promise((settle) => setTimeout(settle, 20));
    }
  }

  const ended = () =>
    new Promise<number | null>((settle) =>
      child.exitCode === null ? child.once("exit", settle) : settle(child.exitCode),
    );

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("by %s stops at the next safe edge, with %i: what was committed stays", async (signal, code) => {
    child.kill(signal);
    await until(() => stderr.includes(`${signal}: stopping at the next safe edge`));
    expect(child.exitCode).toBeNull();
    await other`SELECT pg_advisory_unlock(7405211031)`;
    expect(await ended()).toBe(code);
    expect(stderr).toContain(`error: stopped by ${signal}`);
    const [state] =
      await other`SELECT (SELECT count(*)::integer FROM schema_migrations) AS applied, to_regclass('members') AS members`;
    expect(state).toEqual({ applied: 1, members: null });
  });

  test("twice ends at once; the server rolls back what was open", async () => {
    child.kill("SIGINT");
    await until(() => stderr.includes("once more stops at once"));
    child.kill("SIGINT");
    expect(await ended()).toBe(130);
    await other`SELECT pg_advisory_unlock(7405211031)`;
    await until(async () => (await waiting()) === 0);
    expect(await other`SELECT to_regclass('schema_migrations') AS made`).toEqual([{ made: null }]);
  });

  test("because its connection was cut, says so with 5, and does not crash or hang", async () => {
    await other`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    expect(await ended()).toBe(5);
    // Which of the two the driver reports first is a race.
    expect(stderr).toMatch(
      /^error: cannot reach the database: (?:terminating connection due to administrator command|it closed the connection)\nhint: .*\n$/u,
    );
  });
});
