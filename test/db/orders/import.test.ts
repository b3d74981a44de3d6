import { afterEach, describe, expect, test } from "vitest";
import { dumpDatabase, testDatabase, cloneOf, type TestDatabase } from "../../support/database.ts";
import { longAfter, peopleIn, take } from "./scene.ts";
import { tamper } from "../../support/money/people.ts";

const database = await testDatabase();
await peopleIn(database);

/** Each test has order numbers of its own, so that all can share one database. */
let prefix = 0;
afterEach(() => void (prefix += 1));
const named = (rows: readonly string[]) => rows.map((row) => `T${prefix}-${row}`);
const taken = (...rows: string[]) => take(database, named(rows));

interface StoredOrder {
  readonly orderNo: string;
  readonly memberNo: string;
  readonly status: string;
  readonly amount: number;
  readonly refunded: number;
  readonly paidAt: string | null;
  readonly skus: string[] | null;
  readonly feed: number;
}

const stored = async () => [
  ...(await database.db.sql<StoredOrder[]>`
    SELECT split_part(o.order_no, '-', 2) AS order_no, m.member_no, o.status, o.amount_fen::integer AS amount, o.refunded_fen::integer AS refunded,
           to_char(o.paid_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI') AS paid_at, o.skus,
           (SELECT count(*)::integer FROM order_changes c WHERE c.order_id = o.order_id) AS feed
    FROM orders o JOIN members m USING (member_id) WHERE starts_with(o.order_no, ${`T${prefix}-`}) ORDER BY 1`),
];

const paid = "A,M1,S1,100.00,paid,2026-02-01 10:00:00,0,,";

describe("the order rule: nothing differs", () => {
  test("a new order goes in with its key, and into the feed of the batch when it is paid", async () => {
    expect(await taken(paid, "B,M2,S2,5,pending,,,,x1;x2", "C,M2,S2,7,closed,,,,")).toMatchObject({
      read: 3,
      inserted: 3,
      rejected: 0,
    });
    expect(await stored()).toEqual([
      {
        orderNo: "A",
        memberNo: "M1",
        status: "paid",
        amount: 10_000,
        refunded: 0,
        paidAt: "02-01 10:00",
        skus: null,
        feed: 1,
      },
      {
        orderNo: "B",
        memberNo: "M2",
        status: "pending",
        amount: 500,
        refunded: 0,
        paidAt: null,
        skus: ["x1", "x2"],
        feed: 0,
      },
      { orderNo: "C", memberNo: "M2", status: "closed", amount: 700, refunded: 0, paidAt: null, skus: null, feed: 0 },
    ]);
  });

  test.each([
    ["the very same row", paid],
    ["written in another way", "A,M1,S1,￥100,已付款,2026/2/1 10:00,,default,"],
    ["the same instant in another zone", "A,M1,S1,100.00,paid,2026-02-01T02:00:00Z,0,,"],
  ])("%s: duplicate, nothing written", async (_name, again) => {
    await taken(paid);
    const before = await dumpDatabase(database.db);
    expect(await taken(again)).toMatchObject({ read: 1, duplicate: 1, inserted: 0, updated: 0, rejected: 0 });
    expect(await dumpDatabase(database.db)).toBe(before);
  });

  test("the same number from another source is another order", async () => {
    expect(await taken(paid, "A,M2,S2,1,paid,2026-02-01,,taobao,")).toMatchObject({ inserted: 2 });
  });

  test("a row without status is paid when it has a time of payment, pending otherwise", async () => {
    await taken("A,M1,S1,1,,2026-02-01,,,", "B,M1,S1,1,,,,,");
    expect((await stored()).map(({ status }) => status)).toEqual(["paid", "pending"]);
  });
});

