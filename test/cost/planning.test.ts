import { expect, test } from "vitest";
import { inTransaction, send, type Sql, type Transaction } from "../../src/db/database.ts";
import { checkingKeysByOnePlan, joiningByHash, joiningByIndex, tuneBulk } from "../../src/db/planner.ts";
import { testDatabase } from "../support/database.ts";

const on = await testDatabase();

const ways = [
  "enable_bitmapscan",
  "enable_hashjoin",
  "enable_indexonlyscan",
  "enable_indexscan",
  "enable_mergejoin",
  "enable_seqscan",
];
const allowed = async (sql: Sql) =>
  (
    await send(
      sql<
        { name: string }[]
      >`SELECT name FROM pg_settings WHERE name = ANY(${ways}::text[]) AND setting = 'on' ORDER BY name`,
    )
  ).map(({ name }) => name);

test.each([
  ["a transaction that is planned as ever", async () => {}],
  ["one that is tuned for a chunk", tuneBulk],
] as const)(
  "look-ups by key leave the planner of %s as it was",
  async (_of, tune: (tx: Transaction) => Promise<void>) => {
    await inTransaction(on.db, async (tx) => {
      await tune(tx);
      const before = await allowed(tx);
      for (let round = 0; round < 2; round += 1) {
        expect(await joiningByIndex(tx, () => allowed(tx))).toEqual(["enable_bitmapscan"]);
        expect(await allowed(tx)).toEqual(before);
      }
    });
    expect(
      await joiningByIndex(on.db.sql, () => allowed(on.db.sql)),
      "outside of a transaction there is nothing to hold a setting",
    ).toEqual(ways);
  },
);

test("checks of foreign keys are planned once for all rows, and what comes behind them anew each time", async () => {
  const planned = async (sql: Sql) =>
    (
      await send(sql`SELECT current_setting('plan_cache_mode') AS plans, current_setting('enable_seqscan') AS scans`)
    )[0];
  await inTransaction(on.db, async (tx) => {
    await tuneBulk(tx);
    for (let round = 0; round < 2; round += 1) {
      expect(await checkingKeysByOnePlan(tx, () => planned(tx))).toEqual({ plans: "auto", scans: "off" });
      expect(await planned(tx)).toEqual({ plans: "force_custom_plan", scans: "on" });
    }
  });
});

test("rows of a date are joined by hash, however few of them the planner expects", async () => {
  const joins = async (sql: Sql) => {
    const plan = await send(sql<{ plan: string }[]>`
      EXPLAIN SELECT FROM orders o JOIN contribution_rates r USING (merchant_id) WHERE o.member_id = 1`);
    const text = plan.map((line) => Object.values(line)[0]).join("\n");
    return [/Nested Loop/u, /Hash Join/u].map((way) => way.test(text));
  };
  await inTransaction(on.db, async (tx) => {
    await tuneBulk(tx);
    expect(await joins(tx)).toEqual([true, false]);
    expect(await joiningByHash(tx, () => joins(tx))).toEqual([false, true]);
    expect(await joins(tx)).toEqual([true, false]);
  });
});
