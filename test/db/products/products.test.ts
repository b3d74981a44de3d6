import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { listProducts } from "../../../src/domain/products/list.ts";
import type { ProductKey } from "../../../src/domain/products/sql.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { testDatabase, testNow } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { transcript } from "../../support/transcript.ts";
import { importMerchants, importProducts } from "../../support/imports.ts";

const database = await testDatabase();
const directory = scratchDirectory();
let files = 0;

function fileOf(rows: readonly string[], head = "merchant_code,sku,name,price"): string {
  files += 1;
  const path = join(directory, `products-${files}.csv`);
  writeFileSync(path, `${[head, ...rows].join("\n")}\n`);
  return path;
}

async function take(rows: readonly string[]) {
  const report = await importProducts(database.context(), { input: { path: fileOf(rows) }, force: true });
  const { read, inserted, updated, duplicate, rejected } = report;
  return {
    read,
    inserted,
    updated,
    duplicate,
    rejected,
    reasons: Object.fromEntries(report.reasons),
    messages: report.examples.map(({ column, message }) => `${column}: ${message}`),
  };
}

await importMerchants(database.context(), {
  input: { path: fileOf(["S1,茶庄", "S2,书店", "S3,面馆"], "merchant_code,name") },
});

describe("importing products", () => {
  test("new, the same again, changed, and blank cells that say nothing", async () => {
    expect(await take(["S1,TEA,龙井,￥128.50", "S2,TEA,茶经,32"])).toMatchObject({ inserted: 2, rejected: 0 });
    expect(await take(["S1,TEA,龙井,128.5", "S1,TEA,,", "S2,TEA,茶经,32.00"])).toMatchObject({ duplicate: 3 });
    expect(await take(["S1,TEA,明前龙井,", "S2,TEA,,0"])).toMatchObject({ updated: 2 });
    const products = await database.db
      .sql`SELECT merchant_code, sku, p.name, price_fen FROM products p JOIN merchants USING (merchant_id) ORDER BY 1`;
    expect([...products]).toEqual([
      { merchantCode: "S1", sku: "TEA", name: "明前龙井", priceFen: 12850n },
      { merchantCode: "S2", sku: "TEA", name: "茶经", priceFen: 0n },
    ]);
  });

  test("the same product several times in one file is taken in the order of the lines", async () => {
    expect(await take(["S1,CUP,杯,10", "S1,CUP,杯,11", "S1,CUP,杯,11", "S2,CUP,杯,12"])).toMatchObject({
      inserted: 2,
      updated: 1,
      duplicate: 1,
    });
  });

  test.each([
    ["S9,A,名,1", "unknown_merchant", "merchant_code: no merchant has this code; import the merchant first"],
    ["S1,NEW,,1", "name_missing", "name: a new product needs a name"],
    ["S1,NEW,名,", "price_missing", "price: a new product needs a price"],
    ["S1,,名,1", "sku_empty", "sku: the cell is empty"],
    ["S1,NEW,名,1.234", "price_too_many_decimals", "price: "],
    ["S1,NEW,名,-1", "price_negative", "price: "],
    ["S1,NEW,名,100000001", "price_too_large", "price: "],
    [",NEW,名,1", "merchant_code_empty", "merchant_code: the cell is empty"],
  ])("%s is rejected as %s", async (row, code, message) => {
    const taken = await take([row]);
    expect(taken.reasons).toEqual({ [code]: 1 });
    expect(taken.messages[0]).toContain(message);
  });

  test("the command prints the report and exits 3 when rows were rejected", async () => {
    const { exitCode, stdout } = await accrueInProcess(
      ["product", "import", fileOf(["S9,A,名,1"], "商家编号,商品编号,商品名称,价格"), "--json"],
      { database },
    );
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "products",
      read: 1,
      inserted: 0,
      rejected: 1,
      reasons: { unknown_merchant: 1 },
    });
  });
});

test("lists by merchant and sku, a page at a time", async () => {
  await take(["S3,A,牛肉面,18", "S3,B,'阳春面,8.5", 'S3,"C,1",炸酱面,16']);
  expect(
    await transcript(
      [
        "accrue product list --merchant S3 --limit 2",
        "accrue product list --after S3,B --json",
        "accrue product list --name 阳春",
        "accrue product list --merchant S3 --limit 1 --json",
        "accrue product list --name 没有",
        "accrue product list --after S3",
        "accrue product list --merchant NOBODY",
        "accrue product list --limit many",
      ],
      { database, now: testNow },
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue product list --merchant S3 --limit 2
    merchant  sku  name    price
    S3        A    牛肉面  18.00
    S3        B    阳春面   8.50
    more: --after S3,B

    $ accrue product list --after S3,B --json
    {"merchant_code":"S3","sku":"C,1","name":"炸酱面","price":"16.00"}

    $ accrue product list --name 阳春
    merchant  sku  name    price
    S3        B    阳春面   8.50

    $ accrue product list --merchant S3 --limit 1 --json
    {"merchant_code":"S3","sku":"A","name":"牛肉面","price":"18.00"}
    ! {"note":"more: --after S3,A"}

    $ accrue product list --name 没有
    no products

    $ accrue product list --after S3
    ! error: --after S3 names no product
    ! hint: write it like S001,TEA-100: merchant code, comma, sku
    [exit 2]

    $ accrue product list --merchant NOBODY
    ! error: there is no merchant NOBODY
    ! hint: \`accrue merchant list\` shows merchant codes
    [exit 4]

    $ accrue product list --limit many
    ! error: --limit many: give a number from 1 to 10000
    [exit 2]
    "
  `);
});

test("pages of any size, put together, are the whole list", async () => {
  const all = (await listProducts(database.context(), {}, { limit: 10_000 })).rows;
  expect(all.length).toBeGreaterThan(5);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), async (limit) => {
      const pages = [];
      let after: ProductKey | undefined;
      do {
        const { rows, next } = await listProducts(database.context(), {}, { limit, after });
        pages.push(...rows);
        after = next;
      } while (after !== undefined);
      expect(pages).toEqual(all);
    }),
    { numRuns: 9 },
  );
});
