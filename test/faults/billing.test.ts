import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { at, endOfFebruary } from "../db/billing/scene.ts";
import { startAccrue } from "../db/orders/process.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../support/database.ts";

const here = await testDatabase();
await endOfFebruary(here);

const failpoints = pathToFileURL(resolve("test/support/failpoint.mjs")).href;
const bill = (on: TestDatabase, failpoint?: string) =>
  startAccrue(["merchant", "bill", "--period", "2026-02", "--json", "--operator", "amy"], {
    database: on,
    env: failpoint === undefined ? {} : { NODE_OPTIONS: `--import=${failpoints}`, ACCRUE_FAILPOINT: failpoint },
  }).ended;

/** The bills as they are, and what `verify` finds. */
async function billed(on: TestDatabase) {
  const bills = await on.db.sql`
    SELECT b.bill_no, s.merchant_code, b.closing_fen, p.bills FROM merchant_bills b JOIN merchants s USING (merchant_id) LEFT JOIN billing_periods p USING (period_from) ORDER BY 1`;
  const [counter] = await on.db.sql`SELECT last FROM number_counters WHERE kind = 'bill'`;
  const { checks } = await verify(at(on, "2026-03-01"));
  return { bills: [...bills], counter: { ...counter }, wrong: checks.filter(({ ok }) => !ok) };
}

const wanted = {
  bills: [
    { billNo: "B00000001", merchantCode: "S1", closingFen: 42_000n, bills: 2n },
    { billNo: "B00000002", merchantCode: "S2", closingFen: 6_000n, bills: 2n },
  ],
  counter: { last: 2n },
  wrong: [],
};

test(
  "billing that is killed around its COMMIT is done in whole or not at all, and the same command again makes it whole",
  { timeout: 60_000 },
  async () => {
    for (const when of ["before", "after"]) {
      const on = await cloneOf(here);
      expect((await bill(on, `commit:1:${when}`)).exit).toBe("SIGKILL");
      expect((await bill(on)).exit).toBe(0);
      expect(await billed(on)).toEqual(wanted);
      await on.drop();
    }
  },
);

test("two that bill at once end well, and every merchant has one bill", { timeout: 60_000 }, async () => {
  const on = await cloneOf(here);
  expect((await Promise.all([bill(on), bill(on)])).map(({ exit }) => exit)).toEqual([0, 0]);
  expect(await billed(on)).toEqual(wanted);
  await on.drop();
});
