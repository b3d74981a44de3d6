import { listProducts } from "../../../domain/products/list.ts";
import type { ProductKey } from "../../../domain/products/sql.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";

export const command = defineCommand({
  examples: [
    ["accrue product list --merchant S001", "the products of one merchant"],
    ["accrue product list --name 茶 --json", "products with 茶 in their name, one JSON object a line"],
  ],
  configure: (command) =>
    addPageOptions(command, "product: merchant code, comma, sku", readKey)
      .option("--merchant <merchant-code>", "only products of this merchant")
      .option("--name <part>", "with this in their name"),
  run: async (session, _args, { merchant: merchantCode, name, after, limit = defaultLimit }) => {
    const context = await session.open();
    const { products, next } = await listProducts(context, { merchantCode, name }, { after, limit });
    const more = moreText(next !== undefined, next && `${next.merchantCode},${next.sku}`);
    const documents = products.map((one) => ({
      merchant_code: one.merchantCode, sku: one.sku, name: one.name, price: formatYuan(one.priceFen),
    }));
    await session.ui.list(documents, (page) => {
      if (products.length === 0) return void page.line("no products");
      page.table(
        [{ heading: "merchant", key: true }, { heading: "sku", key: true }, { heading: "name" }, { heading: "price", align: "right" }],
        products.map((one) => [one.merchantCode, one.sku, one.name, formatYuan(one.priceFen)]),
        more,
      );
    });
    if (session.ui.json && more !== undefined) session.ui.note(more);
  },
});

/** A merchant code has no comma, so the first one ends it. */
function readKey(text: string): ProductKey {
  const comma = text.indexOf(",");
  if (comma > 0 && comma < text.length - 1) return { merchantCode: text.slice(0, comma), sku: text.slice(comma + 1) };
  throw usageError("invalid_after", `--after ${text} names no product`, { hint: "write it like S001,TEA-100: merchant code, comma, sku" });
}
