import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openCsv } from "../../../src/csv/reader.ts";
import type { TableFormat } from "../../../src/csv/table-format.ts";
import { readTotalsText } from "../../../src/csv/totals-text.ts";

const native: TableFormat = {
  name: "native",
  columns: [
    { key: "orderNo", names: ["order_no", "订单号"], required: true },
    { key: "amount", names: ["amount", "金额"], required: true },
    { key: "refund", names: ["refund"], required: false },
  ],
};

const platform: TableFormat = {
  name: "platform",
  columns: [
    { key: "orderNo", names: ["订单号"], required: true },
    { key: "amount", names: ["实付款", "总金额"], required: true, areInOrder: true },
    { key: "refund", names: ["退款金额"], required: false },
  ],
  knownNames: ["买家留言"],
  mayExplainHeader: true,
  tail: {
    marks: ["#", "总单数"],
    totals: [
      { header: { 总单数: "rows", 总额: "amount", 退款总额: "refund" } },
      { text: readTotalsText("合计：{rows}笔，共{amount}元")!, of: ["rows", "amount"] },
    ],
  },
};

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "accrue-layout-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function read(text: string, formats: readonly TableFormat[] = [native, platform]) {
  const path = join(directory, "file.csv");
  writeFileSync(path, text);
  const source = await openCsv({ path }, formats);
  const rows: string[][] = [];
  const lines: number[] = [];
  for await (const batch of source.batches()) {
    for (const { cells, line, problem } of batch) {
      rows.push(problem === undefined ? cells : [problem.code]);
      lines.push(line);
    }
  }
  const { layout, passedOver, declaredTotals } = source;
  return { rows, lines, layout, passedOver, declaredTotals, format: layout.format.name };
}

const refusal = (text: string, formats?: readonly TableFormat[]) =>
  read(text, formats).then(
    () => {
      throw new Error("was not refused");
    },
    (error: unknown) => error,
  );

