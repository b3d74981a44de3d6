import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { hasMerchant, selectProducts, type ListedProduct, type ProductFilter, type ProductKey } from "./sql.ts";

/**
 * Lists products by merchant and sku, a page at a time.
 *
 * @throws a refusal, `merchant_unknown`, when the filter names a merchant that does not exist: an empty list would hide
 * the typo
 */
export async function listProducts(
  context: Context,
  filter: ProductFilter,
  query: PageQuery<ProductKey>,
): Promise<Page<ListedProduct, ProductKey>> {
  return reading(async () => {
    const { sql } = context.db;
    const { merchantCode } = filter;
    if (merchantCode !== undefined && !(await hasMerchant(sql, merchantCode))) throw merchantUnknown(merchantCode);
    return pageOf(await selectProducts(sql, filter, oneMore(query)), query.limit, ({ merchantCode, sku }) => ({
      merchantCode,
      sku,
    }));
  });
}
