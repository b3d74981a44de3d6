import { expect, test } from "vitest";
import { inTransaction } from "../../src/db/database.ts";
import { selectOrders } from "../../src/domain/orders/list-sql.ts";
import { plainClient } from "../support/admin.ts";
import { testDatabase } from "../support/database.ts";
import { addOlderOrders } from "../benchmark/older-orders.ts";
import { populate } from "../benchmark/scene.ts";

const orders = 20_000;
const on = await testDatabase();
const sql = plainClient(on.superuserUrl);
await populate(sql, 5000, 50);
await addOlderOrders(sql, { orders, members: 5000, merchants: 50 });
await sql.end();

test("a page of orders reads the orders of that page, however many there are", async () => {
  await inTransaction(on.db, async (tx) => {
    const page = await selectOrders({ sql: tx }, {}, { limit: 20, after: undefined });
    expect(page).toHaveLength(20);
    const [read] = await tx<{ rows: number }[]>`
      SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::integer AS rows FROM pg_stat_xact_user_tables
      WHERE relname ~ '^orders_[0-9]+$'`;
    expect(read!.rows).toBeGreaterThanOrEqual(20);
    expect(read!.rows).toBeLessThan(orders / 10);
  });
});
