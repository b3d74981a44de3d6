import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { billHeader, billProfile, buyersIn, partsHeader, partsProfile, takeBy } from "../db/orders/parts.ts";
import { fullHeader, peopleIn, rejectsOf } from "../db/orders/scene.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../support/database.ts";
import { runs } from "../support/runs.ts";

const template = await testDatabase();
await peopleIn(template);
await buyersIn(template);
const databases = [await cloneOf(template), await cloneOf(template)] as const;

/** What any row may say of any of two orders: some of it true, some of it of nobody, and much of it contradicting. */
const payment = fc.constantFrom(
  ["pending", ""],
  ["paid", "2026-02-01"],
  ["paid", "2026-02-02"],
  ["paid", "2062-02-02"],
  ["closed", ""],
  ["closed", "2026-02-01"],
);
const plainRow = fc
  .record({
    no: fc.constantFrom("A", "B"),
    member: fc.constantFrom("M1", "M1", "M1", "M2", "M9", "M8"),
    merchant: fc.constantFrom("S1", "S1", "S1", "S2", "SX", "SP"),
    amount: fc.constantFrom("10", "10", "10.00", "20", "x"),
    payment,
    refund: fc.constantFrom("", "0", "3", "5"),
    skus: fc.constantFrom("", "", "x1", "x2"),
  })
  .map(({ no, member, merchant, amount, payment: [status, paidAt], refund, skus }) => {
    const refunded = paidAt === "" ? "" : refund;
    return `${no},${member},${merchant},${amount},${status},${paidAt},${refunded},,${skus}`;
  });

const partRow = fc
  .tuple(
    fc.constantFrom("A", "B"),
    fc.constantFrom("b1", "b1", "b1", "b2", "b9", ""),
    fc.constantFrom("S1", "S1", "S2", ""),
    fc.constantFrom("10", "10", "20", "", "x"),
    payment,
    fc.constantFrom("", "3"),
    fc.constantFrom("", "x1", "x2"),
  )
  .map(([no, buyer, code, pay, [state, paid], back, sku]) => [no, buyer, code, pay, state, paid, back, sku].join(","));

const billRow = fc
  .tuple(
    fc.constantFrom("SUCCESS", "SUCCESS", "REFUND", "FEE"),
    fc.constantFrom("A", "B"),
    fc.constantFrom("10", "10", "20"),
    fc.constantFrom("2026-02-01", "2026-02-01", "2026-02-02"),
    fc.constantFrom("r1", "r2", ""),
    fc.constantFrom("3", "4", "11", "x"),
  )
  .map(([type, no, sum, time, refund, back]) =>
    type === "REFUND" ? `${type},${no},,,,,${refund},${back}` : `${type},${no},b1,S1,${sum},${time},,`,
  );

const shapes = {
  "a row for each order": ["native", fullHeader, plainRow],
  "parts that are summed": [partsProfile("sum"), partsHeader, partRow],
  "parts that repeat the amount": [partsProfile("same"), partsHeader, partRow],
  "a first row that says it all": [partsProfile("first"), partsHeader, partRow],
  "refunds with rows of their own": [billProfile(), billHeader, billRow],
} as const;

let cases = 0;
const contentOf = async ({ db }: TestDatabase, prefix: string) =>
  (await dumpDatabase(db, ["orders", "order_keys", "order_refunds", "order_changes"]))
    .split("\n")
    .filter((line) => line.startsWith("##") || line.includes(prefix))
    .join("\n");
const peopleOf = ({ db }: TestDatabase) => dumpDatabase(db, ["members"]);

/** The cells of the rejected rows, in an order of their own. */
const rejectedIn = (path: string, width: number): readonly string[] =>
  existsSync(rejectsOf(path))
    ? readFileSync(rejectsOf(path), "utf8")
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((row) => row.split(",").slice(0, width).join(","))
        .toSorted()
    : [];

test.each(Object.entries(shapes))(
  "%s: any shuffle of a file leaves the same database and the same rejects, whatever was known before",
  async (_shape, [profile, header, row]) => {
    const rows = fc.array(row, { minLength: 1, maxLength: 6 });
    const files = fc
      .tuple(fc.array(row, { maxLength: 2 }), rows)
      .chain(([known, file]) =>
        fc.record({
          known: fc.constant(known),
          file: fc.constant(file),
          shuffled: fc.shuffledSubarray(file, { minLength: file.length }),
          createsMembers: fc.boolean(),
          limits: fc.record({ rows: fc.integer({ min: 1, max: 9 }) }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(files, async ({ known, file, shuffled, createsMembers, limits }) => {
        const prefix = `C${(cases += 1)}-`;
        const named = (some: readonly string[]) =>
          some.map((text) =>
            text.replace(/(^|,)([AB]),/, (_, before: string, no: string) => `${before}${prefix}${no},`),
          );
        const [straight, other] = databases;
        const rejected: (readonly string[])[] = [];
        for (const [on, order, more] of [
          [straight, file, {}],
          [other, shuffled, { limits }],
        ] as const) {
          if (known.length > 0) await takeBy(on, profile, header, named(known));
          const { path } = await takeBy(on, profile, header, named(order), { createsMembers, ...more });
          rejected.push(rejectedIn(path, header.split(",").length));
        }
        expect(rejected[1]).toEqual(rejected[0]);
        expect(await contentOf(other, prefix)).toBe(await contentOf(straight, prefix));
        expect(await peopleOf(other)).toBe(await peopleOf(straight));
      }),
      runs(6),
    );
  },
);

test("and every invariant holds", async () => {
  for (const database of databases)
    expect((await verify(database.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
});
