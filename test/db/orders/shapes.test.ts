import { expect, test } from "vitest";
import type { ProfileText } from "../../../src/imports/profile.ts";
import { testDatabase } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";
import { importOrders } from "../../support/imports.ts";
import { peopleIn, take } from "./scene.ts";

const database = await testDatabase();
await peopleIn(database);

/** A file of some shape, what a profile says of it, and what has to be in the database behind it. */
interface Shape {
  readonly lines: readonly string[];
  readonly profile: Omit<Partial<ProfileText>, "columns"> & { readonly columns: ProfileText["columns"] };
  /** Order, member, merchant, fen, refunded fen, status, time of payment in UTC, product numbers. */
  readonly orders: readonly string[];
  /** Rows that are refused, by their reasons. */
  readonly reasons?: Readonly<Record<string, number>>;
  /** What the file says of its rows, as it says it. */
  readonly declared?: readonly string[];
  readonly createsMembers?: boolean;
}

const named = { order_no: "no", member_no: "who", merchant_code: { constant: "S1" } } as const;
const plain = { ...named, amount: "sum", paid_at: "paid" } as const;
const noon = "2026-02-01 12:00:00";
const noonUtc = "2026-02-01 04:00:00";

const shapes: Readonly<Record<string, Shape>> = {
  "fen, in whole numbers; a part of one is refused": {
    lines: ["no,who,sum,back,paid", `F1,M1,1,0,${noon}`, `F2,M2,123456,99,${noon}`, `F3,M1,1.5,0,${noon}`],
    profile: {
      columns: { ...plain, amount: { names: ["sum"], unit: "fen" }, refunded_amount: { names: ["back"], unit: "fen" } },
    },
    orders: [`F1 M1 S1 1 0 paid ${noonUtc}`, `F2 M2 S1 123456 99 paid ${noonUtc}`],
    reasons: { amount_not_an_amount: 1 },
  },
  "cents with a sign and thousands": {
    lines: ["no,who,total_cents,paid", `C1,M1,"¥1,234",${noon}`, `C2,M1,７００,${noon}`],
    profile: { columns: { ...plain, amount: { names: ["total_cents"], unit: "fen" } } },
    orders: [`C1 M1 S1 1234 0 paid ${noonUtc}`, `C2 M1 S1 700 0 paid ${noonUtc}`],
  },
  "decimal commas, with points, blanks or nothing between thousands": {
    lines: [
      "no;who;sum;back;paid",
      `K1;M1;1.234,50;0,05;${noon}`,
      `K2;M2;12 345,6;;${noon}`,
      `K3;M3;7;;${noon}`,
      `K4;M1;1234.50;;${noon}`,
    ],
    profile: {
      columns: {
        ...plain,
        amount: { names: ["sum"], decimal: "comma" },
        refunded_amount: { names: ["back"], decimal: "comma" },
      },
    },
    orders: [
      `K1 M1 S1 123450 5 paid ${noonUtc}`,
      `K2 M2 S1 1234560 0 paid ${noonUtc}`,
      `K3 M3 S1 700 0 paid ${noonUtc}`,
    ],
    reasons: { amount_not_an_amount: 1 },
  },
  "the halves of a day, before and after the hour": {
    lines: [
      "no,who,sum,paid",
      "H1,M1,1,2026-02-01 12:05 AM",
      "H2,M1,1,2026-02-01 12:05:06 pm",
      "H3,M1,1,2026/2/1 下午1:05",
      "H4,M1,1,2026年2月1日上午11:05",
      "H5,M1,1,2026-02-01 13:05 PM",
    ],
    profile: { columns: plain },
    orders: [
      "H1 M1 S1 100 0 paid 2026-01-31 16:05:00",
      "H2 M1 S1 100 0 paid 2026-02-01 04:05:06",
      "H3 M1 S1 100 0 paid 2026-02-01 05:05:00",
      "H4 M1 S1 100 0 paid 2026-02-01 03:05:00",
    ],
    reasons: { paid_at_not_a_time: 1 },
  },
  "hours as French and German files write them": {
    lines: [
      "no,who,sum,paid,备注",
      "U1,M1,1,01.02.2026 12h05,",
      "U2,M1,1,01/02/2026 à 12h05,",
      "U3,M1,1,01.02.2026 12:05 Uhr,",
    ],
    profile: { columns: plain, date_order: "dmy" },
    orders: ["U1", "U2", "U3"].map((no) => `${no} M1 S1 100 0 paid 2026-02-01 04:05:00`),
  },
  "refunds that are made, under way and refused; what is refunded of a closed order was paid": {
    lines: [
      "no,who,sum,state,ordered,back,how",
      `B1,M1,10,paid,${noon},1,done`,
      `B2,M1,10,paid,${noon},2,going`,
      `B3,M1,10,paid,${noon},3,denied`,
      `B4,M1,10,closed,${noon},10,`,
      `B5,M1,10,paid,${noon},1,lost`,
      `B6,M1,10,paid,${noon},0,lost`,
    ],
    profile: {
      columns: {
        ...named,
        amount: "sum",
        status: "state",
        ordered_at: "ordered",
        refunded_amount: "back",
        refund_status: { names: ["how"], words: { done: "made", going: "under_way", denied: "not_made" } },
      },
    },
    orders: [
      `B1 M1 S1 1000 100 paid ${noonUtc}`,
      `B2 M1 S1 1000 0 paid ${noonUtc}`,
      `B3 M1 S1 1000 0 paid ${noonUtc}`,
      `B4 M1 S1 1000 1000 closed ${noonUtc}`,
      `B6 M1 S1 1000 0 paid ${noonUtc}`,
    ],
    reasons: { unknown_refund_status: 1 },
  },
  "years of two digits: those below the pivot are of this century": {
    lines: ["no,who,sum,paid", "Y1,M1,1,02/01/25 10:00", "Y2,M1,1,2/1/2026 10:00", "Y3,M1,1,02/01/70 10:00"],
    profile: { columns: plain, date_order: "mdy", year_pivot: 30 },
    orders: ["Y1 M1 S1 100 0 paid 2025-02-01 02:00:00", "Y2 M1 S1 100 0 paid 2026-02-01 02:00:00"],
    reasons: { paid_at_year_out_of_range: 1 },
  },
  "years of two digits without a pivot are refused": {
    lines: ["no,who,sum,paid", "W1,M1,1,02/01/25 10:00"],
    profile: { columns: plain, date_order: "mdy" },
    orders: [],
    reasons: { paid_at_two_digit_year: 1 },
  },
  "months by their names": {
    lines: [
      "no,who,sum,paid",
      'M1,M1,1,"Jan 2, 2026 2:05:06 PM"',
      "M2,M1,1,2-Feb-2026 10:00",
      "M3,M1,1,02-Mar-25",
      "M4,M1,1,2 Jux 2026",
    ],
    profile: { columns: plain, year_pivot: 70 },
    orders: [
      "M1 M1 S1 100 0 paid 2026-01-02 06:05:06",
      "M2 M1 S1 100 0 paid 2026-02-02 02:00:00",
      "M3 M1 S1 100 0 paid 2025-03-01 16:00:00",
    ],
    reasons: { paid_at_not_a_time: 1 },
  },
  "seconds and milliseconds since 1970, beside other times": {
    lines: [
      "no,who,sum,paid",
      "E1,M1,1,1767323045",
      "E2,M1,1,1767323045250",
      "E3,M1,1,2026-01-02 10:00",
      "E4,M1,1,17673230451",
    ],
    profile: { columns: plain, unix_times: true },
    orders: [
      "E1 M1 S1 100 0 paid 2026-01-02 03:04:05",
      "E2 M1 S1 100 0 paid 2026-01-02 03:04:05",
      "E3 M1 S1 100 0 paid 2026-01-02 02:00:00",
    ],
    reasons: { paid_at_not_a_time: 1 },
  },
  "points between the parts of a date, the year first and last": {
    lines: ["no,who,sum,paid", "D1,M1,1,2026.01.02", "D2,M1,1,2026.1.2 3:04", "D3,M1,1,13.01.2026 03:04"],
    profile: { columns: plain, date_order: "dmy" },
    orders: [
      "D1 M1 S1 100 0 paid 2026-01-01 16:00:00",
      "D2 M1 S1 100 0 paid 2026-01-01 19:04:00",
      "D3 M1 S1 100 0 paid 2026-01-12 19:04:00",
    ],
  },
  "a name from two columns, and a time from two": {
    lines: ["no,card,first,last,sum,day,hour", "N1,N-77,Ann,Lee,1.50,2026-02-01,9:05 PM", "N2,N-78,Zoe,,2,2026-02-01,"],
    profile: {
      columns: {
        ...named,
        member_no: "card",
        member_name: { names: ["first"], followed_by: ["last"] },
        amount: "sum",
        paid_at: { names: ["day"], followed_by: ["hour"] },
      },
    },
    orders: ["N1 N-77 S1 150 0 paid 2026-02-01 13:05:00", "N2 N-78 S1 200 0 paid 2026-01-31 16:00:00"],
    createsMembers: true,
  },
  "totals above the header, under names of their own": {
    lines: ["Orders,Sum", "2,3.50", "", "no,who,sum,paid", `T1,M1,1.25,${noon}`, `T2,M2,2.25,${noon}`],
    profile: { columns: plain, totals_header: { Orders: "rows", Sum: "amount" } },
    declared: ["rows 2", "amount 3.50"],
    orders: [`T1 M1 S1 125 0 paid ${noonUtc}`, `T2 M2 S1 225 0 paid ${noonUtc}`],
  },
  "totals above the header, in a text": {
    lines: ["日报,共2笔，合计3.50元,,", "no,who,sum,paid", `U1,M1,1.25,${noon}`, `U2,M2,2.25,${noon}`],
    profile: { columns: plain, totals_patterns: ["共{rows}笔，合计{amount}元"] },
    declared: ["rows 2", "amount 3.50"],
    orders: [`U1 M1 S1 125 0 paid ${noonUtc}`, `U2 M2 S1 225 0 paid ${noonUtc}`],
  },
  "totals in fen, as the amounts are, those of rows that are refused among them": {
    lines: ["总单数,总额", "3,450", "no,who,sum,paid", `V1,M1,125,${noon}`, `V2,M2,225,${noon}`, `V3,M9,100,${noon}`],
    profile: {
      columns: { ...plain, amount: { names: ["sum"], unit: "fen" } },
      totals_header: { 总单数: "rows", 总额: "amount" },
    },
    orders: [`V1 M1 S1 125 0 paid ${noonUtc}`, `V2 M2 S1 225 0 paid ${noonUtc}`],
    reasons: { unknown_member: 1 },
    declared: ["rows 3", "amount 4.50"],
  },
  "totals with decimal commas and a sign, in a text and below the rows": {
    lines: [
      "no;who;sum;paid",
      `X1;M1;€ 1.234,50;${noon}`,
      `X2;M9;€ 1,00;${noon}`,
      "合计;;€ 1.235,50;",
      "Orders 2, sum 1.235,50 EUR",
    ],
    profile: {
      columns: { ...plain, amount: { names: ["sum"], decimal: "comma", strip_start: ["€"] } },
      tail_marks: ["Orders"],
      totals_patterns: ["Orders {rows}, sum {amount}"],
    },
    orders: [`X1 M1 S1 123450 0 paid ${noonUtc}`],
    reasons: { unknown_member: 1 },
    declared: ["amount 1235.50", "rows 2"],
  },
  "| between cells, which may have commas and semicolons": {
    lines: ["no|who|sum|paid|note", `P1|M1|1,234.50|${noon}|a;b`, `P2|M2|"2"|${noon}|"x|y"`],
    profile: { columns: plain },
    orders: [`P1 M1 S1 123450 0 paid ${noonUtc}`, `P2 M2 S1 200 0 paid ${noonUtc}`],
  },
  "rows with times of their own, of which the last counts": {
    lines: [
      "no,who,sum,paid,sku",
      `L1,M1,1.25,2026-02-03 10:00,a`,
      `L1,M1,2.25,2026-02-01 10:00,b`,
      `L2,M2,1,2026-02-02 10:00,c`,
    ],
    profile: { columns: { ...plain, skus: "sku" }, rows_per_order: "sum", rows_paid_at: "latest" },
    orders: ["L1 M1 S1 350 0 paid 2026-02-03 02:00:00 a;b", "L2 M2 S1 100 0 paid 2026-02-02 02:00:00 c"],
  },
};

