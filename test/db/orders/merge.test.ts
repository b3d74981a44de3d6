import { afterAll, expect, test } from "vitest";
import { inTransaction, type Transaction } from "../../../src/db/database.ts";
import { tuneBulk } from "../../../src/db/planner.ts";
import { readProfile } from "../../../src/imports/read-profile.ts";
import { orderColumns } from "../../../src/domain/orders/columns.ts";
import { createStaging, rejectedRows } from "../../../src/domain/orders/import-sql.ts";
import { OrderMerge } from "../../../src/domain/orders/merge.ts";
import { native } from "../../../src/domain/orders/profiles/native.ts";
import { peopleIn } from "./scene.ts";
import { testDatabase } from "../../support/database.ts";

const on = await testDatabase();
await peopleIn(on);
afterAll(() => on.drop());

const profile = readProfile(native, { kind: "orders", columns: orderColumns }, "native");
const facts = { importId: 1n, profile, zone: "Asia/Shanghai", operator: "tester", now: new Date("2026-03-02T00:00:00Z") };

type Row = readonly [orderNo: string, memberNo: string, refundedFen?: number];
let record = 0;

async function stage(tx: Transaction, pass: number, rows: readonly Row[]): Promise<void> {
  for (const [orderNo, memberNo, refundedFen = 0] of rows) {
    record += 1;
    await tx`
      INSERT INTO staged_orders (record, line, pass, order_no, source, member_no, merchant_code, amount_fen, refunded_fen, status, paid_at)
      VALUES (${record}, ${record}, ${pass}, ${orderNo}, 'default', ${memberNo}, 'S1', 10000, ${refundedFen}, 'paid', '2026-02-01 10:00+08')`;
  }
}

test("new orders are put by and written many at once; a row that revises one that is put by finds it written", async () => {
  await inTransaction(on.db, async (tx) => {
    await createStaging(tx);
    const merge = new OrderMerge(false, 4);
    const written = async () => (await tx<{ orderNo: string; refundedFen: bigint }[]>`SELECT order_no, refunded_fen FROM orders ORDER BY order_no`).map(({ orderNo, refundedFen }) => `${orderNo} ${refundedFen}`);
    const fed = async () => (await tx<{ netFen: bigint }[]>`SELECT c.net_fen FROM order_changes c JOIN orders USING (member_id, order_id) ORDER BY order_no`).map(({ netFen }) => netFen);
    const pass = async (no: number, rows: readonly Row[]) => {
      await stage(tx, no, rows);
      const { outcomes, repeated } = await merge.mergePass(tx, no, facts, () => rejectedRows(tx));
      return { ...Object.fromEntries(outcomes), repeated };
    };

    expect(await pass(0, [["A", "M2"], ["B", "M1"], ["C", "M3"]])).toEqual({ new: 3, repeated: 0 });
    expect(await written()).toEqual([]);
    expect(await pass(1, [["A", "M2"], ["D", "M1"]])).toEqual({ new: 1, repeated: 1 });
    expect(await written()).toEqual(["A 0", "B 0", "C 0", "D 0"]);
    expect(await pass(2, [["A", "M2", 100], ["E", "M1"]])).toEqual({ new: 1, updated: 1, repeated: 0 });
    expect(await written()).toEqual(["A 100", "B 0", "C 0", "D 0"]);
    expect(await pass(3, [["E", "M1", 250], ["F", "M2"], ["D", "M3"]])).toEqual({ new: 1, updated: 1, conflict_member: 1, repeated: 0 });
    expect(await written()).toEqual(["A 100", "B 0", "C 0", "D 0", "E 250"]);
    await merge.finish(tx, facts);
    await merge.finish(tx, facts);
    expect(await written()).toEqual(["A 100", "B 0", "C 0", "D 0", "E 250", "F 0"]);
    expect(await fed()).toEqual([9900n, 10000n, 10000n, 10000n, 9750n, 10000n]);
  }, "rollback");
});

test("plans made while there were no orders at all do not outlive them: nothing is scanned for each row when many were written", async () => {
  await inTransaction(on.db, async (tx) => {
    await tuneBulk(tx);
    await createStaging(tx);
    await tx`ANALYZE orders`; // from now on known to be empty
    const [passes, rows] = [7, 1000];
    const merge = new OrderMerge(false, passes * rows);
    for (let pass = 0; pass < passes + 2; pass += 1) {
      await tx`
        INSERT INTO staged_orders (record, line, pass, order_no, source, member_no, merchant_code, amount_fen, refunded_fen, status, paid_at)
        SELECT g, g, ${pass}, ${`P${pass}-`} || g, 'default', 'M1', 'S1', 10000, 0, 'paid', '2026-02-01 10:00+08' FROM generate_series(1, ${rows}::integer) g`;
      const { outcomes } = await merge.mergePass(tx, pass, facts, () => rejectedRows(tx));
      expect(Object.fromEntries(outcomes)).toEqual({ new: rows });
      await tx`TRUNCATE staged_orders`;
    }
    const [scanned] = await tx<{ rows: bigint }[]>`SELECT seq_tup_read AS rows FROM pg_stat_xact_user_tables WHERE relname = 'orders_01'`;
    expect(Number(scanned!.rows)).toBeLessThan(passes * rows * 10);
  }, "rollback");
});
