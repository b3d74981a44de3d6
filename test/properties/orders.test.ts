import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../support/database.ts";
import { fullHeader, peopleIn, settle, take } from "../db/orders/scene.ts";
import { runs } from "../support/runs.ts";

const template = await testDatabase();
await peopleIn(template);

/**
 * The versions that an order goes through, each saying everything that is known by then: an export of the shop's system
 * on some day.
 */
interface Life {
  readonly no: number;
  readonly member: number;
  readonly merchant: number;
  readonly amountFen: number;
  /** Refunded so far in each paid version; grows. */
  readonly refundedFen: readonly number[];
  readonly startsPending: boolean;
  readonly endsClosed: boolean;
  readonly source: string;
}

const yuan = (fen: number) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;

function versionsOf({
  no,
  member,
  merchant,
  amountFen,
  refundedFen,
  startsPending,
  endsClosed,
  source,
}: Life): string[] {
  const head = `O${no},M${member},S${merchant},${yuan(amountFen)}`;
  const paidAt = `2026-02-${String(1 + (no % 9)).padStart(2, "0")} 12:00:00`;
  const paid = refundedFen.map((fen) => `${head},paid,${paidAt},${yuan(fen)},${source},`);
  return [
    ...(startsPending ? [`${head},pending,,,${source},`] : []),
    ...paid,
    ...(endsClosed ? [`${head},closed,${paidAt},${yuan(amountFen)},${source},`] : []),
  ];
}

const life = (no: number): fc.Arbitrary<Life> =>
  fc
    .record({
      no: fc.constant(no),
      member: fc.integer({ min: 1, max: 3 }),
      merchant: fc.integer({ min: 1, max: 2 }),
      amountFen: fc.integer({ min: 0, max: 50_000 }),
      shares: fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 3 }),
      startsPending: fc.boolean(),
      endsClosed: fc.boolean(),
      source: fc.constantFrom("", "jd"),
    })
    .map(({ shares, ...facts }) =>
      Object.assign(facts, {
        refundedFen: shares
          .toSorted((one, other) => one - other)
          .map((share) => Math.floor((facts.amountFen * share) / 100)),
      }),
    );

const lives = fc
  .integer({ min: 1, max: 8 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, no) => life(no))));

/**
 * What one row says of an order: some of what is true of it, as an old export or a narrow one does. Nothing of it
 * contradicts another row.
 */
interface Glimpse {
  readonly status: "pending" | "paid" | "closed";
  readonly saysPaidAt: boolean;
  readonly saysSkus: boolean;
  /** Of the amount, in hundredths; not said where undefined. */
  readonly refundedShare: number | undefined;
}

const glimpse: fc.Arbitrary<Glimpse> = fc.record({
  status: fc.constantFrom("pending", "paid", "closed"),
  saysPaidAt: fc.boolean(),
  saysSkus: fc.boolean(),
  refundedShare: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
});

const seen = fc.record({
  amountFen: fc.integer({ min: 0, max: 50_000 }),
  glimpses: fc.array(glimpse, { minLength: 1, maxLength: 5 }),
});

/**
 * The row of each glimpse. A paid order always has its time of payment, a pending one never, and without it nothing is
 * refunded.
 */
const glimpsed = ({ amountFen, glimpses }: { amountFen: number; glimpses: readonly Glimpse[] }, no: number): string[] =>
  glimpses.map(({ status, saysPaidAt, saysSkus, refundedShare }) => {
    const isDated = status === "paid" || (status === "closed" && saysPaidAt);
    const refunded = isDated && refundedShare !== undefined ? yuan(Math.floor((amountFen * refundedShare) / 100)) : "";
    return `O${no},M${1 + (no % 3)},S1,${yuan(amountFen)},${status},${isDated ? "2026-02-03 12:00:00" : ""},${refunded},,${saysSkus ? "x1" : ""}`;
  });

/**
 * All versions in the order in which they came about, and a way to deliver them: some twice, in some order, cut into
 * files.
 */
const deliveryOf = (rows: readonly string[]) =>
  fc.record({
    rows: fc.constant(rows),
    doubled: fc.subarray([...rows]),
    seeds: fc.array(fc.nat(), { minLength: 2 * rows.length, maxLength: 2 * rows.length }),
    cuts: fc.array(fc.nat(2 * rows.length), { maxLength: 3 }),
    limits: fc.record({ rows: fc.integer({ min: 1, max: 9 }) }),
    settlesBetween: fc.boolean(),
  });
const delivery = lives.chain((all) => deliveryOf(all.flatMap(versionsOf)));
const glimpses = fc.array(seen, { minLength: 1, maxLength: 8 }).chain((all) => deliveryOf(all.flatMap(glimpsed)));

const shuffled = (rows: readonly string[], seeds: readonly number[]): string[] =>
  rows
    .map((row, at) => [seeds[at]!, row] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, row]) => row);

