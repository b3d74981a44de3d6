import { productKind } from "../../../domain/products/import.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [["accrue product import products.csv", "import a file; rejected rows go to products.rejects.csv"]],
  columns: productKind.columns,
  kind: () => productKind,
});
