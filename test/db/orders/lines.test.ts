import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { verify } from "../../../src/verification/verify.ts";
import { dumpDatabase, testDatabase } from "../../support/database.ts";
import { buyersIn, partsColumns, partsHeader, partsProfile, takeBy } from "./parts.ts";
import { orderFile, peopleIn, rejectsOf, settle } from "./scene.ts";
import { importOrders } from "../../support/imports.ts";

const database = await testDatabase();
await peopleIn(database);
await buyersIn(database);
const sum = partsProfile("sum");
const same = partsProfile("same");
const first = partsProfile("first");
const taken = (profile: string, ...rows: string[]) => takeBy(database, profile, partsHeader, rows);

const orderOf = async (orderNo: string) => {
  const [row] = await database.db.sql`
    SELECT m.member_no, o.status, o.amount_fen::integer AS amount, o.refunded_fen::integer AS refunded, o.skus,
           (SELECT net_fen::integer FROM order_changes c WHERE c.order_id = o.order_id ORDER BY import_id DESC LIMIT 1) AS net
    FROM orders o JOIN members m USING (member_id) WHERE o.order_no = ${orderNo}`;
  return row === undefined ? undefined : { ...row };
};

const day = "2026-02-01 10:00:00";

describe("parts that add up", () => {
  test("one order, wherever its rows stand", async () => {
    expect(
      await taken(
        sum,
        `A1,b1,S1,10.10,paid,${day},,x2`,
        `A2,b2,S1,5,paid,${day},,`,
        `A1,b1,S1,0.05,paid,${day},,x1`,
        `A1,b1,S1,0.05,paid,${day},,x1`,
      ),
    ).toMatchObject({ read: 4, inserted: 4, rejected: 0, orders: 2 });
    expect(await orderOf("A1")).toEqual({
      memberNo: "M1",
      status: "paid",
      amount: 1020,
      refunded: 0,
      skus: ["x1", "x2"],
      net: 1020,
    });
    expect(await taken(sum, `A1,b1,S1,0.05,paid,${day},,x1`, `A1,b1,S1,10.15,paid,${day},,x2`)).toMatchObject({
      duplicate: 2,
      updated: 0,
    });
  });

  test("rows with times of their own: the profile says which of them counts, else none of the rows is taken", async () => {
    const rowsOf = (no: string) => [
      `${no},b1,S1,1,paid,2026-02-03 10:00:00,,`,
      `${no},b1,S1,2,paid,2026-02-01 10:00:00,,`,
      `${no},b1,S1,4,paid,2026-02-02 10:00:00,,`,
    ];
    const paidAt = async (no: string) =>
      (
        await database.db.sql<{ at: string }[]>`
        SELECT to_char(paid_at AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24') AS at FROM orders WHERE order_no = ${no}`
      )[0]?.at;
    const refused = await taken(sum, ...rowsOf("T1"));
    expect(refused).toMatchObject({ inserted: 0, reasons: { order_rows_disagree: 3 } });
    expect(refused.messages).toContain(
      "2 paid: the rows of this order do not agree on the time of payment (lines 2 and 3); none of them is imported; " +
        'where several rows make an order, a profile says which time counts ("rows_paid_at")',
    );
    expect(await taken(partsProfile("sum", { rows_paid_at: "earliest" }), ...rowsOf("T2"))).toMatchObject({
      inserted: 3,
    });
    expect(await taken(partsProfile("sum", { rows_paid_at: "latest" }), ...rowsOf("T3"))).toMatchObject({
      inserted: 3,
    });
    expect([await paidAt("T1"), await paidAt("T2"), await paidAt("T3")]).toEqual([undefined, "02-01 10", "02-03 10"]);
    expect(await orderOf("T2")).toMatchObject({ amount: 700 });
    await expect(
      taken(partsProfile("sum", { rows_per_order: "one", rows_paid_at: "latest" }), ...rowsOf("T4")),
    ).rejects.toMatchObject({
      code: "profile_invalid",
      message: expect.stringContaining("rows_paid_at says nothing where each order has one row") as string,
    });
  });

  test("a buyer and a merchant that some of the rows leave blank are those that others name", async () => {
    const rows = [`A3,,S1,1,paid,${day},,`, `A3,b3,,2,paid,${day},,`];
    expect(await taken(sum, ...rows, `A4,,S1,1,paid,${day},,`)).toMatchObject({
      inserted: 2,
      reasons: { member_no_empty: 1 },
    });
    expect(await orderOf("A3")).toMatchObject({ memberNo: "M3", amount: 300 });
  });

  test("a part that is closed after the payment counts as refunded: the amount stays, until all is closed", async () => {
    await taken(sum, `B,b1,S1,10,paid,${day},,`, `B,b1,S1,20,paid,${day},1,`);
    expect(await orderOf("B")).toMatchObject({ status: "paid", amount: 3000, refunded: 100, net: 2900 });
    expect(await taken(sum, `B,b1,S1,10,closed,${day},,`, `B,b1,S1,20,paid,${day},1,`)).toMatchObject({ updated: 2 });
    expect(await orderOf("B")).toMatchObject({ status: "paid", amount: 3000, refunded: 1100, net: 1900 });
    expect(await taken(sum, `B,b1,S1,10,closed,${day},,`, `B,b1,S1,20,closed,${day},1,`)).toMatchObject({ updated: 2 });
    expect(await orderOf("B")).toMatchObject({ status: "closed", amount: 3000, refunded: 3000, net: 0 });
  });

  test("an order that was never paid has no refund when it is closed", async () => {
    await taken(sum, "C,b1,S1,10,pending,,,", "C,b1,S1,20,pending,,,");
    expect(await taken(sum, "C,b1,S1,10,closed,,,", "C,b1,S1,20,closed,,,")).toMatchObject({ updated: 2 });
    expect(await orderOf("C")).toMatchObject({ status: "closed", amount: 3000, refunded: 0, net: null });
  });

  test.each([
    [
      "buyers",
      [`D,b1,S1,10,paid,${day},,`, `D,b2,S1,20,paid,${day},,`],
      "buyer: the rows of this order do not agree on who bought it",
    ],
    [
      "merchants",
      [`D,b1,S1,10,paid,${day},,`, `D,b1,S2,20,paid,${day},,`],
      "code: the rows of this order do not agree on the merchant",
    ],
    [
      "times",
      [`D,b1,S1,10,paid,${day},,`, "D,b1,S1,20,paid,2026-02-02,,"],
      "paid: the rows of this order do not agree on the time of payment",
    ],
    [
      "states",
      [`D,b1,S1,10,paid,${day},,`, "D,b1,S1,20,pending,,,"],
      "state: the rows of this order do not agree on the status",
    ],
  ])("rows that name different %s are all rejected", async (_what, rows, message) => {
    expect(await taken(sum, ...rows)).toMatchObject({
      rejected: 2,
      reasons: { order_rows_disagree: 2 },
      messages: [2, 3].map(
        (line) => expect.stringContaining(`${line} ${message} (lines 2 and 3); none of them is imported`) as string,
      ),
    });
    expect(await orderOf("D")).toBeUndefined();
  });

  test("a part that comes twice by its number counts once; two of one number that differ are no order", async () => {
    const header = `${partsHeader},part`;
    const numbered = partsProfile("sum", { columns: { ...partsColumns, line_no: "part" } });
    expect(
      await takeBy(database, numbered, header, [
        `E,b1,S1,10,paid,${day},,,1`,
        `E,b1,S1,20,paid,${day},,,2`,
        `E,b1,S1,10,paid,${day},,,1`,
      ]),
    ).toMatchObject({ inserted: 3 });
    expect(await orderOf("E")).toMatchObject({ amount: 3000 });
    expect(
      await takeBy(database, numbered, header, [`E2,b1,S1,10,paid,${day},,,1`, `E2,b1,S1,20,paid,${day},,,1`]),
    ).toMatchObject({
      reasons: { order_rows_disagree: 2 },
      messages: expect.arrayContaining([
        "2 part: the rows of this order do not agree on a part of it that comes twice (lines 2 and 3); none of them is imported",
      ]) as string[],
    });
  });

  test("amounts finer than a fen are exact until they are summed", async () => {
    const byPrice = (rounding: "exact" | "half-up") =>
      partsProfile("sum", {
        rounding,
        columns: {
          source: { constant: "shop" },
          order_no: "no",
          member_no: "buyer",
          merchant_code: "code",
          quantity: "n",
          unit_price: "price",
          paid_at: "paid",
        },
      });
    const header = "no,buyer,code,n,price,paid";
    expect(
      await takeBy(database, byPrice("exact"), header, [
        `F1,b1,S1,3,0.125,${day}`,
        `F1,b1,S1,1,0.125,${day}`,
        `F2,b1,S1,1,0.125,${day}`,
      ]),
    ).toMatchObject({ inserted: 2, reasons: { amount_too_many_decimals: 1 } });
    expect(
      await takeBy(database, byPrice("half-up"), header, [`F2,b1,S1,1,0.125,${day}`, `F3,b1,S1,1,0.124,${day}`]),
    ).toMatchObject({ inserted: 2 });
    expect(
      [await orderOf("F1"), await orderOf("F2"), await orderOf("F3")].map(
        (order) => (order as { amount: number }).amount,
      ),
    ).toEqual([50, 13, 12]);
  });
});

