import type { Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { PageQuery } from "../../shared/page.ts";

/** One product of a list. */
export type ListedProduct = Row<"merchants", "merchantCode"> & Row<"products", "sku" | "name" | "priceFen">;

/** What a list can be narrowed to. */
export interface ProductFilter {
  readonly merchantCode?: string | undefined;
  /** Part of the name, whatever the case. */
  readonly name?: string | undefined;
}

/** The key of a product: a merchant's code and that merchant's own product number. */
export type ProductKey = Row<"merchants", "merchantCode"> & Row<"products", "sku">;

/** One page of products, by merchant code and sku. */
export async function selectProducts(
  sql: Sql,
  filter: ProductFilter,
  page: PageQuery<ProductKey>,
): Promise<readonly ListedProduct[]> {
  const { after } = page;
  const { merchantCode, name } = filter;
  const wanted = where(sql, [
    after !== undefined && sql`(m.merchant_code, p.sku) > (${after.merchantCode}, ${after.sku})`,
    merchantCode !== undefined && sql`m.merchant_code = ${merchantCode}`,
    name !== undefined && sql`strpos(lower(p.name), lower(${name})) > 0`,
  ]);
  return sql<ListedProduct[]>`
    SELECT m.merchant_code, p.sku, p.name, p.price_fen
    FROM merchants m JOIN products p ON p.merchant_id = m.merchant_id
    WHERE ${wanted}
    ORDER BY m.merchant_code, p.sku LIMIT ${page.limit}`;
}

/** Whether a merchant has that code. */
export async function hasMerchant(sql: Sql, merchantCode: string): Promise<boolean> {
  const rows = await sql`SELECT 1 FROM merchants WHERE merchant_code = ${merchantCode}`;
  return rows.length === 1;
}
