import { getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inTransaction, type Database, type Transaction } from "../../../src/db/database.ts";
import * as money from "../../../src/db/schema/money.ts";
import * as reconciliation from "../../../src/db/schema/reconciliation.ts";
import * as statements from "../../../src/db/schema/statements.ts";
import type { BusinessDate } from "../../../src/shared/business-date.ts";
import { balancesWeighTheSame } from "../../../src/verification/balance-checks.ts";
import { expectedCatalogue } from "../../../src/verification/catalogue.ts";
import { allChecks } from "../../../src/verification/checks.ts";
import { contributionsWeighTheSame } from "../../../src/verification/merchant-checks.ts";
import type { Findings } from "../../../src/verification/model.ts";
import { numbersWeighTheSame } from "../../../src/verification/orphan-checks.ts";
import { everything, gatherEverything } from "../../../src/verification/scope.ts";
import { verify } from "../../../src/verification/verify.ts";
import { contextOf } from "../../support/money/ground.ts";
import { testDatabase } from "../../support/database.ts";
import { everythingHappened } from "./scene.ts";
import { waysOfASuperuser, waysWithRows, waysWithTheSchema } from "./ways.ts";

const here = await testDatabase();
await everythingHappened(here);
const catalogue = await expectedCatalogue();

/** What the owner of the tables does to be let through, and to leave everything looking as it was. */
const tables = Object.entries(catalogue).flatMap(([object, facets]) =>
  object.startsWith("table ") ? [[object.slice(6), facets] as const] : [],
);
const openGuards = tables
  .map(
    ([table, facets]) => `
  ALTER TABLE ${table} DISABLE TRIGGER USER;
  ${facets["its owner may not"] === undefined ? "" : `GRANT ${facets["its owner may not"]} ON ${table} TO CURRENT_USER;`}`,
  )
  .join("");
const shutGuards = tables
  .map(
    ([table, facets]) => `
  ${facets["its owner may not"] === undefined ? "" : `REVOKE ${facets["its owner may not"]} ON ${table} FROM CURRENT_USER;`}
  ${(facets["its owner may"] ?? "")
    .split(", ")
    .filter((one) => one !== "")
    .map((one) => `GRANT ${one.replace(/ of (.*)/u, " ($1)")} ON ${table} TO CURRENT_USER;`)
    .join("")}
  ALTER TABLE ${table} ENABLE TRIGGER USER;`,
  )
  .join("");

const today = "2026-03-04" as BusinessDate;
const checkNamed = (name: string) => allChecks.find((check) => check.name === name)!;

/** What one check of `verify` finds after tampering, on a standby as well as where it can gather rows first. */
async function findings(tx: Transaction, tampering: string, name: string): Promise<Findings> {
  await tx.unsafe(`SET LOCAL jit = off; ${tampering}`);
  const { find } = checkNamed(name);
  const found = await find(tx, await gatherEverything(tx), today);
  expect(found).toEqual(await find(tx, everything(tx), today));
  return found;
}

/** What the check of the guards finds after tampering that is rolled back. */
const brokenGuards = async (by: Database, tampering: string) =>
  (await inTransaction(by, (tx) => findings(tx, tampering, "guards_in_place"), "rollback")).violations;

test("a world in which everything happened passes every check, and each has looked at something", async () => {
  const { checks } = await verify(contextOf(here.db, "auditor", "2026-03-04T12:00:00+08:00"));
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  // No refund came as a row of its own, nobody has a debt, no order waits for a merchant's money, no channel showed a
  // payment, and nothing is archived: other tests have all of it.
  expect(checks.filter(({ checked }) => checked === 0n).map(({ name }) => name)).toEqual([
    "refunds_add_up",
    "debts_are_clawbacks",
    "waiting_matches_orders",
    "unevidenced_match_orders",
    "grants_have_evidence",
    "evidence_unchanged",
    "archives_add_up",
  ]);
  expect(await brokenGuards(here.db, openGuards + shutGuards)).toEqual([]);
});

test("that world, voided orders among it, is seen to be sound by fingerprints alone, which read each table once", async () => {
  const [voided] = await here.db.sql<{ orders: bigint }[]>`
    SELECT count(*) AS orders FROM orders o JOIN order_keys USING (member_id, order_id) WHERE o.status = 'void'`;
  expect(voided!.orders).toBeGreaterThan(0n);
  const weighed = [balancesWeighTheSame, contributionsWeighTheSame, numbersWeighTheSame];
  expect(await Promise.all(weighed.map((areSame) => areSame(here.db.sql)))).toEqual([true, true, true]);
});

describe("the owner who changes rows behind the guards is found:", () => {
  let sql: Transaction;
  let end: () => void;
  let ended: Promise<unknown>;

  // One transaction with the guards open for all the ways, each of which is taken back: opening them is most of the work.
  beforeAll(
    () =>
      new Promise<void>((begun, failed) => {
        const open = async (tx: Transaction) => {
          await tx.unsafe(openGuards);
          sql = tx;
          begun();
          await new Promise<void>((settle) => (end = settle));
        };
        ended = inTransaction(here.db, open, "rollback").catch(failed);
      }),
  );
  afterAll(async () => {
    end();
    await ended;
  });

  test.each(waysWithRows)("%s", async (_name, tampering, check) => {
    await sql`SAVEPOINT before`;
    const { found } = await findings(sql, `${tampering};SET CONSTRAINTS ALL IMMEDIATE`, check).finally(
      () => sql`ROLLBACK TO before`,
    );
    expect(found).toBeGreaterThan(0n);
  });
});

test.each(waysWithTheSchema)(
  "the owner who changes the guards themselves is found: %s",
  async (_name, tampering, object, part) =>
    expect(await brokenGuards(here.db, tampering)).toContainEqual(expect.objectContaining({ object, part })),
);

test.each(waysOfASuperuser)("and so is a superuser: %s", async (_name, tampering, object, part) =>
  expect(await brokenGuards(here.superuser, tampering)).toContainEqual(expect.objectContaining({ object, part })),
);

test("there are more than fifty ways, and some for each table of money", () => {
  expect(waysWithRows.length + waysWithTheSchema.length).toBeGreaterThan(50);
  const named = new Set(waysWithRows.flatMap(([, tampering]) => tampering.split(/\W/u)));
  const tables = Object.values({ ...money, ...reconciliation, ...statements }).filter((one) => is(one, PgTable));
  expect(tables.map(getTableName).filter((table) => !named.has(table))).toEqual([]);
});