describe("parts that repeat the amount", () => {
  test("are one order; those that differ are none", async () => {
    expect(
      await taken(
        same,
        `G,b1,S1,30,paid,${day},,x1`,
        `G,b1,S1,30,paid,${day},,x2`,
        `G2,b1,S1,30,paid,${day},,`,
        `G2,b1,S1,31,paid,${day},,`,
      ),
    ).toMatchObject({
      inserted: 2,
      reasons: { order_rows_disagree: 2 },
      messages: expect.arrayContaining([
        "4 pay: the rows of this order do not agree on the amount (lines 4 and 5); none of them is imported",
      ]) as string[],
    });
    expect(await orderOf("G")).toMatchObject({ amount: 3000, skus: ["x1", "x2"] });
  });

  test("or leave it to the first row; without that row there is no order", async () => {
    expect(await taken(first, "H,,,,,,,x2", `H,b1,S1,30,paid,${day},5,x1`, "H2,,,,,,,x1")).toMatchObject({
      inserted: 2,
      rejected: 1,
      reasons: { member_no_empty: 1 },
    });
    expect(await orderOf("H")).toMatchObject({ memberNo: "M1", amount: 3000, refunded: 500, skus: ["x1", "x2"] });
  });
});

describe("an order that its first row says whole", () => {
  const order = { memberNo: "M1", status: "paid", amount: 3000, refunded: 500, skus: ["x1", "x2"], net: 2500 };

  test.each([
    ["leave it blank", "O1,,,,,,,x2"],
    ["repeat it", `O1,b1,S1,30.00,paid,${day},5,x2`],
    ["repeat some of it", "O1,b1,,30,,,,x2"],
    ["have a merchant of their own beside nothing else", "O1,b1,S2,,,,,x2"],
    ["leave out its number, too", ",,,,,,,x2"],
    ["leave out its number, and repeat it", `,b1,S1,30,paid,${day},,x2`],
  ])("further rows may %s", async (how, row) => {
    const no = `O${how.length}`;
    const rows = [`O1,b1,S1,30,paid,${day},5,x1`, row].map((text) => text.replace("O1", no));
    expect(await taken(first, ...rows)).toMatchObject({ inserted: 2, rejected: 0, orders: 1 });
    expect(await orderOf(no)).toEqual(order);
    if (row.startsWith("O1")) expect(await taken(first, ...rows.toReversed())).toMatchObject({ duplicate: 2 });
  });

  test.each([
    ["amount", `P,b1,S1,31,paid,${day},,`, "pay: the rows of this order do not agree on the amount"],
    ["buyer", "P,b2,,,,,,x2", "buyer: the rows of this order do not agree on who bought it"],
    ["state", "P,,,,closed,,,x2", "state: the rows of this order do not agree on the status"],
  ])("is none where a further row says another %s", async (_what, row, message) => {
    expect(await taken(first, `P,b1,S1,30,paid,${day},,x1`, row)).toMatchObject({
      reasons: { order_rows_disagree: 2 },
      messages: [2, 3].map((line) => `${line} ${message} (lines 2 and 3); none of them is imported`),
    });
  });

  test("is none where no row says when it was paid", async () => {
    expect(await taken(first, "P,b1,S1,30,paid,,,x1", "P,,,,,,,x2")).toMatchObject({ reasons: { paid_at_missing: 2 } });
  });
});

