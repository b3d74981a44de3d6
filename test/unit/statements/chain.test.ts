import fc from "fast-check";
import { expect, test } from "vitest";
import { chainOf, type ChainLine } from "../../../src/domain/statements/model.ts";

const chainFrom = (opening: bigint, amounts: readonly bigint[]): readonly ChainLine[] => {
  let balance = opening;
  return amounts.map((amountFen, index) => ({ line: index + 2, amountFen, balanceFen: (balance += amountFen) }));
};

// Few amounts, so that balances come back again and again.
const amounts = fc.array(fc.constantFrom(-200n, -100n, 100n, 200n, 300n), { minLength: 1, maxLength: 12 });
const opening = fc.constantFrom(0n, 100n, 500n);

test("lines in any order lead from what stood before them to what stands behind them", () => {
  fc.assert(
    fc.property(
      opening,
      amounts.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length })),
      ),
      (from, [all, order]) => {
        const lines = chainFrom(from, all);
        const closingFen = lines.at(-1)!.balanceFen;
        expect(
          chainOf(
            order.map((index) => lines[index]!),
            from,
          ),
        ).toEqual({ openingFen: from, closingFen });
        // Where the balance ends as it began, there is no telling where it began.
        if (closingFen !== from)
          expect(
            chainOf(
              order.map((index) => lines[index]!),
              undefined,
            ),
          ).toEqual({ openingFen: from, closingFen });
      },
    ),
  );
});

test("a line that is gone breaks the chain, unless it was the last one or moved in a circle", () => {
  fc.assert(
    fc.property(opening, amounts, fc.nat(), (from, all, at) => {
      const lines = chainFrom(from, all);
      const without = lines.filter((_, index) => index !== at % lines.length);
      fc.pre(without.length > 0 && at % lines.length < lines.length - 1);
      const found = chainOf(without, from);
      if (found === undefined) return;
      // What is left still hangs together: each line starts where another ends, or at the beginning.
      const ends = new Set([from, ...without.map(({ balanceFen }) => balanceFen)]);
      expect(without.every(({ amountFen, balanceFen }) => ends.has(balanceFen - amountFen))).toBe(true);
      expect(found.closingFen - from).toBe(without.reduce((sum, { amountFen }) => sum + amountFen, 0n));
    }),
  );
});

test.each([
  [
    "a balance that nothing leads to",
    0n,
    [
      [100n, 100n],
      [50n, 200n],
    ],
  ],
  [
    "another opening balance",
    500n,
    [
      [100n, 100n],
      [50n, 150n],
    ],
  ],
  [
    "a circle of its own beside the rest",
    0n,
    [
      [100n, 100n],
      [50n, 950n],
      [-50n, 900n],
    ],
  ],
] as const)("%s is no chain", (_name, from, rows) => {
  expect(
    chainOf(
      rows.map(([amountFen, balanceFen], index) => ({ line: index + 2, amountFen, balanceFen })),
      from,
    ),
  ).toBeUndefined();
});
