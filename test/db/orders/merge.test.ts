import { expect, test } from "vitest";
import { inTransaction, type Transaction } from "../../../src/db/database.ts";
import { tuneBulk } from "../../../src/db/planner.ts";
import { RowsContradict } from "../../../src/imports/kind.ts";
import { readProfile } from "../../../src/imports/read-profile.ts";
import { orderColumns } from "../../../src/domain/orders/columns.ts";
import { OrderMerge } from "../../../src/domain/orders/merge.ts";
import { native } from "../../../src/domain/orders/profiles/native.ts";
import { peopleIn } from "./scene.ts";
import { testDatabase } from "../../support/database.ts";

const on = await testDatabase();
await peopleIn(on);

const profile = readProfile(native, { kind: "orders", columns: orderColumns }, "native");
const facts = {
  importId: 1n,
  profile,
  zone: "Asia/Shanghai",
  operator: "tester",
  host: "test",
  now: new Date("2026-03-02T00:00:00Z"),
};

type Row = readonly [orderNo: string, memberNo: string, refundedFen?: number];
let record = 0;

async function stage(tx: Transaction, rows: readonly Row[]): Promise<void> {
  for (const [orderNo, memberNo, refundedFen = 0] of rows) {
    record += 1;
    await tx`
      INSERT INTO staged_orders (record, line, order_no, source, member_no, merchant_code, amount_fen, refunded_fen, status, paid_at)
      VALUES (${record}, ${record}, ${orderNo}, 'default', ${memberNo}, 'S1', 10000, ${refundedFen}, 'paid', '2026-02-01 10:00+08')`;
  }
}

test("new orders are buffered and written many at once; a row that revises one that is buffered finds it written", async () => {
  await inTransaction(
    on.db,
    async (tx) => {
      const merge = await OrderMerge.begin(tx, facts, { createsMembers: false, mostBuffered: 4 });
      const written = async () =>
        (
          await tx<
            { orderNo: string; refundedFen: bigint }[]
          >`SELECT order_no, refunded_fen FROM orders ORDER BY order_no`
        ).map(({ orderNo, refundedFen }) => `${orderNo} ${refundedFen}`);
      const fed = async () =>
        (
          await tx<
            { netFen: bigint }[]
          >`SELECT c.net_fen FROM order_changes c JOIN orders USING (member_id, order_id) ORDER BY order_no`
        ).map(({ netFen }) => netFen);
      const take = async (rows: readonly Row[]) => {
        await stage(tx, rows);
        const { inserted, updated, duplicate, rejects } = await merge.merge();
        return { inserted, updated, duplicate, rejects: rejects.map(({ refusal }) => refusal!.code) };
      };

      expect(
        await take([
          ["A", "M2"],
          ["B", "M1"],
          ["C", "M3"],
        ]),
      ).toEqual({ inserted: 3, updated: 0, duplicate: 0, rejects: [] });
      expect(await written()).toEqual([]);
      expect(
        await take([
          ["A", "M2"],
          ["D", "M1"],
        ]),
      ).toEqual({ inserted: 1, updated: 0, duplicate: 1, rejects: [] });
      expect(await written()).toEqual(["A 0", "B 0", "C 0", "D 0"]);
      expect(
        await take([
          ["A", "M2", 100],
          ["E", "M1"],
        ]),
      ).toEqual({ inserted: 1, updated: 1, duplicate: 0, rejects: [] });
      expect(await written()).toEqual(["A 100", "B 0", "C 0", "D 0"]);
      expect(
        await take([
          ["E", "M1", 250],
          ["F", "M2"],
          ["Z", "M9"],
          ["B", "M1"],
        ]),
      ).toEqual({ inserted: 1, updated: 1, duplicate: 1, rejects: ["unknown_member"] });
      expect(
        await take([
          ["G", "M1"],
          ["H", "M2"],
        ]),
      ).toEqual({ inserted: 2, updated: 0, duplicate: 0, rejects: [] });
      expect(
        await take([
          ["G", "M1", 10],
          ["B", "M1", 20],
          ["H", "M2", 30],
        ]),
      ).toEqual({ inserted: 0, updated: 3, duplicate: 0, rejects: [] });
      expect(await written()).toEqual(["A 100", "B 20", "C 0", "D 0", "E 250", "F 0", "G 10", "H 30"]);
      await expect(take([["D", "M3"]])).rejects.toBeInstanceOf(RowsContradict);
      await merge.finish();
      await merge.finish();
      expect(await fed()).toEqual([9900n, 9980n, 10000n, 10000n, 9750n, 10000n, 9990n, 9970n]);
    },
    "rollback",
  );
});

test("plans made while there were no orders at all do not outlive them: nothing is scanned for each row when many were written", async () => {
  await inTransaction(
    on.db,
    async (tx) => {
      await tuneBulk(tx);
      const [chunks, rows] = [7, 1000];
      const merge = await OrderMerge.begin(tx, facts, { createsMembers: false, mostBuffered: chunks * rows });
      await tx`ANALYZE orders`; // from now on known to be empty
      for (let chunk = 0; chunk < chunks + 2; chunk += 1) {
        await tx`
        INSERT INTO staged_orders (record, line, order_no, source, member_no, merchant_code, amount_fen, refunded_fen, status, paid_at)
        SELECT g, g, ${`P${chunk}-`} || g, 'default', 'M1', 'S1', 10000, 0, 'paid', '2026-02-01 10:00+08' FROM generate_series(1, ${rows}::integer) g`;
        expect(await merge.merge()).toMatchObject({ inserted: rows, rejects: [] });
      }
      const [scanned] = await tx<
        { rows: bigint }[]
      >`SELECT seq_tup_read AS rows FROM pg_stat_xact_user_tables WHERE relname = 'orders_01'`;
      expect(Number(scanned!.rows)).toBeLessThan(chunks * rows * 10);
    },
    "rollback",
  );
});

test("members are registered in one temporary table, however many chunks name new ones: a transaction that locked one more for each would run out of locks", async () => {
  await inTransaction(
    on.db,
    async (tx) => {
      const merge = await OrderMerge.begin(tx, facts, { createsMembers: true });
      const locks = async () =>
        (
          await tx<
            { locks: number }[]
          >`SELECT count(*)::integer AS locks FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'`
        )[0]!.locks;
      const register = async (no: number) => {
        await stage(tx, [[`R${no}`, `New${no}`]]);
        expect(await merge.merge()).toMatchObject({ inserted: 1, membersCreated: 1 });
      };
      for (const no of [1, 2]) await register(no);
      const before = await locks();
      for (const no of [3, 4, 5]) await register(no);
      expect(await locks()).toBe(before);
    },
    "rollback",
  );
});
