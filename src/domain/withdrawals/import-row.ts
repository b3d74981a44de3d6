import { payeeColumns, readPayee, type PayeeColumn } from "../accounts/import-row.ts";
import { sealedText } from "../accounts/in-transit.ts";
import type { SecretBox } from "../accounts/secret-box.ts";
import { readId } from "../../csv/cells.ts";
import { cleanNumeric, isBlank } from "../../csv/clean.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { readCell } from "../../imports/columns.ts";
import { Refusal, type KindColumn, type RowReader } from "../../imports/kind.ts";
import { pointsOf } from "./model.ts";

export type WithdrawalColumn = "request_no" | "member_no" | "points" | PayeeColumn;

/** The native columns of a file of requests and their Chinese names. */
export const withdrawalColumns: readonly KindColumn<WithdrawalColumn>[] = [
  { key: "request_no", names: ["request_no", "申请号"], required: true, isKey: true },
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "points", names: ["points", "积分"], required: true },
  ...payeeColumns(false),
];

/** What is staged of a row: an account that it names as its digest, and its holder sealed. */
export const stagedWithdrawalColumns = [
  "request_no text",
  "member_no text",
  "points bigint",
  "account_digest text",
  "holder_sealed text",
] as const;

/**
 * Makes what reads the rows of a file of requests. Where all three cells of the account are blank, or not there, the
 * request goes to the member's default account.
 *
 * @param boxOf gives what seals; asked only when a row names an account
 */
export const withdrawalRowReader =
  (boxOf: () => SecretBox): RowReader<WithdrawalColumn> =>
  (cell) => {
    const requestNo = readCell(cell, "request_no", readId);
    if (requestNo instanceof Refusal) return requestNo;
    const memberNo = readCell(cell, "member_no", readId);
    if (memberNo instanceof Refusal) return memberNo;
    const points = readCell(cell, "points", readPoints);
    if (points instanceof Refusal) return points;
    if (payee.every((column) => isBlank(cell(column))))
      return { key: requestNo, values: [requestNo, memberNo, points, null, null] };
    const named = readPayee(cell);
    if (named instanceof Refusal) return named;
    const digest = boxOf().digest(named.channel, named.number.number).toString("hex");
    return { key: requestNo, values: [requestNo, memberNo, points, digest, sealedText(boxOf(), named.holder)] };
  };

const payee: readonly PayeeColumn[] = ["channel", "account", "account_name"];

function readPoints(cell: string): bigint | CellProblem {
  const text = cleanNumeric(cell);
  if (text === "") return new CellProblem("empty", "the cell is empty");
  return pointsOf(text) ?? new CellProblem("not_points", `${showCell(cell)} is no whole number of points such as 100`);
}
