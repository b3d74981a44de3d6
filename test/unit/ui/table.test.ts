import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Page } from "../../../src/ui/page.ts";
import { printable } from "../../../src/ui/printable.ts";
import { cut, renderTable, widthOf, type Column } from "../../../src/ui/table.ts";

const plain = (_format: unknown, text: string) => text;
const columns = [
  { heading: "会员号" },
  { heading: "姓名" },
  { heading: "商家" },
  { heading: "金额", align: "right" },
] as const;

describe("a table", () => {
  test("lines Chinese and Latin text up", () => {
    const rows = [
      ["M1", "张三", "小店", "9.00"],
      ["M1002", "O'Neill", "超级市场", "12345.00"],
    ];
    expect(`\n${renderTable(columns, rows, 80)}\n`).toMatchInlineSnapshot(`
      "
      会员号  姓名     商家          金额
      M1      张三     小店          9.00
      M1002   O'Neill  超级市场  12345.00
      "
    `);
  });

  test("at 80 columns keeps its columns: long text gives way, half characters never show", () => {
    const rows = [
      ["M1", "名字很长很长很长很长很长很长很长", "一家名字特别长的商店在杭州市西湖区文三路一百号", "1234567.89"],
    ];
    const lines = renderTable(columns, rows, 80).split("\n");
    expect(`\n${lines.join("\n")}\n`).toMatchInlineSnapshot(`
      "
      会员号  姓名                           商家                                 金额
      M1      名字很长很长很长很长很长很长…  一家名字特别长的商店在杭州市…  1234567.89
      "
    `);
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
  });

  test("never cuts a number nor a column that is to stay whole: a cut amount would be another amount", () => {
    const rows = [["P20260302000000000001", "张三张三张三张三", "12345678901.23"]];
    const text = renderTable(
      [{ heading: "单号", key: true }, { heading: "姓名" }, { heading: "金额", align: "right" }],
      rows,
      40,
    );
    expect(text).toContain("P20260302000000000001");
    expect(text).toContain("12345678901.23");
    expect(text).toContain("…");
  });

  test("columns of a higher rank give way first, and a heading breaks at its blanks before anything is cut", () => {
    const wide = [
      { heading: "time", key: true },
      { heading: "operator", rank: 2 },
      { heading: "host", rank: 3 },
      { heading: "details" },
      { heading: "clawed back", align: "right" },
    ] as const;
    const rows = [["2026-01-02 03:04:05", "li.wei", "web-01.example.com", "冻结原因：手机被盗", "107"]];
    expect(`\n${[76, 66, 60].map((width) => renderTable(wide, rows, width)).join("\n\n")}\n`).toMatchInlineSnapshot(`
      "
                                                                            clawed
      time                 operator  host               details               back
      2026-01-02 03:04:05  li.wei    web-01.example.c…  冻结原因：手机被盗     107

                                                                  clawed
      time                 operator  host     details               back
      2026-01-02 03:04:05  li.wei    web-01…  冻结原因：手机被盗     107

                                                            clawed
      time                 opera…  host    details            back
      2026-01-02 03:04:05  li.wei  web-0…  冻结原因：手机…     107
      "
    `);
  });

  test("a row whose keys and numbers are wider than the screen takes several lines, and nothing of it is cut", () => {
    const wide = [
      { heading: "单号", key: true },
      { heading: "会员", key: true },
      { heading: "金额", align: "right" },
      { heading: "时间", key: true },
      { heading: "商家" },
      { heading: "备注" },
    ] as const;
    const rows = [
      [
        "408810236802202664",
        "M00000001",
        "1234567.89",
        "2026-01-02 03:04:05",
        "杭州市西湖区文三路茶庄",
        "超过平时金额",
      ],
      ["311410021993", "M1002", "9.00", "2026-01-02 03:04:06", "", ""],
    ];
    expect(`\n${renderTable(wide, rows, 60)}\n`).toMatchInlineSnapshot(`
      "
      单号                会员             金额
        时间                 商家                    备注
      408810236802202664  M00000001  1234567.89
        2026-01-02 03:04:05  杭州市西湖区文三路茶庄  超过平时金额
      311410021993        M1002            9.00
        2026-01-02 03:04:06
      "
    `);
  });

  test("of a path the end stays: that is the file's name", () => {
    expect(cut("fixtures/订单/orders-2026-01-02.csv", 24, "end")).toBe("…/orders-2026-01-02.csv");
    const text = renderTable(
      [
        { heading: "文件", keeps: "end" },
        { heading: "read", align: "right" },
      ],
      [["in/orders/2026/orders-2026-01-02.csv", "54"]],
      30,
    );
    expect(text.split("\n")[1]).toBe("…6/orders-2026-01-02.csv    54");
  });

  test("at no width is a key or a number cut, and every line fits that no single one of them fills", () => {
    const kinds = fc.constantFrom<Omit<Column, "heading">>(
      { key: true },
      { align: "right" },
      {},
      { rank: 2 },
      { rank: 3, keeps: "end" },
      { atLeast: 19 },
    );
    const word = fc.stringMatching(/^[A-Z0-9]{1,24}$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(kinds, word, word), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 30, max: 120 }),
        (table, width) => {
          const text = renderTable(
            table.map(([kind], index) => ({ ...kind, heading: `h${index} x` })),
            [table.map(([, one]) => one), table.map(([, , other]) => other)],
            width,
          );
          for (const [kind, ...cells] of table)
            if (kind.key === true || kind.align === "right") for (const cell of cells) expect(text).toContain(cell);
          for (const line of text.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });

  test("without a width cuts nothing", () => {
    const long = "很长".repeat(200);
    expect(renderTable([{ heading: "姓名" }], [[long]], undefined)).toContain(long);
  });

  test("lays out a long list", () => {
    const rows = Array.from({ length: 20_000 }, (_, no) => [`${no}`]);
    expect(renderTable([{ heading: "no" }], rows, undefined).split("\n")).toHaveLength(20_001);
  });

  test("every line fits whenever the columns of text can give way", () => {
    const cell = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 30 }),
      fc.constantFrom("会员", "杭州市西湖区文三路一百号", "👨‍👩‍👧", ""),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 }),
        fc.integer({ min: 22, max: 100 }),
        (rows, width) => {
          const text = renderTable([{ heading: "a" }, { heading: "b" }, { heading: "c" }], rows, width);
          for (const line of text.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(width);
          expect(text.split("\n")).toHaveLength(rows.length + 1);
        },
      ),
    );
  });

  test("a cut text is a beginning of the text and fits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 1, max: 20 }), (raw, width) => {
        const text = printable(raw);
        const shown = cut(text, width);
        expect(widthOf(shown)).toBeLessThanOrEqual(width);
        if (shown !== text) expect(text.startsWith(shown.slice(0, -1)) && shown.endsWith("…")).toBe(true);
      }),
    );
  });
});

