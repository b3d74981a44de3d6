import { readAmountFen, readId, readText } from "../../csv/cells.ts";
import { cleanNumeric, cleanText } from "../../csv/clean.ts";
import type { CopyValue } from "../../csv/copy-text.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { readCell } from "../../imports/columns.ts";
import { Refusal, type CellOf, type KindColumn } from "../../imports/kind.ts";
import { adjustmentClasses, givenClasses, type AdjustmentClass } from "../../shared/adjustment-classes.ts";
import { directionProblem, givenClassOf, signedPointsOf } from "./model.ts";

export type AdjustmentColumn = "member_no" | "points" | "reference" | "reason_class" | "reason";

/** The columns of a file of adjustments. */
export const adjustmentColumns: readonly KindColumn<AdjustmentColumn>[] = [
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "points", names: ["points", "积分"], required: true, note: ", below zero to take them" },
  { key: "reference", names: ["reference", "参考号"], required: true },
  { key: "reason_class", names: ["reason_class", "类别"], required: false },
  { key: "reason", names: ["reason", "原因"], required: false },
];

/** What a row says where its own cell does not. */
export interface RowDefaults {
  readonly reasonClass: AdjustmentClass | undefined;
  readonly reason: string;
}

/** Makes what reads the rows of a file of adjustments: the values in the order of the staging table. */
export const adjustmentRowReader =
  (otherwise: RowDefaults) =>
  (cell: CellOf<AdjustmentColumn>): readonly CopyValue[] | Refusal => {
    const memberNo = readCell(cell, "member_no", readId);
    if (memberNo instanceof Refusal) return memberNo;
    const points = readCell(cell, "points", readSigned);
    if (points instanceof Refusal) return points;
    const reference = readCell(cell, "reference", readId);
    if (reference instanceof Refusal) return reference;
    const reasonClass = readCell(cell, "reason_class", readClass, otherwise.reasonClass ?? null);
    if (reasonClass instanceof Refusal) return reasonClass;
    if (reasonClass === null)
      return new Refusal("reason_class", "reason_class_empty", "the cell is empty, and --reason-class is not given");
    const problem = directionProblem(reasonClass, points);
    if (problem !== undefined) return new Refusal("points", "points_wrong_way", problem);
    const reason = readCell(cell, "reason", readText, otherwise.reason);
    if (reason instanceof Refusal) return reason;
    return [memberNo, points, reasonClass, reference, reason];
  };

export type OpeningColumn = "member_no" | "points" | "fund";

/** The columns of a file of opening balances. */
export const openingColumns: readonly KindColumn<OpeningColumn>[] = [
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "points", names: ["points", "积分"], required: true },
  { key: "fund", names: ["fund", "资金"], required: false, note: " (yuan)" },
];

/**
 * Makes what reads the rows of a file of opening balances.
 *
 * @param onFund given what of the fund stands behind each row, in fen, where the file says it
 */
export const openingRowReader =
  (reason: string, onFund: (fundFen: bigint) => void) =>
  (cell: CellOf<OpeningColumn>): readonly CopyValue[] | Refusal => {
    const memberNo = readCell(cell, "member_no", readId);
    if (memberNo instanceof Refusal) return memberNo;
    const points = readCell(cell, "points", readSigned);
    if (points instanceof Refusal) return points;
    const problem = directionProblem("opening", points);
    if (problem !== undefined) return new Refusal("points", "points_wrong_way", problem);
    const fundFen = readCell(cell, "fund", readAmountFen, null);
    if (fundFen instanceof Refusal) return fundFen;
    if (fundFen !== null) onFund(fundFen);
    return [memberNo, points, "opening", null, reason];
  };

function readSigned(cell: string): bigint | CellProblem {
  const text = cleanNumeric(cell);
  if (text === "") return new CellProblem("empty", "the cell is empty");
  return (
    signedPointsOf(text) ??
    new CellProblem("not_points", `${showCell(cell)} is no whole number of points such as 100 or -100`)
  );
}

function readClass(cell: string): AdjustmentClass | Refusal {
  const words = givenClasses.map((one) => `${one} ${adjustmentClasses[one].name}`).join(", ");
  return (
    givenClassOf(cleanText(cell)) ??
    new Refusal(undefined, "reason_class_unknown", `${showCell(cell)} is none of ${words}`)
  );
}
