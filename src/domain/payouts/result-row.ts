import { readAmountFen, readId, readText } from "../../csv/cells.ts";
import { cleanId, isBlank } from "../../csv/clean.ts";
import type { ColumnSpec } from "../../csv/table-format.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { cellRefusal, type CellOf, type RowRefusal, type StagedRow } from "../../imports/kind.ts";
import { stateAfter, type AnswerStatus } from "./model.ts";

export type ResultColumn = "detail_no" | "status" | "amount" | "reason" | "channel_ref";

/** The columns of a channel's answer; the Chinese names are those of WeChat's batches and of banks. */
export const resultColumns: readonly ColumnSpec<ResultColumn>[] = [
  { key: "detail_no", names: ["detail_no", "商家明细单号", "商家明细单号（必填）", "明细单号"], required: true },
  { key: "status", names: ["status", "状态", "明细状态", "转账状态", "付款状态"], required: true },
  { key: "amount", names: ["amount", "金额", "转账金额", "转账金额（必填，单位：元）", "付款金额"], required: true },
  { key: "reason", names: ["reason", "失败原因", "原因"], required: false },
  { key: "channel_ref", names: ["channel_ref", "微信明细单号", "渠道流水号", "流水号"], required: false },
];

/** Columns of the staging table, in the order in which `readResultRow` gives their values. */
export const stagedResultColumns = ["detail_no", "state", "amount_fen", "reason", "channel_ref"] as const;

// A word that is not here is never guessed: what pays and what releases a hold has to be said outright.
const words: ReadonlyMap<string, AnswerStatus> = new Map([
  ...["success", "succeeded", "paid", "成功", "转账成功", "付款成功", "支付成功", "交易成功"].map((word) => [word, "success"] as const),
  ...["fail", "failed", "失败", "转账失败", "付款失败", "支付失败", "交易失败"].map((word) => [word, "failed"] as const),
  ...["processing", "pending", "init", "wait_pay", "accepted", "处理中", "转账中", "付款中", "待确认", "待付款", "已受理"].map((word) => [word, "processing"] as const),
  ...["unknown", "timeout", "未知", "状态未知", "超时"].map((word) => [word, "unknown"] as const),
]);

/** Reads one row of a channel's answer into what is staged of it, or says why it cannot be. */
export function readResultRow(cell: CellOf<ResultColumn>): StagedRow | RowRefusal<ResultColumn> {
  const detailNo = readId(cell("detail_no"));
  if (detailNo instanceof CellProblem) return cellRefusal("detail_no", detailNo);
  const status = words.get(cleanId(cell("status")).toLowerCase());
  if (status === undefined) return unknownWord(cell("status"));
  const amountFen = readAmountFen(cell("amount"));
  if (amountFen instanceof CellProblem) return cellRefusal("amount", amountFen);
  const reason = isBlank(cell("reason")) ? null : readText(cell("reason"));
  if (reason instanceof CellProblem) return cellRefusal("reason", reason);
  const channelRef = isBlank(cell("channel_ref")) ? null : readId(cell("channel_ref"));
  if (channelRef instanceof CellProblem) return cellRefusal("channel_ref", channelRef);
  return { key: detailNo, values: [detailNo, stateAfter(status), amountFen, reason, channelRef] };
}

const unknownWord = (cell: string): RowRefusal<ResultColumn> => ({
  column: "status",
  problem: { code: "status_not_known", message: `${showCell(cell)} is no status that is known: success, failed, processing, unknown (成功, 失败, 处理中, 未知)` },
});
