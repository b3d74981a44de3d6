import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { hasMerchant, selectProducts, type ListedProduct, type ProductFilter, type ProductKey } from "./sql.ts";

/** A page of products; `next` is the key to continue after, when there is more. */
export interface ProductPage {
  readonly products: readonly ListedProduct[];
  readonly next?: ProductKey;
}

/**
 * Lists products by merchant and sku, a page at a time.
 *
 * @throws a refusal, `merchant_unknown`, when the filter names a merchant that does not exist: an empty list would hide the typo
 */
export async function listProducts(
  context: Context,
  filter: ProductFilter,
  page: { readonly after?: ProductKey | undefined; readonly limit: number },
): Promise<ProductPage> {
  return reading(async () => {
    const { sql } = context.db;
    const { merchantCode } = filter;
    if (merchantCode !== undefined && !(await hasMerchant(sql, merchantCode))) {
      throw merchantUnknown(merchantCode);
    }
    const rows = await selectProducts(sql, filter, { ...page, limit: page.limit + 1 });
    if (rows.length <= page.limit) return { products: rows };
    const products = rows.slice(0, page.limit);
    const { merchantCode: code, sku } = products.at(-1)!;
    return { products, next: { merchantCode: code, sku } };
  });
}