describe("the order rule: moved forward is updated", () => {
  test.each([
    ["pending to paid", "A,M1,S1,100.00,pending,,,,", paid, { status: "paid", paidAt: "02-01 10:00", feed: 1 }],
    ["pending to closed", "A,M1,S1,100.00,pending,,,,", "A,M1,S1,100.00,closed,,,,", { status: "closed", feed: 0 }],
    ["paid to closed", paid, "A,M1,S1,100.00,closed,2026-02-01 10:00:00,0,,", { status: "closed", feed: 2 }],
    [
      "paid to closed, the time left out",
      paid,
      "A,M1,S1,100.00,closed,,,,",
      { status: "closed", paidAt: "02-01 10:00", feed: 2 },
    ],
    ["a refund grown", paid, "A,M1,S1,100.00,paid,2026-02-01 10:00:00,30.00,,", { refunded: 3_000, feed: 2 }],
    ["products filled in", paid, "A,M1,S1,100.00,paid,2026-02-01 10:00:00,0,,x1|x2", { skus: ["x1", "x2"], feed: 1 }],
    [
      "the time of payment of a closed order filled in",
      "A,M1,S1,1,closed,,,,",
      "A,M1,S1,1,closed,2026-02-01 10:00:00,,,",
      { paidAt: "02-01 10:00", feed: 0 },
    ],
  ])("%s", async (_name, first, next, then) => {
    expect(await taken(first)).toMatchObject({ inserted: 1 });
    expect(await taken(next)).toMatchObject({ updated: 1, rejected: 0, inserted: 0 });
    expect(await stored()).toMatchObject([then]);
    expect(await taken(next)).toMatchObject({ duplicate: 1, updated: 0 });
  });

  test("a whole life in one file, line after line", async () => {
    expect(
      await taken(
        "A,M1,S1,100.00,pending,,,,",
        paid,
        paid,
        "A,M1,S1,100.00,paid,2026-02-01 10:00:00,30,,",
        "A,M1,S1,100.00,closed,2026-02-01 10:00:00,100,,",
      ),
    ).toMatchObject({ read: 5, inserted: 1, updated: 3, duplicate: 1, rejected: 0 });
    expect(await stored()).toMatchObject([{ status: "closed", refunded: 10_000, feed: 1 }]);
  });

  test("what a blank cell leaves out stays as it was", async () => {
    await taken("A,M1,S1,100.00,paid,2026-02-01 10:00:00,30.00,,x1");
    expect(await taken("A,M1,S1,100.00,paid,2026-02-01 10:00:00,,,")).toMatchObject({ duplicate: 1 });
    expect(await stored()).toMatchObject([{ refunded: 3_000, skus: ["x1"] }]);
    expect(await taken("A,M1,S1,100.00,closed,,,,")).toMatchObject({ updated: 1 });
    expect(await stored()).toMatchObject([{ status: "closed", paidAt: "02-01 10:00", refunded: 3_000, skus: ["x1"] }]);
  });
});