const ordersIn = async (source: string) =>
  (
    await database.db.sql<{ said: string }[]>`
      SELECT concat_ws(' ', o.order_no, n.member_no, r.merchant_code, o.amount_fen, o.refunded_fen, o.status,
        to_char(o.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), array_to_string(o.skus, ';')) AS said
      FROM orders o JOIN member_numbers n USING (member_id) JOIN merchants r USING (merchant_id)
      WHERE o.source = ${source} ORDER BY o.order_no`
  ).map(({ said }) => said);

const profileFile = (text: object) => writeScratch("shape.json", JSON.stringify(text));

test.each(Object.entries(shapes).map(([title, shape], at) => [title, shape, `shop${at}`] as const))(
  "%s",
  async (_title, { lines, profile, orders, reasons = {}, declared = [], createsMembers = false }, source) => {
    const written = {
      profile: source,
      kind: "orders",
      ...profile,
      columns: { source: { constant: source }, ...profile.columns },
    };
    const report = await importOrders(database.context(), {
      input: { path: writeScratch("shape.csv", `${lines.join("\n")}\n`) },
      reading: { profile: profileFile(written) },
      createsMembers,
    });
    const rejected = Object.values(reasons).reduce((sum, rows) => sum + rows, 0);
    expect(report).toMatchObject({ rejected, updated: 0, duplicate: 0 });
    expect(Object.fromEntries(report.reasons)).toEqual(reasons);
    expect(report.read).toBe(report.inserted + rejected);
    expect(report.notes!.declared.map((one) => `${one.of} ${one.declared}`)).toEqual(declared);
    expect(report.notes!.declared.filter(({ matches }) => !matches)).toEqual([]);
    expect(await ordersIn(source)).toEqual(orders);
  },
);

