import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { verify } from "../../../src/verification/verify.ts";
import { tamper } from "../../support/money/people.ts";
import { testDatabase } from "../../support/database.ts";
import { billHeader, billProfile, buyersIn, takeBy } from "./parts.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { writeScratch } from "../../support/files.ts";
import { orderFile, peopleIn, rejectsOf, settle, take } from "./scene.ts";

const database = await testDatabase();
await peopleIn(database);
await buyersIn(database);
const bill = billProfile();
const taken = (...rows: string[]) => takeBy(database, bill, billHeader, rows);

const paid = (no: string, yuan: string) => `SUCCESS,${no},b1,S1,${yuan},2026-02-01 10:00:00,,0`;
const refund = (no: string, refundNo: string, yuan: string) =>
  `REFUND,${no},b1,S1,,2026-02-03 10:00:00,${refundNo},${yuan}`;

const orderOf = async (orderNo: string) => {
  const [row] = await database.db.sql`
    SELECT o.refunded_fen::integer AS refunded, (SELECT count(*)::integer FROM order_refunds r WHERE r.order_id = o.order_id) AS refunds,
           (SELECT net_fen::integer FROM order_changes c WHERE c.order_id = o.order_id ORDER BY import_id DESC LIMIT 1) AS net
    FROM orders o WHERE o.order_no = ${orderNo}`;
  return row === undefined ? undefined : { ...row };
};