describe("the order rule: what contradicts is a conflict, and changes nothing", () => {
  const refunded = "A,M1,S1,100.00,paid,2026-02-01 10:00:00,30.00,,x1";
  test.each([
    [
      "conflict_member",
      "A,M2,S1,100.00,paid,2026-02-01 10:00:00,30.00,,x1",
      "member_no: the order is known with another member",
    ],
    [
      "conflict_merchant",
      "A,M1,S2,100.00,paid,2026-02-01 10:00:00,30.00,,x1",
      "merchant_code: the order is known with merchant S1",
    ],
    [
      "conflict_amount",
      "A,M1,S1,100.01,paid,2026-02-01 10:00:00,30.00,,x1",
      "amount: the order is known with amount 100.00",
    ],
    [
      "conflict_paid_at",
      "A,M1,S1,100.00,paid,2026-02-01 10:00:01,30.00,,x1",
      "paid_at: the order is known as paid at 2026-02-01 10:00:00",
    ],
    ["conflict_status", "A,M1,S1,100.00,pending,,,,x1", "status: the order is already paid; its status cannot go back"],
    [
      "conflict_refund",
      "A,M1,S1,100.00,paid,2026-02-01 10:00:00,29.99,,x1",
      "refunded_amount: 30.00 is refunded already; a refund cannot shrink",
    ],
    ["conflict_skus", "A,M1,S1,100.00,paid,2026-02-01 10:00:00,30.00,,x2", "skus: the order is known with products x1"],
  ])("%s", async (code, row, message) => {
    await taken(refunded);
    const before = await dumpDatabase(database.db);
    expect(await taken(row)).toMatchObject({
      rejected: 1,
      updated: 0,
      reasons: { [code]: 1 },
      examples: [`2 ${message}`],
    });
    expect(await dumpDatabase(database.db)).toBe(before);
  });

  test("a closed order does not come back; what an older row says that no later one did is kept", async () => {
    expect(await taken("A,M1,S1,1,closed,2026-02-01,,,")).toMatchObject({ inserted: 1 });
    expect(await taken("A,M1,S1,1,paid,2026-02-01,,,")).toMatchObject({
      rejected: 1,
      examples: ["2 status: the order is already closed; its status cannot go back"],
    });
    expect(await taken("A,M1,S1,1,paid,2026-02-01,0.30,,x1", "A,M1,S1,1,closed,,0.2,,")).toMatchObject({
      updated: 1,
      reasons: { unpaid_with_refund: 1 },
    });
    expect(await stored()).toMatchObject([{ status: "closed", refunded: 30, skus: ["x1"], feed: 0 }]);
  });

  test("a refund of an order that was closed without a payment is none", async () => {
    expect(await taken("A,M1,S1,1,closed,,0.30,,")).toMatchObject({
      reasons: { unpaid_with_refund: 1 },
      examples: [
        "2 refunded_amount: a closed order without a time of payment was never paid, so it cannot have a refund; write when it was paid",
      ],
    });
    expect(await taken("A,M1,S1,1,closed,,0,,")).toMatchObject({ inserted: 1 });
  });

  test.each([
    ["who bought it", "member_no", "A,M2,S1,100.00,paid,2026-02-01 10:00:00,0,,"],
    ["the merchant", "merchant_code", "A,M1,S2,100.00,paid,2026-02-01 10:00:00,0,,"],
    ["the amount", "amount", "A,M1,S1,100.01,paid,2026-02-01 10:00:00,0,,"],
    ["the time of payment", "paid_at", "A,M1,S1,100.00,paid,2026-02-01 10:00:01,0,,"],
  ])(
    "of two rows of one file that do not agree on %s none is taken, and each names the other",
    async (what, column, row) => {
      const rows = ["B,M1,S1,1,paid,2026-02-01,,,", paid, "C,M1,S1,1,paid,2026-02-01,,,", row];
      const wayOut = 'where several rows make an order, a profile says which time counts ("rows_paid_at")';
      const message = `the rows of this order do not agree on ${what} (lines 3 and 5); none of them is imported${column === "paid_at" ? `; ${wayOut}` : ""}`;
      expect(await taken(...rows)).toMatchObject({
        inserted: 2,
        reasons: { order_rows_disagree: 2 },
        examples: [3, 5].map((line) => `${line} ${column}: ${message}`),
      });
      expect((await stored()).map(({ orderNo }) => orderNo)).toEqual(["B", "C"]);
    },
  );

  test("what was known before says which of them is right; and rows of several days are not in conflict, whichever comes first", async () => {
    await taken("A,M1,S1,100.00,pending,,,,");
    const other = "A,M1,S1,99,pending,,,,";
    expect(
      await taken(paid, other, "A,M1,S1,100,closed,2026-02-01 10:00,5,,", "A,M1,S1,100,pending,,,,"),
    ).toMatchObject({ updated: 2, duplicate: 1, reasons: { conflict_amount: 1 } });
    expect(await stored()).toMatchObject([{ status: "closed", refunded: 500, feed: 1 }]);
  });

  test("of products two rows may not disagree either: the order is rejected whole", async () => {
    const rows = ["x1", "x2", ""].map((sku) => `A,M1,S1,1,paid,2026-02-01,,,${sku}`);
    expect(await taken(...rows)).toMatchObject({ inserted: 0, reasons: { order_rows_disagree: 3 } });
  });
});