describe("a row without an order number", () => {
  test("belongs to the order above it, and is rejected with it; the rejects go in as they are", async () => {
    const rows = [`Q,b9,S1,30,paid,${day},,x1`, ",,,,,,,x2", `Q2,b1,S1,1,paid,${day},,`, ",,,,,,,x3"];
    const report = await taken(first, ...rows);
    expect(report).toMatchObject({ inserted: 2, reasons: { unknown_member_alias: 2 } });
    const rejects = readFileSync(rejectsOf(report.path), "utf8").replace("b9", "b2").trimEnd().split("\n");
    expect(await takeBy(database, first, rejects[0]!, rejects.slice(1))).toMatchObject({ inserted: 2 });
    expect(await orderOf("Q")).toMatchObject({ memberNo: "M2", skus: ["x1", "x2"] });
  });

  test("is a part of the order above where it names a product, and no total of it", async () => {
    const parts = [`R,b1,S1,10,paid,${day},,x1`, ",,,20,,,,x2"];
    expect(await taken(sum, ...parts, ",,,30,,,,")).toMatchObject({ inserted: 2, reasons: { order_no_empty: 1 } });
    expect(await orderOf("R")).toMatchObject({ amount: 3000, skus: ["x1", "x2"] });
  });

  test("is rejected where nothing is above it, or it says something else of the order", async () => {
    const rows = [",,,,,,,x1", `S,b1,S1,30,paid,${day},,`, ",b2,,,,,,x2", ",,,,,,,x\u200b3"];
    expect(await taken(first, ...rows)).toMatchObject({
      read: 4,
      reasons: { order_no_empty: 2, order_row_rejected: 1, skus_control_character: 1 },
    });
    expect(await orderOf("S")).toBeUndefined();
  });
});

