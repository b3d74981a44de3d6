import { readPayee, type PayeeColumn } from "../accounts/import-row.ts";
import { sealedText } from "../accounts/in-transit.ts";
import type { SecretBox } from "../accounts/secret-box.ts";
import { readId } from "../../csv/cells.ts";
import { cleanNumeric, isBlank } from "../../csv/clean.ts";
import type { ColumnSpec } from "../../csv/table-format.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { cellRefusal, type CellOf, type RowRefusal, type StagedRow } from "../../imports/kind.ts";
import { pointsOf } from "./model.ts";

export type WithdrawalColumn = "request_no" | "member_no" | "points" | PayeeColumn;

/** The native columns of a file of requests and their Chinese names. */
export const withdrawalColumns: readonly ColumnSpec<WithdrawalColumn>[] = [
  { key: "request_no", names: ["request_no", "申请号"], required: true },
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "points", names: ["points", "积分"], required: true },
  { key: "channel", names: ["channel", "收款渠道"], required: false },
  { key: "account", names: ["account", "收款账号"], required: false },
  { key: "account_name", names: ["account_name", "收款户名"], required: false },
];

/** Columns of the staging table, in the order in which a row gives their values. */
export const stagedWithdrawalColumns = ["request_no", "member_no", "points", "account_digest", "holder_sealed"] as const;

/**
 * Makes what reads the rows of a file of requests. An account that a row names is staged as its digest, and its holder
 * sealed; where all three cells are blank, or not there, the request goes to the member's default account.
 *
 * @param boxOf gives what seals; asked only when a row names an account
 */
export const withdrawalRowReader = (boxOf: () => SecretBox) => (cell: CellOf<WithdrawalColumn>): StagedRow | RowRefusal<WithdrawalColumn> => {
  const requestNo = readId(cell("request_no"));
  if (requestNo instanceof CellProblem) return cellRefusal("request_no", requestNo);
  const memberNo = readId(cell("member_no"));
  if (memberNo instanceof CellProblem) return cellRefusal("member_no", memberNo);
  const points = readPointsCell(cell("points"));
  if (points instanceof CellProblem) return cellRefusal("points", points);
  if (payeeColumns.every((column) => isBlank(cell(column)))) return { key: requestNo, values: [requestNo, memberNo, points, null, null] };
  const payee = readPayee(cell);
  if ("problem" in payee) return payee;
  const digest = boxOf().digest(payee.channel, payee.number.number).toString("hex");
  return { key: requestNo, values: [requestNo, memberNo, points, digest, sealedText(boxOf(), payee.holder)] };
};

const payeeColumns: readonly PayeeColumn[] = ["channel", "account", "account_name"];

function readPointsCell(cell: string): bigint | CellProblem {
  const text = cleanNumeric(cell);
  if (text === "") return new CellProblem("empty", "the cell is empty");
  return pointsOf(text) ?? new CellProblem("not_points", `${showCell(cell)} is no whole number of points such as 100`);
}