describe("members and merchants", () => {
  test.each([
    [
      "A,M9,S1,1,paid,2026-02-01,,,",
      "unknown_member",
      "member_no: no member has this number; register or import the member first",
    ],
    [
      "A,M1,S9,1,paid,2026-02-01,,,",
      "unknown_merchant",
      "merchant_code: no merchant has this code; import the merchant first",
    ],
    [
      "A,M1,SP,1,paid,2026-02-01,,,",
      "merchant_pending",
      "merchant_code: the merchant is not approved yet (`accrue merchant approve`)",
    ],
    [
      "A,M1,SX,1,paid,2026-02-10,,,",
      "merchant_suspended",
      "merchant_code: the merchant has been suspended since 2026-02-10 00:00:00, and the order is dated after that",
    ],
  ])("%s: %s", async (row, code, message) => {
    expect(await taken(row)).toMatchObject({ rejected: 1, reasons: { [code]: 1 }, examples: [`2 ${message}`] });
    expect(await stored()).toEqual([]);
  });

  test("a suspended merchant's earlier orders are taken, and those move on; what is paid after the suspension is not", async () => {
    expect(await taken("A,M1,SX,1,paid,2026-02-09 23:59:59,,,", "B,M1,SX,1,pending,,,,")).toMatchObject({
      inserted: 2,
    });
    expect(await taken("A,M1,SX,1,paid,2026-02-09 23:59:59,1,,", "B,M1,SX,1,paid,2026-02-11,,,")).toMatchObject({
      updated: 1,
      rejected: 1,
      reasons: { merchant_suspended: 1 },
    });
    expect((await stored()).map(({ status }) => status)).toEqual(["paid", "pending"]);
  });
});

describe("orders that are paid in the future", () => {
  const message =
    "paid_at: the time of payment is more than a day ahead of this machine's clock: a slip in the date, or the clock is wrong";

  test("are rejects: nobody would be granted anything before that date, and what is known as paid cannot be put right", async () => {
    expect(await taken("A,M1,S1,1,paid,2062-03-02,,,", "B,M1,S1,1,closed,2026-03-03 12:00:01,,,")).toMatchObject({
      rejected: 2,
      reasons: { paid_in_future: 2 },
      examples: [`2 ${message}`, `3 ${message}`],
    });
    expect(await stored()).toEqual([]);
  });

  test("a till's clock may be a day ahead", async () => {
    expect(await taken("A,M1,S1,1,paid,2026-03-03 12:00:00,,,")).toMatchObject({ inserted: 1 });
  });

  test("a pending order stays as it is", async () => {
    expect(await taken("A,M1,S1,1,pending,,,,", "A,M1,S1,1,paid,2026-12-02,,,")).toMatchObject({
      inserted: 1,
      rejected: 1,
      reasons: { paid_in_future: 1 },
    });
    expect(await stored()).toMatchObject([{ status: "pending", feed: 0 }]);
  });

  test("one that was imported before is known as ever", async () => {
    await taken("A,M1,S1,1,paid,2026-03-03,,,");
    await tamper(
      database,
      (tx) =>
        tx`UPDATE orders SET paid_at = '2062-03-02 00:00+08', business_date = '2062-03-02' WHERE order_no = ${`T${prefix}-A`}`,
    );
    expect(await taken("A,M1,S1,1,paid,2062-03-02,0.5,,")).toMatchObject({ updated: 1 });
  });
});

