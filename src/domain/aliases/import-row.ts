import { readId } from "../../csv/cells.ts";
import { isBlank } from "../../csv/clean.ts";
import type { ColumnSpec } from "../../csv/table-format.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { cellRefusal, type CellOf, type RowRefusal, type StagedRow } from "../../imports/kind.ts";
import { sourceProblem, type AliasHolder } from "./model.ts";

export type AliasColumn = "member_no" | "merchant_code" | "alias" | "source";

/** The key of the column that names the holder. */
export const holderColumn = { member: "member_no", merchant: "merchant_code" } as const satisfies Record<AliasHolder, AliasColumn>;

const holderNames = { member: ["member_no", "会员号"], merchant: ["merchant_code", "商家编号"] } as const;

/** The columns of a file of aliases. */
export const aliasColumns = (holder: AliasHolder): readonly ColumnSpec<AliasColumn>[] => [
  { key: holderColumn[holder], names: holderNames[holder], required: true },
  { key: "alias", names: ["alias", "别名"], required: true },
  { key: "source", names: ["source", "来源"], required: false },
];

/** Columns of the staging table, in the order in which a row gives their values. */
export const stagedAliasColumns = ["alias", "source", "holder_no"] as const;

/**
 * Reads one row of a file of aliases, or says why it cannot be.
 *
 * @param source what a row belongs to that names no source; without it such a row is refused
 */
export function readAliasRow(cell: CellOf<AliasColumn>, holder: AliasHolder, source: string | undefined): StagedRow | RowRefusal<AliasColumn> {
  const holderNo = readId(cell(holderColumn[holder]));
  if (holderNo instanceof CellProblem) return cellRefusal(holderColumn[holder], holderNo);
  const alias = readId(cell("alias"));
  if (alias instanceof CellProblem) return cellRefusal("alias", alias);
  const sourceCell = cell("source");
  const of = source !== undefined && isBlank(sourceCell) ? source : readId(sourceCell);
  if (of instanceof CellProblem) return cellRefusal("source", of);
  const problem = sourceProblem(of);
  if (problem !== undefined) return { column: "source", problem: { code: "not_a_source", message: `${showCell(of)}: ${problem}` } };
  return { key: `${alias}\n${of}`, values: [alias, of, holderNo] };
}
