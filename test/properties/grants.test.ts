import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contributionFen, fundFen, pointsDue } from "../../src/domain/grants/model.ts";
import { maxAmountFen } from "../../src/shared/money.ts";
import { divideRoundHalfUp } from "../../src/shared/rounding.ts";
import { testDatabase } from "../support/database.ts";

const { db } = await testDatabase();

const amount = fc.oneof(fc.bigInt(0n, 100_000n), fc.bigInt(0n, maxAmountFen));
const bps = fc.oneof(fc.constantFrom(0, 1, 3000, 5000, 7000, 10_000), fc.integer({ min: 0, max: 10_000 }));

/**
 * Whether `rounded` is numerator / denominator to the nearest integer, halves up: rounded - 1/2 <= exact < rounded +
 * 1/2, in exact rationals, written without any division.
 */
const isHalfUp = (rounded: bigint, numerator: bigint, denominator: bigint): boolean =>
  (2n * rounded - 1n) * denominator <= 2n * numerator && 2n * numerator < (2n * rounded + 1n) * denominator;

describe("the grant rule", () => {
  test.each([
    [100_00n, 21n], // the article's first figure
    [150_00n, 32n], // 31.5: a double makes 31 of it
    [2_38n, 0n],
    [2_39n, 1n], // 0.5019: the smallest amount that earns a point
    [0n, 0n],
    [maxAmountFen, 21_000_000n],
  ])("%s fen at 30%% and 70%% are %s points", (netFen, points) => {
    expect(pointsDue(netFen, 3000, 7000)).toBe(points);
  });

  test("a half goes up, whatever it is a half of", () => {
    expect(pointsDue(50n, 10_000, 10_000)).toBe(1n);
    expect(pointsDue(49n, 10_000, 10_000)).toBe(0n);
    expect(pointsDue(250n, 10_000, 10_000)).toBe(3n);
  });

  test("points and contribution are the exact rationals, rounded half up once", () => {
    fc.assert(
      fc.property(amount, bps, bps, (netFen, contributionBps, pointsBps) => {
        const product = netFen * BigInt(contributionBps) * BigInt(pointsBps);
        expect(isHalfUp(pointsDue(netFen, contributionBps, pointsBps), product, 10_000_000_000n)).toBe(true);
        expect(isHalfUp(contributionFen(netFen, contributionBps), netFen * BigInt(contributionBps), 10_000n)).toBe(
          true,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test("the fund gets exactly what was granted, a yuan a point, and gives back exactly what was clawed back", () => {
    expect(fundFen({ pointsGranted: 32n, pointsClawedBack: 0n })).toBe(3_200n); // of an order of 150.00, whose share is 31.50
    expect(fundFen({ pointsGranted: 2n, pointsClawedBack: 13n })).toBe(-1_100n);
  });

  test("more money never earns less", () => {
    fc.assert(
      fc.property(amount, amount, bps, bps, (one, other, contributionBps, pointsBps) => {
        const [less, more] = one < other ? [one, other] : [other, one];
        expect(pointsDue(less, contributionBps, pointsBps) <= pointsDue(more, contributionBps, pointsBps)).toBe(true);
      }),
    );
  });

  test("refunds, in any number and order of steps, net to the same as one", () => {
    fc.assert(
      fc.property(
        amount,
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 8 }),
        bps,
        bps,
        (amountFen, shares, contributionBps, pointsBps) => {
          const steps = shares
            .toSorted((one, other) => one - other)
            .map((share) => (amountFen * BigInt(share)) / 1000n);
          let granted = pointsDue(amountFen, contributionBps, pointsBps);
          for (const refundedFen of steps)
            granted += pointsDue(amountFen - refundedFen, contributionBps, pointsBps) - granted;
          expect(granted).toBe(pointsDue(amountFen - steps.at(-1)!, contributionBps, pointsBps));
        },
      ),
    );
  });
});

describe("rounding", () => {
  test("negative quantities and zero denominators are a bug, and said to be", () => {
    expect(() => divideRoundHalfUp(-1n, 2n)).toThrow("cannot round a negative quantity: -1");
    expect(() => divideRoundHalfUp(1n, 0n)).toThrow("cannot divide by 0");
  });

  test("the database's function is this one, on every border and far out", async () => {
    const denominators = [1n, 2n, 3n, 7n, 10_000n, 100_000_000n, 10_000_000_000n];
    const borders = denominators.flatMap((denominator) =>
      [
        0n,
        1n,
        denominator / 2n - 1n,
        denominator / 2n,
        denominator / 2n + 1n,
        denominator,
        5n * denominator + denominator / 2n,
        1_000_000_000_000_000_000n,
      ]
        .filter((numerator) => numerator >= 0n)
        .map((numerator) => [numerator, denominator] as const),
    );
    const random = fc.sample(
      fc.tuple(fc.bigInt(0n, 1_000_000_000_000_000_000n), fc.constantFrom(...denominators)),
      500,
    );
    const cases = [...borders, ...random];
    const rows = await db.sql<{ rounded: bigint }[]>`
      SELECT round_half_up(n::bigint, d::bigint) AS rounded
      FROM unnest(${cases.map(([n]) => `${n}`)}::text[], ${cases.map(([, d]) => `${d}`)}::text[]) WITH ORDINALITY AS c (n, d, at) ORDER BY at`;
    expect(rows.map(({ rounded }) => rounded)).toEqual(cases.map(([n, d]) => divideRoundHalfUp(n, d)));
  });
});