describe("cells that cannot be read", () => {
  test.each([
    [",M1,S1,1,,,,,", "order_no_empty", "order_no: the cell is empty"],
    [
      "1.23E+17,M1,S1,1,,,,,",
      "order_no_scientific_notation",
      'order_no: "1.23E+17" is a number in scientific notation, so digits of the id are lost; format the column as text and export it again',
    ],
    [`${"9".repeat(65)},M1,S1,1,,,,,`, "order_no_too_long", "has 65 characters; at most 64 are taken"],
    ["a\u200bb,M1,S1,1,,,,,", "order_no_control_character", "contains the invisible character U+200B at position 2"],
    ["A,,S1,1,,,,,", "member_no_empty", "member_no: the cell is empty"],
    ["A,M1, ,1,,,,,", "merchant_code_empty", "merchant_code: the cell is empty"],
    ["A,M1,S1,,,,,,", "amount_empty", "amount: the cell is empty"],
    ["A,M1,S1,ten,,,,,", "amount_not_an_amount", 'amount: "ten" is not an amount of yuan such as 1234.50'],
    [
      "A,M1,S1,1.005,,,,,",
      "amount_too_many_decimals",
      'amount: "1.005" is finer than one fen; write at most two decimals',
    ],
    ["A,M1,S1,-1,,,,,", "amount_negative", 'amount: "-1" is negative; an amount is zero or more'],
    ["A,M1,S1,100000000.01,,,,,", "amount_too_large", "is more than the largest amount taken, 100 million yuan"],
    ["A,M1,S1,1,paid,2026-02-01,x,,", "refunded_amount_not_an_amount", 'refunded_amount: "x" is not an amount of yuan'],
    [
      "A,M1,S1,1,paid,yesterday,,,",
      "paid_at_not_a_time",
      'paid_at: "yesterday" is not a date or time such as 2026-01-02 03:04:05',
    ],
    ["A,M1,S1,1,paid,2026-02-30,,,", "paid_at_impossible_date", "is a day that the calendar does not have"],
    ["A,M1,S1,1,paid,01/02/2026,,,", "paid_at_ambiguous_date", "could put the month first or the day first"],
    ["A,M1,S1,1,paid,1999-12-31,,,", "paid_at_year_out_of_range", "lies outside the years 2000 to 2100"],
    [
      "A,M1,S1,1,shipped,,,,",
      "unknown_status",
      'status: "shipped" is no status of an order; known: pending, 待付款, paid, 已付款, closed, 已关闭',
    ],
    ["A,M1,S1,1,constructor,,,,", "unknown_status", 'status: "constructor" is no status of an order'],
    ["A,M1,S1,1,,,,1.5E+9,", "source_scientific_notation", "source: "],
    ["A,M1,S1,1,,,,,1.5E+9", "skus_scientific_notation", "skus: "],
    [
      "A,M1,S1,1,paid,,,,",
      "paid_at_missing",
      "paid_at: a paid order needs the time of its payment: write it into paid_at; no other cell of this row is a time",
    ],
    [
      "A,M1,S1,1,pending,2026-02-01,,,",
      "pending_with_payment",
      "paid_at: a pending order cannot have a time of payment",
    ],
    [
      "A,M1,S1,1,pending,,0.01,,",
      "pending_with_refund",
      "refunded_amount: an order that is not paid cannot have a refund",
    ],
    [
      "A,M1,S1,1,paid,2026-02-01,1.01,,",
      "refund_exceeds_amount",
      "refunded_amount: the refund is larger than the order's amount",
    ],
    ["A,M1,S1,1", "too_few_cells", "the row has 4 cells, the header 9"],
    ["A,M1,S1,1,000.00,paid,2026-02-01,,,", "too_many_cells", "put quotes around a cell that contains a comma"],
    ['"A,M1,S1,1,,,,,', "malformed_quote", "a quoted cell is not closed"],
  ])("%s: %s", async (row, code, message) => {
    const { reasons, examples, rejected } = await take(database, [row]);
    expect({ reasons, rejected }).toEqual({ reasons: { [code]: 1 }, rejected: 1 });
    expect(examples[0]).toContain(message);
  });

  test("a NUL character, a cell longer than any can be, and a record without end", async () => {
    expect(await taken("A,M1,S1,1,,,,,x\u0000y")).toMatchObject({ rejected: 1, reasons: { nul_character: 1 } });
    expect(await taken(`A,M1,S1,1,,,,,${"x".repeat(70_000)}`)).toMatchObject({
      rejected: 1,
      reasons: { cell_too_long: 1 },
    });
    expect(await taken(`A,M1,S1,1,,,,,${"x".repeat(3_000_000)}`, "B,M1,S1,1,,,,,")).toMatchObject({
      inserted: 1,
      rejected: 1,
      reasons: { record_too_long: 1 },
    });
  });
});

