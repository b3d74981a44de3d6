import { readAmountFen, readId } from "../csv/cells.ts";
import { cleanText, isBlank } from "../csv/clean.ts";
import type { CopyValue } from "../csv/copy-text.ts";
import type { ColumnSpec } from "../csv/header.ts";
import { CellProblem, showCell } from "../csv/problem.ts";
import { readTimestamp } from "../csv/timestamp.ts";
import { cellRefusal, type CellOf, type RowReader, type RowRefusal, type StagedRow } from "../imports/kind.ts";
import type { Profile } from "../imports/profile.ts";
import { contradictionIn, defaultSource, knownStatusWords, readStatus, statusOf } from "./model.ts";

export type OrderColumn =
  | "order_no" | "member_no" | "merchant_code" | "amount" | "status" | "paid_at" | "refunded_amount" | "source" | "skus";

/** The native columns of an order file and their Chinese names. */
export const orderColumns: readonly ColumnSpec<OrderColumn>[] = [
  { key: "order_no", names: ["order_no", "订单号"], required: true },
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "merchant_code", names: ["merchant_code", "商家编号"], required: true },
  { key: "amount", names: ["amount", "金额"], required: true },
  { key: "status", names: ["status", "状态"], required: false },
  { key: "paid_at", names: ["paid_at", "支付时间"], required: false },
  { key: "refunded_amount", names: ["refunded_amount", "退款金额"], required: false },
  { key: "source", names: ["source", "来源"], required: false },
  { key: "skus", names: ["skus", "商品编号"], required: false },
];

/** Columns of the staging table, in the order in which the row reader gives their values. */
export const stagedOrderColumns = [
  "order_no", "source", "member_no", "merchant_code", "amount_fen", "refunded_fen", "status", "paid_at", "skus",
] as const;

/** Makes what reads the rows of one order file into what is staged of them, or says why they cannot be. */
export const orderRowReader = (profile: Profile<OrderColumn>, zone: string): RowReader<OrderColumn> => (cell) =>
  readOrderRow(cell, profile.zone ?? zone);

function readOrderRow(cell: CellOf<OrderColumn>, zone: string): StagedRow | RowRefusal<OrderColumn> {
  const orderNo = readId(cell("order_no"));
  if (orderNo instanceof CellProblem) return cellRefusal("order_no", orderNo);
  const memberNo = readId(cell("member_no"));
  if (memberNo instanceof CellProblem) return cellRefusal("member_no", memberNo);
  const merchantCode = readId(cell("merchant_code"));
  if (merchantCode instanceof CellProblem) return cellRefusal("merchant_code", merchantCode);
  const sourceCell = cell("source");
  const source = isBlank(sourceCell) ? defaultSource : readId(sourceCell);
  if (source instanceof CellProblem) return cellRefusal("source", source);
  const amountFen = readAmountFen(cell("amount"));
  if (amountFen instanceof CellProblem) return cellRefusal("amount", amountFen);
  const refundedCell = cell("refunded_amount");
  const refundedFen = isBlank(refundedCell) ? undefined : readAmountFen(refundedCell);
  if (refundedFen instanceof CellProblem) return cellRefusal("refunded_amount", refundedFen);
  const paidAtCell = cell("paid_at");
  const paidAt = isBlank(paidAtCell) ? undefined : readTimestamp(paidAtCell, zone);
  if (paidAt instanceof CellProblem) return cellRefusal("paid_at", paidAt);
  const statusCell = cell("status");
  const status = isBlank(statusCell) ? undefined : readStatus(cleanText(statusCell));
  if (status === undefined && !isBlank(statusCell)) return unknownStatus(statusCell);
  const skus = readSkus(cell("skus"));
  if (skus instanceof CellProblem) return cellRefusal("skus", skus);

  const facts = { amountFen, refundedFen, status, isPaidAtKnown: paidAt !== undefined };
  const contradiction = contradictionIn(facts);
  if (contradiction !== undefined) return { column: contradiction.column, problem: contradiction };
  const values: CopyValue[] = [
    orderNo, source, memberNo, merchantCode, amountFen, refundedFen ?? null, statusOf(facts), paidAt ?? null, skus,
  ];
  // No id holds a line end, so the two forms never meet; nearly all files name no source, and the number alone is at hand.
  return { key: source === defaultSource ? orderNo : `${orderNo}\n${source}`, values };
}

function unknownStatus(cell: string): RowRefusal<OrderColumn> {
  return {
    column: "status",
    problem: { code: "unknown_status", message: `${showCell(cell)} is no status of an order; known: ${knownStatusWords}` },
  };
}

/** Product numbers, separated by `;` or `|`, as the text of a PostgreSQL array; null when there are none. */
function readSkus(cell: string): string | null | CellProblem {
  if (isBlank(cell)) return null;
  const skus: string[] = [];
  for (const part of cleanText(cell).split(/[;；|]/)) {
    if (part.trim() === "") continue;
    const sku = readId(part);
    if (sku instanceof CellProblem) return sku;
    skus.push(`"${sku.replace(/[\\"]/g, "\\$&")}"`);
  }
  return skus.length === 0 ? null : `{${skus.join(",")}}`;
}
