import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvOf } from "../../../src/cli/csv.ts";
import { documentOf, factsOf, figure, id, tableOf, yuan, type Thing } from "../../../src/cli/fields.ts";
import { startsLikeFormula, unguardedCell } from "../../../src/shared/text.ts";
import { Page } from "../../../src/ui/page.ts";

interface Row {
  readonly no: string;
  readonly text: string;
  readonly fen: bigint;
}

const thing: Thing<Row> = {
  fields: { no: id((row) => row.no), text: { of: (row) => row.text }, amount: yuan((row) => row.fen) },
  columns: ["no", "amount"],
};

async function csv<Of>(of: Thing<Of>, rows: readonly Of[], names?: readonly string[]): Promise<string> {
  const pieces: string[] = [];
  for await (const piece of csvOf(
    of.fields,
    names,
    rows.map((row) => [row]),
  ))
    pieces.push(piece);
  return pieces.join("");
}

const cellsOf = (text: string): string[][] => parse(text, { bom: true });
const idOf = (cell: string): string => /^="(.*)"$/.exec(cell)?.[1] ?? unguardedCell(cell);
const rowOf = fc.record({
  no: fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.stringMatching(/^[0-9A-Z./:-]{1,20}$/),
    fc.constantFrom("007", "1-2", "12E5", "=1+1", "'=1", "−1", "＝1"),
  ),
  text: fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom('=cmd|" /C"', "+1", "@SUM", "-x", "\tx", "a,b", 'a"b', "a\nb", ""),
  ),
  fen: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
});

describe("CSV", () => {
  test("holds every id and every text, and reading takes its guards off again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(rowOf, { minLength: 1, maxLength: 5 }), async (rows) => {
        const [header, ...cells] = cellsOf(await csv(thing, rows));
        expect(header).toEqual(["no", "text", "amount"]);
        expect(cells.map(([no, text]) => [idOf(no!), unguardedCell(text!)])).toEqual(
          rows.map(({ no, text }) => [no, text]),
        );
      }),
    );
  });

  test("has no cell that a spreadsheet takes for a formula, but numbers and ids written as texts", async () => {
    await fc.assert(
      fc.asyncProperty(rowOf, async (row) => {
        const [, [no, text, amount] = []] = cellsOf(await csv(thing, [row]));
        if (startsLikeFormula(no!)) expect(no).toMatch(/^="\d[\w.:/-]*"$/u);
        if (startsLikeFormula(text!)) expect(text).toMatch(/^-\d+(\.\d+)?%?$/u);
        expect(amount).toMatch(/^-?\d+\.\d\d$/u);
      }),
    );
  });

  test("keeps the zeros, the last digits and the dashes of an id, and negative amounts as numbers", async () => {
    const rows = [
      { no: "0012", text: "张三", fen: -150n },
      { no: "20260101000123456", text: "-5%", fen: 0n },
      { no: "M1", text: "=1", fen: 7n },
    ];
    expect(await csv(thing, rows)).toBe(
      '\ufeffno,text,amount\n"=""0012""",张三,-1.50\n"=""20260101000123456""",-5%,0.00\nM1,\'=1,0.07\n',
    );
  });

  test("writes times as JSON does, words of a list with commas, what is no single value as JSON, and nothing for nothing", async () => {
    const mixed: Thing<Date> = {
      fields: {
        at: { of: (at) => at },
        words: { of: () => ["=a", "b"] },
        none: { of: () => null },
        missing: { of: () => undefined },
        is: { of: () => true },
        count: figure(() => 12n),
        nested: { of: () => ({ points: 3n, list: [{ a: 1 }] }) },
      },
    };
    const [, cells] = cellsOf(await csv(mixed, [new Date("2026-03-02T04:00:00Z")]));
    expect(cells).toEqual([
      "2026-03-02T04:00:00.000Z",
      "'=a, b",
      "",
      "",
      "true",
      "12",
      '{"points":3,"list":[{"a":1}]}',
    ]);
  });

  test("of no rows is its header alone, and of some fields those in their order", async () => {
    expect(await csv(thing, [])).toBe("\ufeffno,text,amount\n");
    expect(await csv(thing, [{ no: "M1", text: "x", fen: 1n }], ["amount", "no"])).toBe("\ufeffamount,no\n0.01,M1\n");
  });
});

describe("a field said once", () => {
  const row = { no: "M1", text: "", fen: 150n };
  const page = () => new Page((_format, text) => text, undefined, undefined);

  test("gives JSON, the columns of a table and the facts of a page, all in the order asked for", () => {
    expect(Object.entries(documentOf(thing, row))).toEqual([
      ["no", "M1"],
      ["text", ""],
      ["amount", "1.50"],
    ]);
    expect(Object.keys(documentOf(thing, row, ["amount", "no"]))).toEqual(["amount", "no"]);
    const [usual, chosen] = [page(), page()];
    tableOf(usual, thing, [row], "Asia/Shanghai");
    tableOf(chosen, thing, [row], "Asia/Shanghai", { names: ["amount", "no"] });
    expect([usual.toString(), chosen.toString()]).toEqual(["no  amount\nM1    1.50\n", "amount  no\n  1.50  M1\n"]);
    expect(factsOf(thing, row, "Asia/Shanghai", ["amount", "text"])).toEqual([
      ["amount", "1.50"],
      ["text", undefined],
    ]);
  });

  test("shows a time in the platform's zone, a yes or no in words, and leaves out a fact without a value", () => {
    const other: Thing<Date | null> = {
      fields: { paid_at: { of: (at) => at }, is_paid: { of: (at) => at !== null } },
      facts: ["paid_at", "is_paid"],
    };
    expect(factsOf(other, new Date("2026-03-02T04:00:00Z"), "Asia/Shanghai")).toEqual([
      ["paid at", "2026-03-02 12:00:00"],
      ["is paid", "yes"],
    ]);
    expect(factsOf(other, null, "Asia/Shanghai")).toEqual([
      ["paid at", undefined],
      ["is paid", "no"],
    ]);
  });

  test("a table that goes on says its heading again only where its columns became wider", () => {
    const run = {};
    const part = (no: string) => {
      const one = page();
      tableOf(one, thing, [{ no, text: "", fen: 1n }], "", { run });
      return one.toString();
    };
    expect([part("M1"), part("M2"), part("M100"), part("M3")]).toEqual([
      "no  amount\nM1    0.01\n",
      "M2    0.01\n",
      "no    amount\nM100    0.01\n",
      "M3      0.01\n",
    ]);
  });
});