describe("odd but right", () => {
  test("ids and amounts in their wrappings, quoted, full-width, in columns of any order and with Chinese names", async () => {
    const header = "金额,订单号,备注,商家编号,会员号,支付时间,商品编号";
    const rows = [
      `"￥1,234.50","=""T${prefix}-A""",x,S1,\`M1,2026-02-01 10:00:00,`,
      `28.16元,'T${prefix}-B\t,"a,b",Ｓ１,M1,20260201100000,x；y`,
    ];
    expect(await take(database, rows, header)).toMatchObject({ inserted: 2, rejected: 0 });
    expect(await stored()).toMatchObject([
      { orderNo: "A", amount: 123_450 },
      { orderNo: "B", amount: 2_816, skus: ["x", "y"], paidAt: "02-01 10:00" },
    ]);
  });

  test("products with characters that mean something to an array", async () => {
    await taken(String.raw`A,M1,S1,1,,,,,"a""b;{c},d;e\f;NULL"`);
    expect(await stored()).toMatchObject([{ skus: ['a"b', "{c},d", String.raw`e\f`, "NULL"] }]);
  });

  test("an empty file has no rows; amounts may be zero and 100 million yuan", async () => {
    expect(await take(database, [])).toMatchObject({ read: 0, inserted: 0 });
    expect(await taken("A,M1,S1,0,paid,2026-02-01,0,,", "B,M1,S1,100000000,paid,2026-02-01,100000000,,")).toMatchObject(
      { inserted: 2 },
    );
  });
});

describe("business dates", () => {
  const dates = (on: TestDatabase) =>
    on.db.sql`SELECT order_no, business_date FROM orders WHERE starts_with(order_no, 'Z') ORDER BY 1`;
  const dateOf = async (on: TestDatabase) => (await dates(on)).map(({ businessDate }) => businessDate as string);

  test("a day ends at midnight in Shanghai, 29 February is a day, and the first and last instants have one", async () => {
    const times = [
      "2026-02-01 23:59:59",
      "2026-02-02 00:00:00",
      "2026-02-01T15:59:59.999999Z",
      "2026-02-01T16:00:00Z",
      "2024-02-29",
      "2000-01-01 00:00:00+14:00",
      "2100-12-31 23:59:59-12:00",
    ];
    await take(
      longAfter(database),
      times.map((time, at) => `Z${at},M1,S1,1,paid,${time},,,`),
    );
    expect(await dateOf(database)).toEqual([
      "2026-02-01",
      "2026-02-02",
      "2026-02-01",
      "2026-02-02",
      "2024-02-29",
      "1999-12-31",
      "2101-01-01",
    ]);
  });

  test("in a zone with summer time the night that has an hour less, or one twice, belongs to its day", async () => {
    const other = await cloneOf();
    await tamper(other, (tx) => tx`UPDATE platform SET time_zone = 'Europe/Berlin'`);
    await peopleIn(other);
    const zoned = { ...other, context: () => ({ ...longAfter(other).context(), zone: "Europe/Berlin" }) };
    const times = [
      "2026-03-28T22:59:59Z",
      "2026-03-28T23:00:00Z",
      "2026-03-29T21:59:59Z",
      "2026-03-29T22:00:00Z",
      "2026-10-25 02:30:00",
      "2026-10-25T22:59:59Z",
      "2026-10-25T23:00:00Z",
      "2026-03-29 02:30:00",
    ];
    await take(
      zoned,
      times.map((time, at) => `Z${at},M1,S1,1,paid,${time},,,`),
    );
    expect(await dateOf(other)).toEqual([
      "2026-03-28",
      "2026-03-29",
      "2026-03-29",
      "2026-03-30",
      "2026-10-25",
      "2026-10-25",
      "2026-10-26",
      "2026-03-29",
    ]);
    await other.drop();
  });
});
