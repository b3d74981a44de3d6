import fc from "fast-check";
import { expect, test } from "vitest";
import { Chunk, defaultLimits } from "../../../src/imports/chunk.ts";
import { Refusal } from "../../../src/imports/kind.ts";

type Row = readonly [key: string, value: string];

function chunkOf(rows: readonly Row[]): Chunk {
  const chunk = new Chunk(defaultLimits);
  for (const [at, [key, value]] of rows.entries()) chunk.stage({ key, values: [key, value] }, at + 1, at + 2);
  return chunk;
}

const turnsOf = (chunk: Chunk) =>
  chunk.takeTurns().map(({ text }) =>
    text
      .toString("utf8")
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")),
  );

test("rows of one key take turns in the order of the file, and others go with the first", () => {
  expect(
    turnsOf(
      chunkOf([
        ["a", "1"],
        ["b", "1"],
        ["a", "2"],
        ["a", "3"],
        ["c", "1"],
        ["b", "2"],
      ]),
    ),
  ).toEqual([
    [
      ["1", "2", "a", "1"],
      ["2", "3", "b", "1"],
      ["5", "6", "c", "1"],
    ],
    [
      ["3", "4", "a", "2"],
      ["6", "7", "b", "2"],
    ],
    [["4", "5", "a", "3"]],
  ]);
});

test("a row that repeats the last of its key takes no turn, however often: it comes to what that comes to", () => {
  const chunk = chunkOf([
    ...Array.from({ length: 1000 }, () => ["a", "1"] as const),
    ["a", "2"],
    ["a", "2"],
    ["b", "1"],
  ]);
  const refusal = new Refusal("value", "wrong", "is wrong");
  expect(turnsOf(chunk).map((turn) => turn.map(([record]) => Number(record)))).toEqual([[1, 1003], [2], [1001]]);
  expect(chunk.repeats.length).toBe(999);
  expect(chunk.repeatsOf([{ record: 1001, refusal }])).toEqual([{ record: 1002, refusal }]);
  expect(chunk.read).toBe(1003);
});

test("whatever comes in whatever order: no turn has a key twice, and what a key says stays in its order", () => {
  const row = fc.tuple(fc.constantFrom("a", "b", "c"), fc.constantFrom("1", "2"));
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const chunk = chunkOf(rows);
      const turns = turnsOf(chunk);
      for (const turn of turns) expect(new Set(turn.map(([, , key]) => key)).size).toBe(turn.length);
      for (const key of ["a", "b", "c"]) {
        const staged = turns
          .flat()
          .filter(([, , of]) => of === key)
          .map(([record]) => Number(record));
        expect(staged).toEqual(staged.toSorted((one, other) => one - other));
      }
      const repeated = new Map(chunk.repeats.map(({ record, of }) => [record, of]));
      for (const [at, [key, value]] of rows.entries()) {
        const of = repeated.get(at + 1);
        if (of !== undefined) expect(rows[of - 1]).toEqual([key, value]);
      }
      expect(turns.flat().length + chunk.repeats.length).toBe(rows.length);
    }),
  );
});