function cutInto(rows: readonly string[], cuts: readonly number[]): string[][] {
  const borders = [
    0,
    ...cuts.map((cut) => Math.min(cut, rows.length)).toSorted((one, other) => one - other),
    rows.length,
  ];
  return borders.slice(1).map((end, at) => rows.slice(borders[at], end));
}

/** Databases that are used again: a clone costs more than a case. Order numbers of their own keep the cases apart. */
const databases = [await cloneOf(template), await cloneOf(template)] as const;
let cases = 0;

const ownLines = (dump: string, prefix: string) =>
  dump
    .split("\n")
    .filter((line) => line.startsWith("##") || line.includes(prefix))
    .join("\n");
const ordersOf = async ({ db }: TestDatabase, prefix: string) =>
  ownLines(await dumpDatabase(db, ["orders", "order_keys"]), prefix);
const entriesOf = async ({ db }: TestDatabase, prefix: string) =>
  ownLines(await dumpDatabase(db, ["points_entries", "order_changes"]), prefix);

/** What each order came to, however many runs it took. */
const netOf = async ({ db }: TestDatabase, prefix: string) => [
  ...(await db.sql`
    SELECT o.order_no, sum(e.available_points)::integer AS points, sum(e.contribution_fen)::integer AS contribution
    FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
    WHERE starts_with(o.order_no, ${prefix}) GROUP BY 1 HAVING sum(e.contribution_fen) <> 0 ORDER BY 1`),
];

const nextCase = () => {
  cases += 1;
  const prefix = `C${cases}-`;
  return { prefix, named: (rows: readonly string[]) => rows.map((row) => `${prefix}${row}`) };
};

describe("the same orders leave the same database", () => {
  test.each([
    ["that each say all that was known by then", delivery],
    ["that say less than everything, and nothing that contradicts", glimpses],
  ])(
    "from rows %s: shuffled, doubled, split over files, over chunks, with runs of the batch in between",
    async (_rows, deliveries) => {
      await fc.assert(
        fc.asyncProperty(deliveries, async ({ rows, doubled, seeds, cuts, limits, settlesBetween }) => {
          const { prefix, named } = nextCase();
          const [straight, other] = databases;
          await take(straight, named(rows));
          await settle(straight);
          for (const file of cutInto(shuffled([...rows, ...doubled], seeds), cuts)) {
            await take(other, named(file), fullHeader, { limits });
            if (settlesBetween) await settle(other);
          }
          await settle(other);
          expect(await ordersOf(other, prefix)).toBe(await ordersOf(straight, prefix));
          expect(await netOf(other, prefix)).toEqual(await netOf(straight, prefix));
          if (!settlesBetween) expect(await entriesOf(other, prefix)).toBe(await entriesOf(straight, prefix));
        }),
        runs(12),
      );
    },
  );

  test("in two files at once, while the batch runs", async () => {
    await fc.assert(
      fc.asyncProperty(delivery, async ({ rows, doubled, seeds, limits }) => {
        const { prefix, named } = nextCase();
        const [straight, other] = databases;
        await take(straight, named(rows));
        await settle(straight);
        const all = shuffled([...rows, ...doubled], seeds);
        const half = all.length >> 1;
        await Promise.all([
          take(other, named(all.slice(0, half)), fullHeader, { limits }),
          take(other, named(all.slice(half)), fullHeader, { limits }),
          settle(other),
        ]);
        await settle(other);
        expect(await ordersOf(other, prefix)).toBe(await ordersOf(straight, prefix));
        expect(await netOf(other, prefix)).toEqual(await netOf(straight, prefix));
      }),
      runs(5),
    );
  });

  test("and in the end both databases hold the same, and every invariant", async () => {
    const available = async ({ db }: TestDatabase) => [
      ...(await db.sql`SELECT m.member_no, b.available_points FROM balances b JOIN members m USING (member_id) ORDER BY 1`),
    ];
    expect(cases).toBeGreaterThanOrEqual(29);
    expect(await available(databases[1])).toEqual(await available(databases[0]));
    expect(await dumpDatabase(databases[1].db, ["orders", "order_keys", "order_changes"])).toBe(
      await dumpDatabase(databases[0].db, ["orders", "order_keys", "order_changes"]),
    );
    for (const database of databases)
      expect((await verify(database.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  });
});

test("one file and the same rows one by one leave the same whole database, runs and imports aside", async () => {
  const rows = [
    "A,M1,S1,100.00,pending,,,,x",
    "A,M1,S1,100.00,paid,2026-02-01,0,,x",
    "B,M2,S2,150.00,paid,2026-02-02,50,jd,",
    "A,M1,S1,100.00,closed,2026-02-01,100,,x",
  ];
  const [one, other] = [await cloneOf(template), await cloneOf(template)];
  await take(one, rows);
  for (const row of rows.toReversed()) await take(other, [row]);
  for (const database of [one, other]) await settle(database);
  expect(await dumpDatabase(other.db)).toBe(await dumpDatabase(one.db));
  await Promise.all([one.drop(), other.drop()]);
});
