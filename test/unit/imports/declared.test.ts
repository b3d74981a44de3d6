import { describe, expect, it } from "vitest";
import type { DeclaredTotal } from "../../../src/csv/table-format.ts";
import { checkDeclared, RowSums } from "../../../src/imports/declared.ts";
import { readProfile } from "../../../src/imports/read-profile.ts";
import { orderColumns, type OrderColumn } from "../../../src/domain/orders/columns.ts";
import { alipay } from "../../../src/domain/orders/profiles/alipay.ts";

type Row = Partial<Record<OrderColumn, string>>;

/** Holds totals against rows of an Alipay bill; of an untyped sum the amounts are in fen. */
function check(
  rows: readonly Row[],
  totals: readonly Omit<DeclaredTotal<OrderColumn>, "line">[],
  lacking?: OrderColumn,
) {
  const profile = readProfile<OrderColumn>(alipay, { kind: "orders", columns: orderColumns }, "alipay");
  const sums = new RowSums(profile, ["amount_fen"], (key) => key !== lacking);
  for (const row of rows) sums.addStaged([BigInt(row.amount ?? 0)], (key) => row[key] ?? "");
  return checkDeclared(
    totals.map((total) => ({ ...total, line: 1 })),
    rows.length,
    sums,
  ).map(
    ({ of, row_type: type, declared, read, matches }) =>
      `${type === undefined ? "" : `${type} `}${of} ${declared} ${matches ? "=" : "<>"} ${read}`,
  );
}

const payment = (received: string): Row => ({ row_type: "交易  ", received_amount: received });
const refund = (received: string): Row => ({ row_type: "退款\t", received_amount: received });

describe("a total that a file declares is held against what was read of it", () => {
  it("of payments and refunds apart, refunds below zero", () => {
    const rows = [
      payment("1,000.50"),
      payment("￥2"),
      refund("-2.00"),
      payment(""),
      { row_type: "分账", received_amount: "7" },
    ];
    expect(
      check(rows, [
        { of: "rows", text: "5" },
        { of: "rows", rowType: "order", text: "3" },
        { of: "received_amount", rowType: "order", text: "1002.50" },
        { of: "rows", rowType: "refund", text: "2" },
        { of: "received_amount", rowType: "refund", text: "-3.00" },
      ]),
    ).toEqual([
      "rows 5 = 5",
      "order rows 3 = 3",
      "order received_amount 1002.50 = 1002.50",
      "refund rows 2 <> 1",
      "refund received_amount -3.00 <> -2.00",
    ]);
  });

  it("of several files put together: each declares its own", () => {
    const rows = [payment("1"), payment("2"), payment("4")];
    expect(
      check(rows, [
        { of: "rows", rowType: "order", text: "1" },
        { of: "received_amount", rowType: "order", text: "1" },
        { of: "rows", rowType: "order", text: "2" },
        { of: "received_amount", rowType: "order", text: "6.00" },
      ]),
    ).toEqual(["order rows 3 = 3", "order received_amount 7.00 = 7.00"]);
  });

  it("though it is more than any one amount may be", () => {
    const rows = [{ amount: "9999999999" }, { amount: "9999999999" }];
    expect(check(rows, [{ of: "amount", text: "199999999.98" }])).toEqual(["amount 199999999.98 = 199999999.98"]);
  });

  it("with or without the rows that are none of the kind, but not with some of them", () => {
    const sums = () => {
      const profile = readProfile<OrderColumn>(alipay, { kind: "orders", columns: orderColumns }, "alipay");
      const all = new RowSums<OrderColumn>(profile, ["amount_fen"], () => true);
      all.addStaged([500n], () => "");
      for (const amount of ["-2.00", "-1.00"]) all.addCells((key) => (key === "amount" ? amount : ""), true);
      return all;
    };
    const said = (of: "rows" | "amount", text: string) =>
      checkDeclared([{ of, text, line: 1 }], 3, sums()).map(({ read, matches }) => `${read} ${matches}`);
    expect([said("amount", "5"), said("amount", "2"), said("amount", "3")]).toEqual([
      ["5.00 true"],
      ["2.00 true"],
      ["2.00 false"],
    ]);
    expect([said("rows", "3"), said("rows", "1"), said("rows", "2")]).toEqual([["3 true"], ["1 true"], ["3 false"]]);
  });

  it("as it is written, where it is no number, and to the last digit, where it is finer than a fen", () => {
    const total = (text: string) => check([refund("-0.005")], [{ of: "received_amount", rowType: "refund", text }]);
    expect(total("1.2.3")).toEqual(["refund received_amount 1.2.3 <> -0.005000"]);
    expect(total("-0.005")).toEqual(["refund received_amount -0.005000 = -0.005000"]);
  });

  it("but not of a column that the file does not have, or that is not added up", () => {
    const totals = [
      { of: "received_amount", rowType: "order", text: "5" },
      { of: "skus", text: "5" },
    ] as const;
    expect(check([payment("")], totals, "received_amount")).toEqual([]);
  });
});
