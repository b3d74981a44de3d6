import { expect, test } from "vitest";
import { inTransaction } from "../../src/db/database.ts";
import { selectOrders, type OrderFilter } from "../../src/domain/orders/list-sql.ts";
import { plainClient } from "../support/admin.ts";
import { testDatabase } from "../support/database.ts";
import { addOlderOrders } from "../benchmark/older-orders.ts";
import { populate } from "../benchmark/scene.ts";

const orders = 20_000;
const on = await testDatabase();
const sql = plainClient(on.superuserUrl);
await populate(sql, 5000, 500);
await addOlderOrders(sql, { orders, members: 5000, merchants: 500 });
await sql.end();

const firstPage = { limit: 20, after: undefined };

test.each<[string, OrderFilter]>([
  ["orders", {}],
  ["orders that have what most have", { status: "paid", minAmountFen: 200n }],
])("a page of %s reads the orders of that page, however many there are", async (_, filter) => {
  await inTransaction(on.db, async (tx) => {
    const page = await selectOrders({ sql: tx }, filter, firstPage);
    expect(page).toHaveLength(20);
    const [read] = await tx<{ rows: number }[]>`
      SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::integer AS rows FROM pg_stat_xact_user_tables
      WHERE relname ~ '^orders_[0-9]+$'`;
    expect(read!.rows).toBeGreaterThanOrEqual(20);
    expect(read!.rows).toBeLessThan(orders / 10);
  });
});

test("a page of what few orders have is found among all of them", async () => {
  const [{ merchantCode } = { merchantCode: "" }] = await on.db.sql<{ merchantCode: string }[]>`
    SELECT merchant_code FROM merchants ORDER BY merchant_id DESC LIMIT 1`;
  const wanted = await on.db.sql<{ orderNo: string }[]>`
    SELECT order_no FROM orders JOIN merchants USING (merchant_id) WHERE merchant_code = ${merchantCode} ORDER BY order_no`;
  const [first, rest] = [wanted.slice(0, 20), wanted.slice(20)];
  const page = await selectOrders(on.db, { merchantCode }, firstPage);
  expect(page.map(({ orderNo }) => orderNo)).toEqual(first.map(({ orderNo }) => orderNo));
  const after = await selectOrders(on.db, { merchantCode }, { limit: 1000, after: page.at(-1) });
  expect(after.map(({ orderNo }) => orderNo)).toEqual(rest.map(({ orderNo }) => orderNo));
});
