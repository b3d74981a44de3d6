import { readAmountFen, readId, readSku, readText } from "../../csv/cells.ts";
import { isBlank } from "../../csv/clean.ts";
import type { ColumnSpec } from "../../csv/table-format.ts";
import { CellProblem } from "../../csv/problem.ts";
import { cellRefusal, type CellOf, type RowRefusal, type StagedRow } from "../../imports/kind.ts";

export type ProductColumn = "merchant_code" | "sku" | "name" | "price";

/** The native columns of a product file and their Chinese names. */
export const productColumns: readonly ColumnSpec<ProductColumn>[] = [
  { key: "merchant_code", names: ["merchant_code", "商家编号"], required: true },
  { key: "sku", names: ["sku", "商品编号"], required: true },
  { key: "name", names: ["name", "商品名称"], required: true },
  { key: "price", names: ["price", "价格"], required: true },
];

/** Columns of the staging table, in the order in which `readProductRow` gives their values. */
export const stagedProductColumns = ["merchant_code", "sku", "name", "price_fen"] as const;

/** Reads one row of a product file into what is staged of it, or says why it cannot be. A blank cell says nothing. */
export function readProductRow(cell: CellOf<ProductColumn>): StagedRow | RowRefusal<ProductColumn> {
  const merchantCode = readId(cell("merchant_code"));
  if (merchantCode instanceof CellProblem) return cellRefusal("merchant_code", merchantCode);
  const sku = readSku(cell("sku"));
  if (sku instanceof CellProblem) return cellRefusal("sku", sku);
  const name = isBlank(cell("name")) ? null : readText(cell("name"));
  if (name instanceof CellProblem) return cellRefusal("name", name);
  const priceFen = isBlank(cell("price")) ? null : readAmountFen(cell("price"));
  if (priceFen instanceof CellProblem) return cellRefusal("price", priceFen);
  return { key: `${merchantCode}\n${sku}`, values: [merchantCode, sku, name, priceFen] };
}
