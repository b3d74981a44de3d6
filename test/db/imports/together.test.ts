import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runGrant } from "../../../src/domain/grants/run.ts";
import { verify } from "../../../src/verification/verify.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { orderFile, peopleIn, rejectsOf, settle, take } from "../orders/scene.ts";
import { importOrders } from "../../support/imports.ts";

const template = await testDatabase();
await peopleIn(template);
let on: TestDatabase;
beforeEach(async () => void (on = await cloneOf(template)));
afterEach(() => on.drop());

const paid = (no: number | string, amount = "10.00") =>
  `${no},M${1 + (Number(no) % 3)},S1,${amount},paid,2026-02-01 10:00:00,,,`;
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
const importing = (path: string) => importOrders(on.context(), { input: { path }, limits: { rows: 50 } });

/** What the same files make of the database one after the other. */
async function oneByOne(...files: readonly (readonly string[])[]): Promise<string> {
  const other = await cloneOf(template);
  try {
    for (const rows of files) await take(other, rows);
    await settle(other);
    return await dumpDatabase(other.db);
  } finally {
    await other.drop();
  }
}

describe("at once", () => {
  test("imports of overlapping files: each row is imported once, whoever comes first", async () => {
    const files = [range(0, 300), range(150, 450).toReversed(), range(100, 400)].map((numbers) =>
      numbers.map((no) => paid(no)),
    );
    const reports = await Promise.all(files.map((rows) => importing(orderFile(rows))));
    expect(reports.map(({ inserted, duplicate }) => inserted + duplicate)).toEqual([300, 300, 300]);
    expect(reports.reduce((sum, { inserted }) => sum + inserted, 0)).toBe(450);
    await settle(on);
    expect(await dumpDatabase(on.db)).toBe(await oneByOne(...files));
  });

  test("an import and grant runs: whatever a run did not see, the next one settles", async () => {
    const first = range(0, 300).map((no) => paid(no));
    const second = [
      ...range(300, 600).map((no) => paid(no)),
      ...range(0, 50).map((no) => paid(no).replace(",,,", ",4.00,,")),
    ];
    await take(on, first);
    const runs = async () => {
      for (let run = 0; run < 5; run += 1) await runGrant(on.context(), { businessDate: "2026-03-02" });
    };
    await Promise.all([importing(orderFile(second)), runs()]);
    await settle(on);
    const only = ["orders", "order_keys", "balances"];
    const other = await cloneOf(template);
    for (const rows of [first, second]) {
      await take(other, rows);
      await settle(other);
    }
    // Points clawed back are the same only where the refund came behind the grant: in both, the first file was granted
    // or not as a whole.
    const points = async ({ db }: TestDatabase) => [
      ...(await db.sql`SELECT member_id, available_points, held_points FROM balances ORDER BY 1`),
    ];
    expect(await dumpDatabase(on.db, only.slice(0, 2))).toBe(await dumpDatabase(other.db, only.slice(0, 2)));
    expect(await points(on)).toEqual(await points(other));
    expect((await verify(on.context())).checks.filter(({ found }) => found > 0n)).toEqual([]);
    await other.drop();
  });
});

describe("what was rejected, mended and imported, leaves the database that a clean file leaves", () => {
  const defects = [
    (row: string) => row.replace(/,M\d,/, ",M99,"),
    (row: string) => row.replace(/,S1,/, ",S99,"),
    (row: string) => row.replace(/,(\d+\.\d\d),/, ",$1x,"),
    (row: string) => row.replace("2026-02-01", "2026-02-31"),
    (row: string) => row.replace(",paid,", ",shipped,"),
  ];

  test("for any rows and any defects", async () => {
    // The same two databases all along, with orders of their own for each attempt: cloning takes longer than importing.
    const [mended, clean] = [on, await cloneOf(template)];
    let attempts = 0;
    const row = fc.record({
      no: fc.integer({ min: 0, max: 30 }),
      fen: fc.integer({ min: 1, max: 99_999 }),
      defect: fc.option(fc.nat(defects.length - 1)),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(row, { selector: ({ no }) => no, minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 7 }),
        async (wanted, rows) => {
          attempts += 100;
          const good = wanted.map(({ no, fen }) =>
            paid(attempts + no, `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`),
          );
          const bad = good.map((text, at) => (wanted[at]!.defect === null ? text : defects[wanted[at]!.defect]!(text)));
          const path = orderFile(bad);
          const report = await importOrders(mended.context(), { input: { path }, limits: { rows } });
          expect(report.rejected).toBe(wanted.filter(({ defect }) => defect !== null).length);
          if (report.rejected > 0) {
            const [header, ...rejects] = readFileSync(rejectsOf(path), "utf8").trimEnd().split("\n");
            const byNo = new Map(good.map((text) => [text.split(",")[0], text]));
            const mend = (text: string) =>
              byNo.get(text.split(",")[0])! + text.slice(text.split(",", 9).join(",").length);
            writeFileSync(rejectsOf(path), `${[header, ...rejects.map(mend)].join("\n")}\n`);
            expect(await importOrders(mended.context(), { input: { path: rejectsOf(path) } })).toMatchObject({
              inserted: report.rejected,
              rejected: 0,
            });
          }
          await take(clean, good);
          expect(await dumpDatabase(mended.db)).toBe(await dumpDatabase(clean.db));
        },
      ),
      { numRuns: 15 },
    );
    await clean.drop();
  });
});