describe("the header is found", () => {
  it.each([",", "\t", ";", "|"] as const)("whatever stands between the cells: %j", async (delimiter) => {
    const { rows, layout } = await read(
      ["order_no~amount~refund", 'a~"1,2;3\t4|5"~', "b~2~"].join("\n").replaceAll("~", delimiter),
    );
    expect(layout).toMatchObject({ delimiter, headerLine: 1 });
    expect(rows).toEqual([
      ["a", "1,2;3\t4|5", ""],
      ["b", "2", ""],
    ]);
  });

  it("under a preamble, with the lines counted from the top of the file", async () => {
    const preamble = ["#账务明细查询", "#账号：[1,2,3]", "", '"an open quote', "order_no without an amount", "----"];
    const { rows, lines, layout } = await read([...preamble, "order_no,amount", "a,1", "b,2", ""].join("\r\n"));
    expect(layout.headerLine).toBe(7);
    expect([rows, lines]).toEqual([
      [
        ["a", "1"],
        ["b", "2"],
      ],
      [8, 9],
    ]);
  });

  it("under a preamble of any length, in files with any line ends", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ maxLength: 30 }).map((text) => text.replace(/["\r\n]/g, "")),
          { maxLength: 40 },
        ),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.constantFrom(",", "\t", ";"),
        async (preamble, lineEnd, delimiter) => {
          const text = [...preamble, ["order_no", "amount"].join(delimiter), ["a", "1"].join(delimiter)].join(lineEnd);
          const { rows, lines } = await read(text, [native]);
          expect([rows, lines]).toEqual([[["a", "1"]], [preamble.length + 2]]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("even below hundreds of thousands of characters", async () => {
    const { rows, layout } = await read(`${"a note that goes on and on\n".repeat(20_000)}order_no,amount\na,1\n`);
    expect([rows, layout.headerLine]).toEqual([[["a", "1"]], 20_001]);
  });

  it("by the format that knows most of its names", async () => {
    expect((await read("订单号,金额\na,1\n")).format).toBe("native");
    expect((await read("订单号,总金额,买家留言\na,1,\n")).format).toBe("platform");
    expect((await read("订单号,金额,总金额,买家留言\na,1,2,\n")).format).toBe("platform");
  });

  it("never as a platform's by one or two names that anybody may have, nor by those that the operator gives", async () => {
    const generic = {
      ...platform,
      columns: [
        { key: "orderNo", names: ["订单号"], required: true },
        { key: "amount", names: ["金额"], required: true },
      ],
      knownNames: ["备注"],
    };
    expect((await read("订单号,金额,备注\na,1,\n", [native, generic])).format).toBe("native");
    const [orderNo, amount, refund] = [["交易单号"], ["交易金额"], ["已退款"]].map((names) => ({
      names,
      isSaid: true,
    }));
    const said = (format: TableFormat): TableFormat => {
      const [one, two, three] = format.columns;
      return {
        ...format,
        columns: [
          { ...one!, ...orderNo },
          { ...two!, ...amount },
          { ...three!, ...refund },
        ],
      };
    };
    const bill = "交易单号,交易金额,已退款,商品\na,1,0\n";
    expect((await read(bill, [said(platform), said(native)])).format).toBe("native");
    expect((await read(bill.replace("商品", "买家留言"), [said(platform), said(native)])).format).toBe("native");
    expect(await refusal(bill, [said(platform), native])).toMatchObject({
      code: "csv_missing_column",
      message: expect.not.stringContaining("platform") as string,
    });
    expect((await read(bill, [said(platform)])).format).toBe("platform");
  });

  it("in the first line that fits, though another has more names: below it there are rows", async () => {
    const { rows, layout } = await read("order_no,amount\na,1\norder_no,amount,refund\nb,2,0.5\n");
    expect([rows.map(([orderNo]) => orderNo), layout.headerLine]).toEqual([["a", "b"], 1]);
  });

  it("and of columns in order of preference the better one is read", async () => {
    const { layout } = await read("订单号,总金额,实付款\na,1,2\n", [platform]);
    expect(layout.match.columnIndex).toEqual({ orderNo: 0, amount: 2, refund: -1 });
    expect(layout.match.unknownColumns).toEqual(["总金额"]);
  });

  it("is none where columns are said by their numbers alone: a row of data has them as well", async () => {
    const numbered = native.columns.map((column, at) => ({ ...column, names: [`#${at + 1}`], isSaid: true }));
    expect(await refusal("a,1,0\nb,2,0\n", [{ ...native, columns: numbered }])).toMatchObject({
      code: "csv_missing_column",
    });
    const [orderNo, amount] = native.columns;
    const rest = { ...native, columns: [orderNo!, { ...amount!, names: ["#3"], isSaid: true }] };
    expect((await read("order_no,amount,amount\na,1,2\n", [rest])).layout.match.columnIndex).toMatchObject({
      amount: 2,
    });
  });

  it("or the file is refused without a word of it where no line names any of the columns: it may be a private one", async () => {
    const error = await refusal("root:$6$salt,hash:19000\nbin:*:19000\n");
    expect(error).toMatchObject({
      code: "csv_missing_column",
      message: expect.stringMatching(/: no line names any of the columns$/) as string,
      details: { found: [] },
    });
    expect(inspect(error)).not.toMatch(/root|salt|hash|bin/);
  });

  it("or the file is refused with the line that comes nearest, and as what it was read", async () => {
    expect(await refusal("a preamble\n订单号,买家留言\na,1\n")).toMatchObject({
      code: "csv_missing_column",
      message:
        "file.csv, line 2, read as platform: the header has no column 实付款 (or 总金额). Found: 订单号, 买家留言".replace(
          "file.csv",
          join(directory, "file.csv"),
        ),
    });
  });

  it("and two columns of one meaning are refused, also where one name stands twice", async () => {
    expect(await refusal("订单号,总金额,总金额,买家留言\na,1,2,\n", [platform])).toMatchObject({
      code: "csv_duplicate_column",
    });
  });
});

describe("rows that are no data are passed over and counted", () => {
  it("a header that comes again", async () => {
    const { rows, lines, passedOver } = await read("order_no,amount\na,1\norder_no,amount\nb,2\n");
    expect([rows, lines]).toEqual([
      [
        ["a", "1"],
        ["b", "2"],
      ],
      [2, 4],
    ]);
    expect(passedOver).toEqual({ repeatedHeaders: 1, explanations: 0, blankRows: 0, tailRows: 0 });
  });

  it("another header, by which the rows behind it are read", async () => {
    const { rows, lines, layout, passedOver } = await read(
      [
        "order_no,note,amount",
        "a,x,1",
        "note,refund,amount,,mood,order_no",
        "y,0.5,2,ignored,good,b",
        "short,",
        "order_no,note,amount",
        "c,z,3",
      ].join("\n"),
    );
    expect(layout.header).toEqual(["order_no", "note", "amount", "refund", "mood"]);
    expect(layout.match.columnIndex).toEqual({ orderNo: 0, amount: 2, refund: 3 });
    expect(rows).toEqual([["a", "x", "1"], ["b", "y", "2", "0.5", "good"], ["too_few_cells"], ["c", "z", "3", "", ""]]);
    expect(lines).toEqual([2, 4, 5, 7]);
    expect(passedOver.repeatedHeaders).toBe(2);
  });

  it("and no row is lost, whatever headers stand in between", async () => {
    const columns = ["order_no", "Amount", "refund", "note", "退款", ""];
    const part = fc.record({
      header: fc
        .shuffledSubarray(columns, { minLength: 2 })
        .filter((names) => names.includes("order_no") && names.includes("Amount")),
      rows: fc.integer({ min: 0, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
        let number = 0;
        const written = parts.flatMap(({ header, rows }) => [
          header.join(","),
          ...Array.from({ length: rows }, () => (number += 1)).map((at) =>
            header.map((name) => (name === "" ? "x" : `${name} ${at}`)).join(","),
          ),
        ]);
        const { rows, layout } = await read(written.join("\n"), [native]);
        const { orderNo, amount, refund } = layout.match.columnIndex as Record<string, number>;
        const expected = parts.flatMap(({ header, rows: count }) =>
          Array.from({ length: count }, () => header.includes("refund")),
        );
        expect(
          rows.map((cells) => [cells[orderNo!], cells[amount!], refund === -1 ? "" : (cells[refund!] ?? "")]),
        ).toEqual(
          expected.map((hasRefund, index) => [
            `order_no ${index + 1}`,
            `Amount ${index + 1}`,
            hasRefund ? `refund ${index + 1}` : "",
          ]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("but another header of which two columns mean the same is refused, with its line", async () => {
    expect(await refusal("order_no,amount\na,1\norder_no,amount,金额\nb,2,3\n")).toMatchObject({
      code: "csv_duplicate_column",
      message: expect.stringContaining("file.csv, line 3: columns 2 (amount) and 3 (金额) both mean") as string,
    });
  });

  it("a row that says the name of a column is data", async () => {
    const one = {
      name: "native",
      columns: [
        { key: "orderNo", names: ["order_no"], required: true },
        { key: "name", names: ["name"], required: false },
      ],
    };
    expect((await read("order_no,name,note\na,order_no,x\n", [one])).rows).toEqual([["a", "order_no", "x"]]);
  });

  it("a row behind the header that explains it, in formats that may have one", async () => {
    const text = "订单号,总金额,买家留言\n,收入+支出,\na,1,\n,2,\n";
    const { rows, passedOver } = await read(text);
    expect(rows).toEqual([
      ["a", "1", ""],
      ["", "2", ""],
    ]);
    expect(passedOver.explanations).toBe(1);
    expect((await read(text, [{ ...platform, mayExplainHeader: false }])).rows).toHaveLength(3);
  });

  it("a first row with all that a row needs is no explanation", async () => {
    expect((await read("订单号,总金额,买家留言\na,1,\n")).rows).toEqual([["a", "1", ""]]);
  });

  it("a totals row in any file, with what it declares", async () => {
    const { rows, passedOver, declaredTotals } = await read(
      "order_no,amount,note,refund\na,1.50,,\n小计,1.50,,\nb,2,,0.5\n合计：,￥3.50,共2笔,\n",
    );
    expect(rows.map(([orderNo]) => orderNo)).toEqual(["a", "b"]);
    expect(passedOver.tailRows).toBe(2);
    expect(declaredTotals).toEqual([
      { of: "amount", text: "￥3.50", line: 5 },
      { of: "rows", text: "2", line: 5 },
    ]);
  });

  it("an order that is called total is an order", async () => {
    expect(
      (await read("amount,order_no\ntotal,1\n", [{ ...native, columns: native.columns.slice(0, 2) }])).rows,
    ).toEqual([["total", "1"]]);
    expect((await read("order_no,amount\nTotal 7,1\n")).rows).toEqual([["Total 7", "1"]]);
  });

  it("a tail, with the totals in its texts", async () => {
    const { rows, passedOver, declaredTotals } = await read(
      "订单号,总金额,买家留言\na,1,\n#----列表结束----\n#合计：18笔，共14989.00元\n#导出时间：[2026]\n",
    );
    expect(rows).toEqual([["a", "1", ""]]);
    expect(passedOver.tailRows).toBe(3);
    expect(declaredTotals).toEqual([
      { of: "rows", text: "18", line: 4 },
      { of: "amount", text: "14989.00", line: 4 },
    ]);
  });

  it("a tail under a header of its own", async () => {
    const { rows, declaredTotals } = await read(
      "订单号,总金额,买家留言\n`a,`1,`\n总单数,总额,别的,退款总额\n`45.0,`99.50,`x,`0.00\n",
    );
    expect(rows).toEqual([["`a", "`1", "`"]]);
    expect(declaredTotals).toEqual([
      { of: "rows", text: "45.0", line: 4 },
      { of: "amount", text: "99.50", line: 4 },
      { of: "refund", text: "0.00", line: 4 },
    ]);
  });

  it("totals above the header: in a text, under names of their own, and in the table's columns", async () => {
    const { rows, declaredTotals } = await read(
      "账单,合计：18笔，共14989.00元\n总单数,总额,退款总额\n`45.0,`99.50,`0.00\n总计,￥7.00,,\n总单数,总额\n订单号,总金额,买家留言,退款金额\na,1,,0\n合计,8.00,,\n",
    );
    expect(rows).toEqual([["a", "1", "", "0"]]);
    expect(declaredTotals.map(({ of, text, line }) => [of, text, line])).toEqual([
      ["rows", "18", 1],
      ["amount", "14989.00", 1],
      ["rows", "45.0", 3],
      ["amount", "99.50", 3],
      ["refund", "0.00", 3],
      ["amount", "￥7.00", 4],
      ["amount", "8.00", 8],
    ]);
  });

  it("files put one behind the other: data goes on where the header comes again", async () => {
    const one = "订单号,总金额,买家留言\na,1,\n#合计：1笔，共1.00元\n";
    const { rows, declaredTotals } = await read(one + one.replace("a,1", "b,1"));
    expect(rows.map(([orderNo]) => orderNo)).toEqual(["a", "b"]);
    expect(declaredTotals.filter(({ of }) => of === "rows")).toHaveLength(2);
  });

  it("but a tail never takes rows by the hundred: they are data again, and accounted for", async () => {
    const { rows, passedOver } = await read(`订单号,总金额,买家留言\n#end\n${"a,1,\n".repeat(150)}`);
    expect(passedOver.tailRows).toBe(100);
    expect(rows).toHaveLength(51);
  });
});
