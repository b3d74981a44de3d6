import fc from "fast-check";
import { expect, test } from "vitest";
import { connect } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { wireTo } from "./wire.ts";
import { testDatabase } from "../support/database.ts";

const { db, url } = await testDatabase();

const text = fc.oneof(
  fc.string({ unit: "binary" }).filter((value) => !/[\0\p{Cs}]/u.test(value)),
  fc.constantFrom("", "NULL", "null", "{}", '"', "\\", ",", '\\"', "{a,b}", " a "),
);
const listOf = <T>(item: fc.Arbitrary<T>) => fc.array(fc.option(item), { maxLength: 8 });

test("texts go there and come back as they are, and the server sees the same ones", async () => {
  await fc.assert(
    fc.asyncProperty(listOf(text), async (sent) => {
      const [row] =
        await db.sql`SELECT ${sent}::text[] AS back, ARRAY(SELECT jsonb_array_elements_text(${JSON.stringify(sent)}::text::jsonb)) AS seen`;
      expect(row!["back"]).toEqual(sent);
      expect(row!["seen"]).toEqual(sent);
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["boolean", fc.boolean()],
  ["smallint", fc.integer({ min: -32_768, max: 32_767 })],
  ["integer", fc.integer()],
  ["bigint", fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
  [
    "timestamptz",
    fc.date({ min: new Date("1000-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true }),
  ],
  ["date", fc.constantFrom("2026-02-28", "2024-02-29", "0001-01-01")],
] as const)("arrays of %s come back as they were sent", async (type, item) => {
  await fc.assert(
    fc.asyncProperty(listOf<unknown>(item), async (sent) => {
      const literals = sent.map((one) => (one === null ? null : one instanceof Date ? one.toISOString() : String(one)));
      const [row] = await db.sql.unsafe(`SELECT $1::text[]::${type}[] AS back, $2::${type}[] AS direct`, [
        literals,
        literals,
      ] as never);
      expect(row).toEqual({ back: sent, direct: sent });
    }),
    { numRuns: 50 },
  );
});

test("a literal is taken as it is, and an item that is undefined is refused", async () => {
  expect([...(await db.sql`SELECT ${"{1,2}"}::bigint[] AS list`)]).toEqual([{ list: [1n, 2n] }]);
  await expect(db.sql`SELECT ${[undefined] as never}::text[]`).rejects.toThrow("undefined");
});

test("a new connection asks nothing of its own before the first statement", async () => {
  const wire = await wireTo(url);
  const other = connect(targetFromUrl(wire.url)!);
  expect([...(await other.sql`SELECT ${["a", "b"]}::text[] AS list`)]).toEqual([{ list: ["a", "b"] }]);
  expect(wire.sent.tool, "the start, one statement of five messages").toBeLessThan(8);
  await other.close();
  await wire.close();
});
