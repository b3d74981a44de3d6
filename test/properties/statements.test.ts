import fc from "fast-check";
import { expect, test } from "vitest";
import { verify } from "../../src/verification/verify.ts";
import { ground } from "../support/money/ground.ts";
import { account, fileOf, movesFrom, takeStatement, type Move } from "../db/statements/scene.ts";
import { runs } from "../support/runs.ts";

const here = await ground();

const days = ["2026-02-01", "2026-02-02", "2026-02-03"];
/** Moves of a few days; those of a day with numbers and times of their own, or with neither. */
const moves = fc
  .record({
    opening: fc.constantFrom(0n, 5_000n),
    hasNumbers: fc.boolean(),
    amounts: fc.array(fc.tuple(fc.nat(2), fc.constantFrom(-300n, -100n, 100n, 200n, 700n)), {
      minLength: 1,
      maxLength: 14,
    }),
  })
  .map(({ opening, hasNumbers, amounts }) => {
    const sorted = amounts.toSorted(([one], [other]) => one - other);
    return movesFrom(
      opening,
      sorted.map(([day, fen], index) => ({
        fen,
        at: hasNumbers ? `${days[day]!} 10:00:${String(index).padStart(2, "0")}` : days[day]!,
        no: hasNumbers ? `N${index}` : undefined,
        remark: `r${index}`,
      })),
    );
  });

interface Cut {
  readonly from: number;
  readonly to: number;
}

/** Statements that together have all moves: in any order, overlapping, some of them twice. */
const cutsOf = (all: readonly Move[]): fc.Arbitrary<readonly Cut[]> => {
  const ends = [...all.keys()].filter(
    (index) => index > 0 && (all[index]!.no !== undefined || all[index]!.at !== all[index - 1]!.at),
  );
  return fc.subarray(ends).chain((chosen) => {
    const edges = [0, ...chosen, all.length];
    const pieces = edges.slice(1).map((to, index) => ({ from: edges[Math.max(0, index - (index % 2))]!, to }));
    return fc
      .tuple(fc.shuffledSubarray(pieces, { minLength: pieces.length }), fc.subarray(pieces))
      .map((parts) => parts.flat());
  });
};

const ofDay = (lines: readonly Move[], day: string) => lines.filter(({ at }) => at.startsWith(day));

/** Whether the lines of a day have no times and come to nothing together: any of them could be the first then. */
const hasCircle = (lines: readonly Move[]) =>
  lines.length > 1 && lines[1]!.at === lines[0]!.at && lines.reduce((sum, { fen }) => sum + fen, 0n) === 0n;

/** The lines of each day in another order, where one can be found again. */
const shuffledWithinDays = (lines: readonly Move[], seed: number): readonly Move[] =>
  days.some((day) => hasCircle(ofDay(lines, day)))
    ? lines
    : days.flatMap((day) => {
        const its = ofDay(lines, day);
        return its
          .map((_, index) => its[(index * 5 + seed) % its.length]!)
          .filter((move, index, all) => all.indexOf(move) === index)
          .concat(its)
          .filter((move, index, all) => all.indexOf(move) === index);
      });

test(
  "statements that overlap, are split, repeated or shuffled within a day leave the same lines and balances",
  { timeout: 120_000 },
  async () => {
    const clerk = here.as("amy");
    let accounts = 0;
    const scenario = moves.chain((all) => fc.tuple(fc.constant(all), cutsOf(all), fc.nat(20)));
    await fc.assert(
      fc.asyncProperty(scenario, async ([all, cuts, seed]) => {
        const name = `account-${(accounts += 1)}`;
        await account(clerk, name);
        const own = all.map((move) => (move.no === undefined ? move : { ...move, no: `${name}-${move.no}` }));
        for (const { from, to } of cuts)
          await takeStatement(clerk, name, fileOf(shuffledWithinDays(own.slice(from, to), seed)));
        const lines = await here.db.sql<
          { fen: bigint; balance: bigint }[]
        >`SELECT amount_fen AS fen, balance_fen AS balance FROM statement_lines WHERE money_account = ${name}`;
        const said = (rows: readonly { readonly fen: bigint; readonly balance: bigint }[]) =>
          rows.map(({ fen, balance }) => `${fen} ${balance}`).toSorted();
        expect(said(lines)).toEqual(said(all));
        const [booked] = await here.db
          .sql`SELECT coalesce(sum(amount), 0)::bigint AS bank FROM journal_lines WHERE money_account = ${name}`;
        expect(booked).toEqual({ bank: all.at(-1)!.balance });
      }),
      runs(20),
    );
    expect((await verify(here.as("auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  },
);
