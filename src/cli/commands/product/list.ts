import { listProducts } from "../../../domain/products/list.ts";
import type { ListedProduct, ProductKey } from "../../../domain/products/sql.ts";
import { usageError } from "../../../shared/errors.ts";
import { id, yuan, type Thing } from "../../fields.ts";
import { defineList } from "../../list.ts";

const product: Thing<ListedProduct> = {
  fields: {
    merchant_code: id((one) => one.merchantCode, { heading: "merchant" }),
    sku: id((one) => one.sku),
    name: { of: (one) => one.name },
    price: yuan((one) => one.priceFen),
  },
};

/** A merchant code has no comma, so the first one ends it. */
function readKey(text: string): ProductKey {
  const comma = text.indexOf(",");
  if (comma > 0 && comma < text.length - 1) return { merchantCode: text.slice(0, comma), sku: text.slice(comma + 1) };
  throw usageError("invalid_after", `--after ${text} names no product`, {
    hint: "write it like S001,TEA-100: merchant code, comma, sku",
  });
}

export const command = defineList({
  examples: [
    ["accrue product list --merchant S001", "the products of one merchant"],
    ["accrue product list --name 茶 --json", "products with 茶 in their name, one JSON object a line"],
  ],
  thing: product,
  nothing: "no products",
  keyName: "product: merchant code, comma, sku",
  key: { read: readKey, write: ({ merchantCode, sku }) => `${merchantCode},${sku}` },
  configure: (command) =>
    command
      .option("--merchant <merchant-code>", "only products of this merchant")
      .option("--name <part>", "with this in their name"),
  get:
    ({ merchant: merchantCode, name }) =>
    (context, page) =>
      listProducts(context, { merchantCode, name }, page),
});
