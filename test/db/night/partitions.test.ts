import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import { catalogueDifferences, expectedCatalogue } from "../../../src/verification/catalogue.ts";
import { readCatalogue } from "../../../src/verification/catalogue-sql.ts";
import { verify } from "../../../src/verification/verify.ts";
import { plainClient } from "../../support/admin.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { peopleIn } from "../orders/scene.ts";
import { Inbox, noonOf, paid, settleOn } from "./scene.ts";

const people = await testDatabase();
await peopleIn(people);

let on: TestDatabase;
let inbox: Inbox;
beforeEach(async () => {
  on = await cloneOf(people);
  inbox = new Inbox();
});
afterEach(() => on.drop());

/** A night of its own sessions, for each keeps some ids for itself. */
const night = async (date = "2026-03-03") => {
  const notes: string[] = [];
  const db = connect(targetFromUrl(on.url)!);
  const overrides = { db, clock: noonOf(date), onNote: (text: string) => notes.push(text) };
  await settleOn(on, { inbox: inbox.path }, overrides).finally(() => db.close());
  return notes.filter((text) => text.startsWith("room for"));
};
const meddle = async (statement: string) => {
  const sql = plainClient(on.superuserUrl);
  await sql.unsafe(statement).finally(() => sql.end());
};
const idsReach = (id: number) => meddle(`SELECT setval('id_seq', ${id})`);
const bounds = async () =>
  (
    await on.db.sql<{ text: string }[]>`
      SELECT c.relname || ' ' || pg_get_expr(c.relpartbound, c.oid) AS text FROM pg_class c
      WHERE relispartition AND relkind = 'r' AND relname ~ '_(08|09|1.)$' ORDER BY relname`
  ).map(({ text }) => text.replace("FOR VALUES ", ""));
const differences = async () =>
  catalogueDifferences(await expectedCatalogue(), await readCatalogue(on.db.sql)).map(
    ({ object, part }) => `${object}: ${part}`,
  );

describe("a night that finds the last partition half full", () => {
  test("makes the next one of orders and of entries, whose rows are guarded as those before it", async () => {
    await idsReach(119_999_999);
    expect(await night()).toEqual([]);
    await idsReach(120_000_000);
    inbox.orders("first.csv", [paid("A1", "2026-02-27")]);
    expect(await night()).toEqual(["room for the nights to come: made orders_09 and points_entries_09"]);
    expect(await bounds()).toEqual([
      "orders_08 FROM ('112000000') TO ('128000000')",
      "orders_09 FROM ('128000000') TO (MAXVALUE)",
      "points_entries_08 FROM ('112000000') TO ('128000000')",
      "points_entries_09 FROM ('128000000') TO (MAXVALUE)",
    ]);
    await idsReach(130_000_000);
    inbox.orders("second.csv", [paid("A1", "2026-02-27", "100.00", "50.00"), paid("A2", "2026-03-03")]);
    expect(await night("2026-03-04")).toEqual([]);
    const [rows] = await on.db.sql`
      SELECT (SELECT count(*)::integer FROM orders_08) AS before, (SELECT count(*)::integer FROM orders_09) AS orders,
        (SELECT count(*)::integer FROM points_entries_09) AS entries`;
    expect(rows).toEqual({ before: 1, orders: 1, entries: 1 });
    const owner = plainClient(on.url);
    await expect(
      owner.unsafe("UPDATE points_entries_09 SET entry_no = 1").finally(() => owner.end()),
    ).rejects.toMatchObject({ code: "42501" });
    await expect(meddle("UPDATE points_entries_09 SET entry_no = 1")).rejects.toMatchObject({ code: "23000" });
    await expect(meddle("TRUNCATE orders_09")).rejects.toMatchObject({ code: "23000" });
    expect((await verify(on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test("ends the last one after the ids that are given, however far they went in one night", async () => {
    await idsReach(170_000_000);
    expect(await night()).toHaveLength(1);
    await idsReach(184_000_000);
    expect(await night()).toEqual(["room for the nights to come: made orders_10 and points_entries_10"]);
    expect((await bounds()).filter((text) => text.startsWith("orders"))).toEqual([
      "orders_08 FROM ('112000000') TO ('176000000')",
      "orders_09 FROM ('176000000') TO ('192000000')",
      "orders_10 FROM ('192000000') TO (MAXVALUE)",
    ]);
    expect(await differences()).toEqual([]);
  });

  test("does not wait for whoever reads the tables: the next night makes it", async () => {
    await idsReach(120_000_000);
    const reader = plainClient(on.url);
    await reader.begin(async (tx) => {
      await tx`SELECT count(*) FROM orders`;
      expect(await night()).toEqual(["room for the nights to come: made points_entries_09"]);
    });
    await reader.end();
    expect(await night()).toEqual(["room for the nights to come: made orders_09"]);
    expect(await differences()).toEqual([]);
  });

  test("leaves a schema in which a guard that is missing is found, as in every other", async () => {
    await idsReach(120_000_000);
    await night();
    await meddle("DROP TRIGGER points_entries_append_only ON points_entries_09; GRANT UPDATE ON orders_09 TO PUBLIC");
    expect(await differences()).toEqual([
      "table orders_09: others may",
      "table points_entries_09: trigger points_entries_append_only",
    ]);
    await meddle("ALTER TABLE orders DETACH PARTITION orders_08");
    expect(await differences()).toContain("table orders: part orders_08");
  });
});