test("refunds alone, in fen and of orders that are known: one of an order that is not is refused", async () => {
  const paid = (no: string, amount: string) => `${no},M1,S1,${amount},paid,${noon},,till,`;
  await take(database, [paid("R1", "10.00"), paid("R2", "5.00")]);
  const lines = ["no,back,at,id", "R1,250,2026-02-02 10:00,a", "R1,50,2026-02-03 10:00,b", "R9,1,2026-02-03,c"];
  const profile = {
    profile: "back",
    kind: "orders",
    columns: {
      source: { constant: "till" },
      row_type: { constant: "refund" },
      order_no: "no",
      refunded_amount: { names: ["back"], unit: "fen" },
      refunded_at: "at",
      refund_no: "id",
    },
  };
  const report = await importOrders(database.context(), {
    input: { path: writeScratch("refunds.csv", `${lines.join("\n")}\n`) },
    reading: { profile: profileFile(profile) },
  });
  expect(report).toMatchObject({
    read: 3,
    inserted: 0,
    updated: 2,
    rejected: 1,
    reasons: [["refund_without_order", 1]],
  });
  expect(await ordersIn("till")).toEqual([`R1 M1 S1 1000 300 paid ${noonUtc}`, `R2 M1 S1 500 0 paid ${noonUtc}`]);
});
