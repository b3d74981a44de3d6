import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { cloneOf, dumpDatabase, type TestDatabase } from "../support/database.ts";
import { contextOf, ground } from "../support/money/ground.ts";
import { startAccrue } from "../db/orders/process.ts";
import { account, fileOf, movesFrom } from "../db/statements/scene.ts";

const here = await ground();
await account(here.as("amy"), "icbc-8812");
const path = fileOf(
  movesFrom(
    100n,
    [1n, 2n, 3n].map((day) => ({ at: `2026-02-0${day} 10:00:00`, fen: day * 100n, no: `N${day}` })),
  ),
);

const failpoints = pathToFileURL(resolve("test/support/failpoint.mjs")).href;
const run = (on: TestDatabase, file = path, failpoint?: string) =>
  startAccrue(["statement", "import", "--account", "icbc-8812", file, "--json", "--operator", "amy"], {
    database: on,
    env: failpoint === undefined ? {} : { NODE_OPTIONS: `--import=${failpoints}`, ACCRUE_FAILPOINT: failpoint },
  }).ended;
const unsound = async (on: TestDatabase) => (await verify(contextOf(on.db, "auditor"))).checks.filter(({ ok }) => !ok);

async function onClone<T>(work: (on: TestDatabase) => Promise<T>): Promise<T> {
  const on = await cloneOf(here);
  try {
    return await work(on);
  } finally {
    await on.drop();
  }
}

test(
  "a statement whose import is killed around its COMMIT is in whole or not at all, and the same command again makes it whole",
  { timeout: 60_000 },
  async () => {
    const wanted = await onClone(async (on) => {
      await run(on);
      return dumpDatabase(on.db);
    });
    for (const when of ["before", "after"]) {
      await onClone(async (on) => {
        expect((await run(on, path, `commit:1:${when}`)).exit).toBe("SIGKILL");
        expect(await run(on)).toMatchObject({ exit: 0 });
        expect(await dumpDatabase(on.db)).toBe(wanted);
        expect(await unsound(on)).toEqual([]);
      });
    }
  },
);

test(
  "two statements of an account at once go one after the other: each line once, and the balance is that of the last",
  { timeout: 60_000 },
  async () => {
    await onClone(async (on) => {
      const moves = movesFrom(
        0n,
        Array.from({ length: 40 }, (_, index) => ({
          at: `2026-02-01 10:00:${String(index).padStart(2, "0")}`,
          fen: 100n,
          no: `N${index}`,
        })),
      );
      const ended = await Promise.all([run(on, fileOf(moves.slice(0, 30))), run(on, fileOf(moves.slice(10)))]);
      expect(ended.map(({ exit }) => exit)).toEqual([0, 0]);
      const [kept] = await on.db.sql`
      SELECT (SELECT count(*)::int FROM statement_lines) AS lines, (SELECT sum(amount)::int FROM journal_lines WHERE account = 'bank') AS bank`;
      expect(kept).toEqual({ lines: 40, bank: 4_000 });
      expect(await unsound(on)).toEqual([]);
    });
  },
);