describe("a page", () => {
  test("caps a long table on a terminal and says how many rows it leaves out", () => {
    const rows = Array.from({ length: 5 }, (_, no) => [`M${no}`]);
    expect(new Page(plain, 80, 3).table([{ heading: "会员号" }], rows, "next page: --after M4").toString()).toBe(
      "会员号\nM0\nM1\nM2\n… 2 more rows: a pipe (| less) or --json shows all of them\nnext page: --after M4\n",
    );
    expect(new Page(plain, undefined, undefined).table([{ heading: "会员号" }], rows).toString()).not.toContain(
      "more row",
    );
  });

  test("facts stand in two columns, and those without a value are left out", () => {
    expect(
      new Page(plain, 80, 200)
        .facts([
          ["姓名", "张三"],
          ["email", undefined],
          ["identity", "verified"],
        ])
        .toString(),
    ).toBe("  姓名      张三\n  identity  verified\n");
  });

  test("data cannot move the cursor, colour the screen, turn the text around or forge a line", () => {
    const evil = "x\u001b[2J\u202e\r\n$ all is well";
    const page = new Page(plain, 80, 200)
      .heading(evil)
      .facts([["name", evil]])
      .table([{ heading: "name" }], [[evil]]);
    const text = page.toString();
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/u);
    expect(text.split("\n").filter((line) => line.startsWith("$"))).toEqual([]);
    expect(text).toContain("x\\u001b[2J\\u202e\\r\\n$ all is well");
  });
});