describe("refunds with rows of their own", () => {
  test("are found whatever the order of the rows, and add up", async () => {
    expect(await taken(refund("A", "r1", "30"), paid("A", "100"), refund("A", "r2", "20.50"))).toMatchObject({
      read: 3,
      inserted: 1,
      updated: 2,
      orders: 1,
    });
    expect(await orderOf("A")).toEqual({ refunded: 5050, refunds: 2, net: 4950 });
  });

  test("count once, whatever files and rows repeat them", async () => {
    await taken(paid("B", "100"), refund("B", "r1", "30"), refund("B", "r1", "30"));
    expect(await taken(refund("B", "r1", "30"), refund("B", "r2", "5"), refund("B", "r2", "5.00"))).toMatchObject({
      updated: 1,
      duplicate: 2,
    });
    expect(await taken(paid("B", "100"), refund("B", "r1", "30"), refund("B", "r2", "5"))).toMatchObject({
      duplicate: 3,
      updated: 0,
    });
    expect(await orderOf("B")).toEqual({ refunded: 3500, refunds: 2, net: 6500 });
  });

  test("in the bill of a later day feed the batch: what was granted too much comes back", async () => {
    await taken(paid("C", "100"));
    await settle(database);
    await taken(refund("C", "r1", "100"));
    await settle(database);
    const entries = await database.db.sql`
      SELECT kind, available_points::integer AS points FROM points_entries e JOIN orders o ON o.order_id = e.ref_id WHERE o.order_no = 'C' ORDER BY entry_no`;
    expect([...entries]).toEqual([
      { kind: "grant", points: 21 },
      { kind: "clawback", points: -21 },
    ]);
  });

  test("before their payment are rejected; the rejects file goes in as it is when that has come", async () => {
    const early = await taken(refund("D", "r1", "30"), paid("D2", "1"));
    expect(early).toMatchObject({ inserted: 1, reasons: { refund_without_order: 1 } });
    expect(early.messages[0]).toBe(
      "2 no: no order has this number: import the file with its payment first, then this rejects file as it is",
    );
    await taken(paid("D", "100"));
    const [header, ...rows] = readFileSync(rejectsOf(early.path), "utf8").trimEnd().split("\n");
    expect(await takeBy(database, bill, header!, rows)).toMatchObject({ updated: 1, rejected: 0 });
    expect(await orderOf("D")).toMatchObject({ refunded: 3000 });
  });

  test("of more than the order, together: nothing of it is left, whichever came first, and the report names the order", async () => {
    const splits = [
      ["E1", [["a", "b"]]],
      ["E2", [["a"], ["b"]]],
      ["E3", [["b"], ["a"]]],
    ] as const;
    for (const [no, files] of splits) {
      await taken(paid(no, "100"));
      for (const refunds of files) {
        const isLast = refunds === files.at(-1);
        const report = await taken(...refunds.map((name) => refund(no, name, name === "a" ? "30" : "80")));
        expect(report).toMatchObject({
          updated: refunds.length,
          rejected: 0,
          overRefunded: isLast ? { orders: 1, such_as: [no] } : undefined,
        });
      }
      expect(await orderOf(no)).toEqual({ refunded: 10_000, refunds: 2, net: 0 });
      expect(await taken(refund(no, "a", "30"))).toMatchObject({ duplicate: 1, overRefunded: undefined });
    }
  });

  test("that are larger than the order alone are refused, with or without others", async () => {
    await taken(paid("E4", "100"), refund("E4", "r1", "60"));
    expect(await taken(refund("E4", "r2", "100.01"), refund("E4", "r3", "10"))).toMatchObject({
      updated: 1,
      reasons: { refund_exceeds_amount: 1 },
      messages: ["2 back: the refund is larger than the order's amount"],
    });
    expect(await orderOf("E4")).toMatchObject({ refunded: 7_000 });
  });

  test("of an order that was closed without a payment wait for it, too", async () => {
    await take(database, ["E5,M1,S1,100,closed,,,pay,"]);
    expect(await taken(refund("E5", "r1", "10"))).toMatchObject({ reasons: { refund_of_unpaid: 1 } });
    expect(await taken(refund("E5", "r1", "10"), paid("E5", "100"))).toMatchObject({ updated: 2 });
    expect(await orderOf("E5")).toMatchObject({ refunded: 1000, net: null });
  });

  test("that are still under way are rejected alone: they count when they are made, and not when they fail", async () => {
    const slow = billProfile({
      refund_status: { names: ["how"], words: { DONE: "made", WAITING: "under_way", FAILED: "not_made" } },
    });
    const bill = (...rows: readonly string[]) => takeBy(database, slow, `${billHeader},how`, rows);
    const row = (how: string) => `${refund("E6", "r1", "10")},${how}`;
    expect(await bill(`${paid("E6", "100")},`, row("WAITING"))).toMatchObject({
      inserted: 1,
      rejected: 1,
      reasons: { refund_under_way: 1 },
      messages: [
        "3 how: the refund is not made yet, and may fail: when its end is known, write it here and import this rejects file",
      ],
    });
    expect(await bill(row("FAILED"))).toMatchObject({ read: 0, rejected: 0 });
    expect(await orderOf("E6")).toMatchObject({ refunded: 0 });
    expect(await bill(row("DONE"), row("WAITING"))).toMatchObject({ updated: 1, rejected: 1 });
    expect(await orderOf("E6")).toMatchObject({ refunded: 1000 });
  });

  test("of the same number and another amount are conflicts", async () => {
    await taken(paid("F", "100"), refund("F", "r1", "60"));
    expect(await taken(refund("F", "r1", "61"), refund("F", "r2", "1"), refund("F", "r2", "2"))).toMatchObject({
      rejected: 3,
      reasons: { conflict_refund_no: 3 },
      messages: [
        "2 refund: the refund is known with 60.00",
        ...[3, 4].map((line) => `${line} refund: rows of this file give this refund different amounts`),
      ],
    });
    await taken(paid("F2", "100"), refund("F2", "r1", "60"));
    expect(await orderOf("F2")).toMatchObject({ refunded: 6000 });
  });

  test("of an order that is not paid wait for its payment", async () => {
    await take(database, ["G,M1,S1,100,pending,,,pay,"]);
    expect(await taken(refund("G", "r1", "10"))).toMatchObject({ reasons: { refund_of_unpaid: 1 } });
    expect(await taken(refund("G", "r1", "10"), paid("G", "100"))).toMatchObject({ updated: 2 });
    expect(await orderOf("G")).toMatchObject({ refunded: 1000, net: 9000 });
  });

  test("leave a larger refund that a file stated, and a file may state more than they are", async () => {
    const stated = (no: string, yuan: string) => `${no},M1,S1,100,paid,2026-02-01 10:00:00,${yuan},pay,`;
    await take(database, [stated("H", "50")]);
    await taken(refund("H", "r1", "30"));
    expect(await orderOf("H")).toMatchObject({ refunded: 5000 });
    await taken(refund("H", "r2", "30"));
    expect(await orderOf("H")).toMatchObject({ refunded: 6000 });
    expect(await take(database, [stated("H", "70")])).toMatchObject({ updated: 1 });
    expect(await orderOf("H")).toMatchObject({ refunded: 7000 });
  });

  test("a refund row that cannot be read takes its order's other rows with it", async () => {
    expect(await taken(paid("J", "100"), refund("J", "r1", "x"), refund("J", "r2", "1"))).toMatchObject({
      rejected: 3,
      reasons: { order_row_rejected: 2, refunded_amount_not_an_amount: 1 },
    });
    expect(await orderOf("J")).toBeUndefined();
  });
});

test("the row of the payment may say what is refunded by then, beside refunds with rows of their own", async () => {
  expect(await taken("SUCCESS,K,b1,S1,100,2026-02-01 10:00:00,,20", refund("K", "r1", "5"))).toMatchObject({
    inserted: 1,
    updated: 1,
  });
  expect(await orderOf("K")).toEqual({ refunded: 2000, refunds: 1, net: 8000 });
  expect(await taken(paid("K", "100"))).toMatchObject({ duplicate: 1, rejected: 0 });
});

