import { expect, test } from "vitest";
import { inTransaction, type Database, type Sql } from "../../../src/db/database.ts";
import { expectedCatalogue } from "../../../src/verification/catalogue.ts";
import { verify, type CheckResult } from "../../../src/verification/verify.ts";
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

/**
 * Tampers in a transaction that is rolled back, and gives the checks that find something then; what `verify` begins is
 * a savepoint in there.
 */
async function foundAfter(tampering: string, by: Pick<Database, "sql"> = here.db): Promise<readonly CheckResult[]> {
  return inTransaction(
    by,
    async (tx) => {
      await tx.unsafe(tampering);
      const begin = (_mode: string, inside: (sql: Sql) => Promise<unknown>) => tx.savepoint(inside);
      const { checks } = await verify(
        contextOf({ sql: { begin } } as unknown as Database, "auditor", "2026-03-04T12:00:00+08:00"),
      );
      return checks.filter(({ ok }) => !ok);
    },
    "rollback",
  );
}

test("a world in which everything happened passes every check, and each has looked at something", async () => {
  const { checks } = await verify(contextOf(here.db, "auditor", "2026-03-04T12:00:00+08:00"));
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  // No refund came as a row of its own, nobody has a debt, no order waits for a merchant's money, and no channel showed a
  // payment: other tests have all of it.
  expect(checks.filter(({ checked }) => checked === 0n).map(({ name }) => name)).toEqual([
    "refunds_add_up",
    "debts_are_clawbacks",
    "waiting_matches_orders",
    "unevidenced_match_orders",
    "grants_have_evidence",
    "evidence_unchanged",
  ]);
  expect(await foundAfter(openGuards + shutGuards)).toEqual([]);
});

test.each(waysWithRows)(
  "the owner who changes rows behind the guards is found: %s",
  async (_name, tampering, check) => {
    const found = await foundAfter(`${openGuards}${tampering};SET CONSTRAINTS ALL IMMEDIATE;${shutGuards}`);
    expect(found.map(({ name }) => name)).toContain(check);
  },
);

test.each(waysWithTheSchema)(
  "the owner who changes the guards themselves is found: %s",
  async (_name, tampering, object, part) => {
    const found = await foundAfter(tampering);
    expect(found.find(({ name }) => name === "guards_in_place")!.violations).toContainEqual(
      expect.objectContaining({ object, part }),
    );
  },
);

test.each(waysOfASuperuser)("and so is a superuser: %s", async (_name, tampering, object, part) => {
  const found = await foundAfter(tampering, here.superuser);
  expect(found.find(({ name }) => name === "guards_in_place")!.violations).toContainEqual(
    expect.objectContaining({ object, part }),
  );
});

test("there are more than fifty ways", () => {
  expect(waysWithRows.length + waysWithTheSchema.length).toBeGreaterThan(50);
});
