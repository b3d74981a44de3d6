import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellAt, matchHeader } from "../../../src/csv/header.ts";
import type { ColumnSpec } from "../../../src/csv/table-format.ts";

const specs = [
  { key: "memberNo", names: ["member_no", "会员号"], required: true },
  { key: "name", names: ["name", "姓名"], required: true },
  { key: "email", names: ["email", "邮箱"], required: false },
] as const satisfies readonly ColumnSpec[];

const match = (...cells: string[]) => matchHeader(cells, specs, "members.csv", true);

function refusal(...cells: string[]): unknown {
  try {
    match(...cells);
  } catch (error) {
    return error;
  }
  throw new Error("was not refused");
}

describe("a header", () => {
  it("is matched by native name or alias, in any order, optional columns -1 when absent", () => {
    expect(match("姓名", "member_no").columnIndex).toEqual({ memberNo: 1, name: 0, email: -1 });
  });

  it("is matched without case, blanks, underscores, hyphens, width and wrapping", () => {
    for (const name of [
      "Member No",
      "MEMBER-NO",
      "memberNo",
      " member_no\t",
      "ＭＥＭＢＥＲ＿ＮＯ",
      '="member_no"',
      "`会员号",
      "会 员 号",
    ]) {
      expect([name, match(name, "name").columnIndex.memberNo]).toEqual([name, 0]);
    }
  });

  it("tells unknown and ignored columns from those without a name, which go by their number", () => {
    const found = match("member_no", "name", "备注", "", " ", "_reason", "_name", "_member_no");
    expect(found.unknownColumns).toEqual(["备注"]);
    expect(found.ignoredColumns).toEqual(["_reason", "_name", "_member_no"]);
    expect(found.columnIndex).toEqual({ memberNo: 0, name: 1, email: -1 });
    const numbered = matchHeader(
      ["member_no", "", "", "name"],
      [...specs.slice(0, 2), { key: "email", names: ["#3"], required: true }],
      "members.csv",
      true,
    );
    expect(numbered.columnIndex).toEqual({ memberNo: 0, name: 3, email: 2 });
    // A number says which of two that have one name.
    const [memberNo, ...others] = specs;
    const chosen = [{ ...memberNo, names: ["#2"] }, ...others];
    expect(matchHeader(["member_no", "会员号", "name"], chosen, "members.csv", true).columnIndex.memberNo).toBe(1);
    expect(refusal("member_no", "", "email")).toMatchObject({
      message: expect.stringMatching(/Found: member_no, #2, email$/),
    });
  });

  it("without a needed column is refused, naming what is needed, found, and the aliases", () => {
    expect(refusal("姓名", "phone number")).toMatchObject({
      kind: "usage",
      code: "csv_missing_column",
      message: "members.csv: the header has no column member_no (or 会员号). Found: 姓名, phone number",
      hint: "a line above the rows must name the columns (an import shows with --explain what is in the file). Needed: member_no (or 会员号); name (or 姓名); may also have: email (or 邮箱)",
      details: { file: "members.csv", missing: ["memberNo"], found: ["姓名", "phone number"] },
    });
    expect(() => matchHeader(["private", "things"], specs, "members.csv", false)).toThrow(
      "members.csv: no line names any of the columns",
    );
    const many = Array.from({ length: 50 }, (_, index) => `c${index}`);
    expect(refusal(...many)).toMatchObject({ message: expect.stringMatching(/c39 and 10 more$/) });
  });

  it("with two columns of one meaning is refused, naming both", () => {
    expect(refusal("member_no", "name", "会员号")).toMatchObject({
      kind: "usage",
      code: "csv_duplicate_column",
      message: "members.csv: columns 1 (member_no) and 3 (会员号) both mean member_no (or 会员号)",
      hint: "say which is to be read by its number, --map memberNo=#1 or --map memberNo=#3, or rename or remove the other",
    });
  });

  it("is matched the same whatever other columns stand between, or is refused", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.nat(), (others, place) => {
        const cells = [...others];
        cells.splice(place % (cells.length + 1), 0, "member_no", "name");
        try {
          const { columnIndex } = match(...cells);
          expect(cells[columnIndex.memberNo]).toBe("member_no");
        } catch (error) {
          expect((error as { code?: string }).code).toBe("csv_duplicate_column");
        }
      }),
    );
  });

  it("gives the empty text for the cell of a column that the file does not have", () => {
    expect(cellAt(["a"], 0)).toBe("a");
    expect(cellAt(["a"], -1)).toBe("");
    expect(cellAt(["a"], 1)).toBe("");
  });
});