describe("a file of refunds alone", () => {
  const takenAs = (header: string, ...rows: string[]) =>
    takeBy(database, "refunds", header, rows, { reading: { profile: "refunds", constants: { source: "pay" } } });

  test("needs a number of an order that is known and an amount, and nothing else", async () => {
    await taken(paid("L1", "100"), paid("L2", "50"));
    expect(await takenAs("order_no,refunded_amount", "L1,30", "L2,5.5", "L9,1")).toMatchObject({
      read: 3,
      updated: 2,
      rejected: 1,
      orders: undefined,
      reasons: { refund_without_order: 1 },
    });
    expect([await orderOf("L1"), await orderOf("L2")]).toMatchObject([{ refunded: 3000 }, { refunded: 550 }]);
  });

  test("by headers of its own, on the command line and in a profile of two lines", async () => {
    await taken(paid("M1", "100"), paid("M2", "100"));
    const path = orderFile(["M1,a,10"], "原单,退款编号,退回");
    const run = (...words: string[]) => accrueInProcess(["order", "import", path, "--json", ...words], { database });
    const maps = ["order_no=原单", "refund_no=退款编号", "refunded_amount=退回"].flatMap((map) => ["--map", map]);
    const { stdout } = await run("--profile", "refunds", "--source", "pay", ...maps);
    expect(JSON.parse(stdout)).toMatchObject({ profile: "refunds", updated: 1, rejected: 0 });
    const own = writeScratch(
      "own.json",
      JSON.stringify({
        profile: "own",
        kind: "orders",
        columns: {
          source: { constant: "pay" },
          row_type: { constant: "refund" },
          order_no: "原单",
          refunded_amount: "退回",
        },
      }),
    );
    expect(await takeBy(database, own, "原单,退款编号,退回", ["M2,a,10"])).toMatchObject({ updated: 1 });
    expect(await orderOf("M2")).toMatchObject({ refunded: 1000 });
  });

  test("counts a refund once: by its number, else by its time and amount, else by its amount", async () => {
    await taken(paid("N1", "100"), paid("N2", "100"), paid("N3", "100"));
    const rows = [
      ["order_no,refund_no,refunded_amount", "N1,1,10", "N1,2,10", "N1,2,10"],
      ["order_no,refunded_at,refunded_amount", "N2,2026-02-03,10", "N2,2026-02-04,10", "N2,2026-02-04 0:00,10.00"],
      ["order_no,refunded_amount", "N3,10", "N3,20"],
    ] as const;
    for (const [header, ...some] of rows) {
      expect(await takenAs(header, ...some)).toMatchObject({ updated: 2, rejected: 0 });
      expect(await takenAs(header, ...some.toReversed())).toMatchObject({ updated: 0, duplicate: some.length });
    }
    const all = await Promise.all(["N1", "N2", "N3"].map(orderOf));
    expect(all).toMatchObject([{ refunded: 2000 }, { refunded: 2000 }, { refunded: 3000 }]);
  });

  test("takes none of two that nothing tells apart, and says what would", async () => {
    await taken(paid("P", "100"));
    expect(await takenAs("order_no,refunded_amount", "P,10", "P,10.00", "P,7")).toMatchObject({
      updated: 1,
      reasons: { refunds_alike: 2 },
      messages: [2, 3].map(
        (line) =>
          `${line} refunded_amount: lines 2 and 3 refund the same amount of this order, and nothing tells whether that is one refund or two; ` +
          "write a refund_no for each, or say which column tells them apart: --map refund_no=HEADER, --map refunded_at=HEADER",
      ),
    });
    expect(await orderOf("P")).toMatchObject({ refunded: 700 });
  });

  test("says which source has the order, where its own has not", async () => {
    expect(await takeBy(database, "refunds", "order_no,refunded_amount", ["L1,1"])).toMatchObject({
      messages: [
        "2 order_no: no order of this source has this number, but one of source pay has: give --source pay if that is meant",
      ],
    });
    const { exitCode, stderr } = await accrueInProcess(["order", "import", orderFile(["L1,1"]), "--source", " "], {
      database,
    });
    expect([exitCode, stderr]).toMatchObject([2, expect.stringContaining("--source") as string]);
  });
});

test("verify holds refunds against their rows", async () => {
  await settle(database);
  expect((await verify(database.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  await tamper(database, (sql) => sql`UPDATE orders SET refunded_fen = 5049 WHERE order_no = 'A'`);
  const check = (await verify(database.context())).checks.find(({ name }) => name === "refunds_add_up")!;
  expect(check).toMatchObject({
    ok: false,
    found: 1n,
    violations: [{ order_no: "A", source: "pay", refunded: "50.49", refunds: "50.50" }],
  });
});
