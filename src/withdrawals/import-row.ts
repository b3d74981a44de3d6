import { readId } from "../csv/cells.ts";
import { cleanNumeric } from "../csv/clean.ts";
import type { ColumnSpec } from "../csv/header.ts";
import { CellProblem, showCell } from "../csv/problem.ts";
import { cellRefusal, type CellOf, type RowRefusal, type StagedRow } from "../imports/kind.ts";
import { pointsOf } from "./model.ts";

export type WithdrawalColumn = "request_no" | "member_no" | "points";

/** The native columns of a file of requests and their Chinese names. */
export const withdrawalColumns: readonly ColumnSpec<WithdrawalColumn>[] = [
  { key: "request_no", names: ["request_no", "申请号"], required: true },
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "points", names: ["points", "积分"], required: true },
];

/** Columns of the staging table, in the order in which `readWithdrawalRow` gives their values. */
export const stagedWithdrawalColumns = ["request_no", "member_no", "points"] as const;

/** Reads one row of a file of requests into what is staged of it, or says why it cannot be. */
export function readWithdrawalRow(cell: CellOf<WithdrawalColumn>): StagedRow | RowRefusal<WithdrawalColumn> {
  const requestNo = readId(cell("request_no"));
  if (requestNo instanceof CellProblem) return cellRefusal("request_no", requestNo);
  const memberNo = readId(cell("member_no"));
  if (memberNo instanceof CellProblem) return cellRefusal("member_no", memberNo);
  const points = readPointsCell(cell("points"));
  if (points instanceof CellProblem) return cellRefusal("points", points);
  return { key: requestNo, values: [requestNo, memberNo, points] };
}

function readPointsCell(cell: string): bigint | CellProblem {
  const text = cleanNumeric(cell);
  if (text === "") return new CellProblem("empty", "the cell is empty");
  return pointsOf(text) ?? new CellProblem("not_points", `${showCell(cell)} is no whole number of points such as 100`);
}
