import { explainProducts, importProducts } from "../../../domain/products/import.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [["accrue product import products.csv", "take in a file; rejected rows go to products.rejects.csv"]],
  columnsText: "merchant_code 商家编号, sku 商品编号, name 商品名称, price 价格 (yuan)",
  run: importProducts,
  explain: explainProducts,
});
