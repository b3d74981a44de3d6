import { readId, readRate, readText } from "../../csv/cells.ts";
import { isBlank } from "../../csv/clean.ts";
import type { ColumnSpec } from "../../csv/table-format.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { cellRefusal, type CellOf, type RowRefusal, type StagedRow } from "../../imports/kind.ts";
import { merchantCodeProblem } from "./model.ts";

export type MerchantColumn = "merchant_code" | "name" | "contact" | "contribution_rate";

/** The native columns of a merchant file and their Chinese names. */
export const merchantColumns: readonly ColumnSpec<MerchantColumn>[] = [
  { key: "merchant_code", names: ["merchant_code", "商家编号"], required: true },
  { key: "name", names: ["name", "商家名称"], required: true },
  { key: "contact", names: ["contact", "联系方式"], required: false },
  { key: "contribution_rate", names: ["contribution_rate", "让利比例"], required: false },
];

/** Columns of the staging table, in the order in which `readMerchantRow` gives their values. */
export const stagedMerchantColumns = ["merchant_code", "name", "contact", "contribution_bps"] as const;

/** Reads one row of a merchant file into what is staged of it, or says why it cannot be. A blank cell says nothing. */
export function readMerchantRow(cell: CellOf<MerchantColumn>): StagedRow | RowRefusal<MerchantColumn> {
  const merchantCode = readId(cell("merchant_code"));
  if (merchantCode instanceof CellProblem) return cellRefusal("merchant_code", merchantCode);
  const problem = merchantCodeProblem(merchantCode);
  if (problem !== undefined) {
    return { column: "merchant_code", problem: { code: "not_a_merchant_code", message: `${showCell(merchantCode)}: ${problem}` } };
  }
  const name = isBlank(cell("name")) ? null : readText(cell("name"));
  if (name instanceof CellProblem) return cellRefusal("name", name);
  const contact = isBlank(cell("contact")) ? null : readText(cell("contact"));
  if (contact instanceof CellProblem) return cellRefusal("contact", contact);
  const contributionBps = isBlank(cell("contribution_rate")) ? null : readRate(cell("contribution_rate"));
  if (contributionBps instanceof CellProblem) return cellRefusal("contribution_rate", contributionBps);
  return { key: merchantCode, values: [merchantCode, name, contact, contributionBps] };
}