describe("an order is taken whole or not at all", () => {
  const rows = [
    `J,b1,S1,10,paid,${day},,`,
    `K,b1,S1,7,paid,${day},,`,
    `J,b1,S1,1.234,paid,${day},,`,
    `J,b1,S1,20,paid,${day},"`,
    "J,b1",
    `L,b9,S1,1,paid,${day},,`,
    `L,b9,S1,2,paid,${day},,`,
  ];

  test("one bad row takes the others with it, and they come out in the order of the file with their raw cells", async () => {
    const report = await taken(sum, ...rows.filter((row) => !row.endsWith('"')));
    expect(report).toMatchObject({
      read: 6,
      inserted: 1,
      rejected: 5,
      reasons: { order_row_rejected: 1, unknown_member_alias: 2, too_few_cells: 1 },
    });
    const rejects = readFileSync(rejectsOf(report.path), "utf8").trimEnd().split("\n");
    expect(rejects.slice(1).map((row) => row.split(",").slice(0, 4).join(","))).toEqual(
      ["J,b1,S1,10", "J,b1,S1,1.234", "J,b1,?missing,?missing", "L,b9,S1,1", "L,b9,S1,2"].map(
        (start) => expect.stringContaining(start.split(",?")[0]!) as string,
      ),
    );
    expect(report.messages[0]).toBe(
      "2 no: the row of the same order in line 4 is rejected, and an order is taken whole or not at all",
    );
  });

  test("the mended rejects file brings the whole order", async () => {
    const report = await taken(sum, `N,b1,S1,10,paid,${day},,`, `N,b1,S1,x,paid,${day},,`);
    expect(report).toMatchObject({ inserted: 0, rejected: 2 });
    const mended = readFileSync(rejectsOf(report.path), "utf8")
      .trimEnd()
      .split("\n")
      .map((row) => row.replace(",x,", ",5,"));
    expect(await takeBy(database, sum, mended[0]!, mended.slice(1))).toMatchObject({ inserted: 2 });
    expect(await orderOf("N")).toMatchObject({ amount: 1500 });
  });
});

test("numbers that a spreadsheet has cut are no orders, of parts either: the file is read once more", async () => {
  const cut = [1, 2].map((no) => `40881023680200${no}000,b1,S1,1,paid,${day},,`);
  expect(await taken(sum, cut[0]!, `Y1,b1,S1,1,paid,${day},,`, cut[1]!)).toMatchObject({
    read: 3,
    inserted: 1,
    rejected: 2,
    reasons: { order_no_zeroed_tail: 2 },
  });
});

test("a file that is changed before the cells of its rejects are read once more is refused, and nothing of it is kept", async () => {
  const path = orderFile([`CH1,b1,S1,1,paid,${day},,`, `CH2,b9,S1,1,paid,${day},,`], partsHeader);
  const onProgress = ({ phase }: { readonly phase: string }) => {
    if (phase === "importing orders") writeFileSync(path, readFileSync(path, "utf8").replace("CH2", "CH3"));
  };
  await expect(
    importOrders(database.context({ onProgress }), { input: { path }, reading: { profile: sum } }),
  ).rejects.toMatchObject({ code: "file_changed" });
  expect(await orderOf("CH1")).toBeUndefined();
});

test("more orders than one stretch, and more rejects than one page", async () => {
  const rows = Array.from(
    { length: 52_000 },
    (_, at) => `Z${at % 26_000},b${1 + ((at % 26_000) % 4)},S1,1,paid,${day},,x${at}`,
  );
  const report = await taken(sum, ...rows);
  expect(report).toMatchObject({
    read: 52_000,
    inserted: 39_000,
    rejected: 13_000,
    orders: 26_000,
    reasons: { unknown_member_alias: 13_000 },
  });
  const rejects = readFileSync(rejectsOf(report.path), "utf8").trimEnd().split("\n").slice(1);
  expect(rejects.map((row) => row.split(",").slice(0, 10).join(","))).toEqual(
    rows.flatMap((row, at) => (row.includes(",b4,") ? [`${row},${at + 1},${at + 2}`] : [])),
  );
  expect(await taken(sum, ...rows)).toMatchObject({ duplicate: 39_000, rejected: 13_000 });
});

test("and every invariant holds", async () => {
  await settle(database);
  expect((await verify(database.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(await dumpDatabase(database.db, ["aliases"])).toContain("b1");
});
