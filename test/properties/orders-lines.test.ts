import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../support/database.ts";
import { billHeader, billProfile, buyersIn, partsHeader, partsProfile, takeBy } from "../db/orders/parts.ts";
import { peopleIn, rejectsOf, settle } from "../db/orders/scene.ts";
import { runs } from "../support/runs.ts";

const template = await testDatabase();
await peopleIn(template);
await buyersIn(template);
const databases = [await cloneOf(template), await cloneOf(template)] as const;
const sum = partsProfile("sum");
const bill = billProfile();

const yuan = (fen: number) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
const shuffled = <Item>(items: readonly Item[], seeds: readonly number[]): Item[] =>
  items
    .map((item, at) => [seeds[at % seeds.length]! * 31 + at * (seeds[0]! % 7), item] as const)
    .toSorted(([one], [other]) => one - other)
    .map(([, item]) => item);
const seeds = fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 });

const ownLines = (dump: string, prefix: string) =>
  dump
    .split("\n")
    .filter((line) => line.startsWith("##") || line.includes(prefix))
    .join("\n");
const contentOf = async ({ db }: TestDatabase, prefix: string) =>
  ownLines(await dumpDatabase(db, ["orders", "order_keys", "order_refunds", "order_changes"]), prefix);
let cases = 0;
const nextPrefix = () => `C${(cases += 1)}-`;

/** An order of parts, some of which are closed one after the other. */
const partsOrder = fc.record({
  parts: fc.array(fc.integer({ min: 0, max: 9_999 }), { minLength: 1, maxLength: 4 }),
  buyer: fc.integer({ min: 1, max: 3 }),
  startsPending: fc.boolean(),
  closings: fc.nat(4),
});

/** Each version of an order, as a list of rows: what an export of some day says of it. */
function versionsOf(
  no: string,
  {
    parts,
    buyer,
    startsPending,
    closings,
  }: { parts: readonly number[]; buyer: number; startsPending: boolean; closings: number },
): string[][] {
  const row = (fen: number, state: string, paid: string) => `${no},b${buyer},S1,${yuan(fen)},${state},${paid},,`;
  const paid = (closed: number) =>
    parts.map((fen, at) => row(fen, at < closed ? "closed" : "paid", "2026-02-01 10:00:00"));
  return [
    ...(startsPending ? [parts.map((fen) => row(fen, "pending", ""))] : []),
    ...Array.from({ length: Math.min(closings, parts.length) + 1 }, (_, closed) => paid(closed)),
  ];
}

describe("orders that several rows make", () => {
  test("are the same whatever the order of rows and files, however often they come, and in however many files", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(partsOrder, { minLength: 1, maxLength: 5 }), seeds, async (orders, order) => {
        const prefix = nextPrefix();
        const [straight, other] = databases;
        const lives = orders.map((one, at) => versionsOf(`${prefix}${at}`, one));
        const days = Math.max(...lives.map(({ length }) => length));
        const dayFile = (day: number) => lives.flatMap((versions) => versions[day] ?? []);
        for (let day = 0; day < days; day += 1) await takeBy(straight, sum, partsHeader, dayFile(day));
        const halves = [lives.filter((_, at) => at % 2 === 0), lives.filter((_, at) => at % 2 === 1)];
        for (const day of shuffled([...Array.from({ length: days }, (_, at) => at), 0], order)) {
          for (const half of halves)
            await takeBy(
              other,
              sum,
              partsHeader,
              shuffled(
                half.flatMap((versions) => versions[day] ?? []),
                order,
              ),
            );
        }
        // What came too late was refused; what came last says it all.
        await takeBy(
          other,
          sum,
          partsHeader,
          lives.flatMap((versions) => versions.at(-1)!),
        );
        await settle(straight);
        await settle(other);
        const netOf = async ({ db }: TestDatabase) => [
          ...(await db.sql`
          SELECT o.order_no, sum(e.available_points)::integer AS points FROM points_entries e JOIN orders o ON o.order_id = e.ref_id
          WHERE starts_with(o.order_no, ${prefix}) GROUP BY 1 HAVING sum(e.available_points) <> 0 ORDER BY 1`),
        ];
        expect(await contentOf(other, prefix)).toBe(await contentOf(straight, prefix));
        expect(await netOf(other)).toEqual(await netOf(straight));
      }),
      runs(4),
    );
  });
});

const billOrder = fc.record({
  amountFen: fc.integer({ min: 100, max: 9_999 }),
  shares: fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 3 }), // often more than the amount, together
});

describe("refunds with rows of their own", () => {
  test("leave the same, in any order, split over any files, any number of times; rejects go in again as they are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(billOrder, { minLength: 1, maxLength: 5 }),
        seeds,
        fc.nat(20),
        fc.boolean(),
        async (orders, order, cut, settles) => {
          const prefix = nextPrefix();
          const [straight, other] = databases;
          const rows = orders.flatMap(({ amountFen, shares }, at) => [
            `SUCCESS,${prefix}${at},b1,S1,${yuan(amountFen)},2026-02-01 10:00:00,,0`,
            ...shares.map(
              (share, no) =>
                `REFUND,${prefix}${at},b1,S1,,2026-02-02 10:00:00,r${no},${yuan(Math.floor((amountFen * share) / 100))}`,
            ),
          ]);
          await takeBy(straight, bill, billHeader, rows);
          const all = shuffled([...rows, ...rows.slice(0, 3)], order);
          const early: string[] = [];
          for (const file of [all.slice(0, cut), all.slice(cut), all.slice(0, 2)]) {
            const { path, rejected } = await takeBy(other, bill, billHeader, file);
            if (rejected > 0) early.push(path);
            if (settles) await settle(other);
          }
          for (const path of early) {
            expect(existsSync(rejectsOf(path))).toBe(true);
            const [header, ...rejects] = readFileSync(rejectsOf(path), "utf8").trimEnd().split("\n");
            expect(await takeBy(other, bill, header!, rejects)).toMatchObject({ rejected: 0 });
          }
          await settle(straight);
          await settle(other);
          expect(await contentOf(other, prefix)).toBe(await contentOf(straight, prefix));
        },
      ),
      runs(5),
    );
  });
});

/**
 * What two kinds of files say of one order: a bill its payment and numbered refunds, a report of the shop its state on
 * some days.
 */
const toldTwice = fc.record({
  amountFen: fc.integer({ min: 100, max: 9_999 }),
  refunds: fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 3 }),
  states: fc.array(
    fc.record({
      status: fc.constantFrom("pending", "paid", "closed"),
      isDated: fc.boolean(),
      refunded: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    }),
    { maxLength: 3 },
  ),
});
const shareOf = (fen: number, share: number) => yuan(Math.floor((fen * share) / 100));
const stateHeader = "order_no,source,member_no,merchant_code,amount,status,paid_at,refunded_amount";

describe("orders that a bill tells of, and a report beside it", () => {
  test("are the same whichever file comes first, and however each is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(toldTwice, { minLength: 1, maxLength: 4 }),
        seeds,
        fc.boolean(),
        async (orders, order, settles) => {
          const prefix = nextPrefix();
          const [straight, other] = databases;
          const payments = orders.flatMap(({ amountFen, refunds }, at) => [
            `SUCCESS,${prefix}${at},b1,S1,${yuan(amountFen)},2026-02-01 10:00:00,,0`,
            ...refunds.map(
              (share, no) => `REFUND,${prefix}${at},b1,S1,,2026-02-02 10:00:00,r${no},${shareOf(amountFen, share)}`,
            ),
          ]);
          const states = orders.flatMap(({ amountFen, states }, at) =>
            states.map(({ status, isDated, refunded }) => {
              const paidAt = status === "paid" || (status === "closed" && isDated) ? "2026-02-01 10:00:00" : "";
              return `${prefix}${at},pay,M1,S1,${yuan(amountFen)},${status},${paidAt},${paidAt === "" || refunded === undefined ? "" : shareOf(amountFen, refunded)}`;
            }),
          );
          const takeBill = (on: TestDatabase, rows: readonly string[]) => takeBy(on, bill, billHeader, rows);
          const takeStates = (on: TestDatabase, rows: readonly string[]) => takeBy(on, "native", stateHeader, rows);
          await takeBill(straight, payments);
          await takeStates(straight, states);
          const pieces = [
            ...payments.map((row) => ["bill", row] as const),
            ...states.map((row) => ["states", row] as const),
          ];
          for (const [kind, row] of shuffled(pieces, order)) {
            await (kind === "bill" ? takeBill(other, [row]) : takeStates(other, [row]));
            if (settles) await settle(other);
          }
          await takeBill(other, payments); // what came before its payment was rejected, and goes in again
          await settle(straight);
          await settle(other);
          expect(await contentOf(other, prefix)).toBe(await contentOf(straight, prefix));
        },
      ),
      runs(4),
    );
  });
});

test("in the end both databases hold the same points, and every invariant", async () => {
  expect(cases).toBeGreaterThan(3);
  const available = async ({ db }: TestDatabase) => [
    ...(await db.sql`SELECT m.member_no, b.available_points FROM balances b JOIN members m USING (member_id) ORDER BY 1`),
  ];
  expect(await available(databases[1])).toEqual(await available(databases[0]));
  for (const database of databases)
    expect((await verify(database.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
});
