import { readAmountFen, readId } from "../../csv/cells.ts";
import { cleanText, cleanWord, isBlank } from "../../csv/clean.ts";
import { CellProblem } from "../../csv/problem.ts";
import { nameOf, readCell } from "../../imports/columns.ts";
import {
  cellRefusal,
  Refusal,
  type CellOf,
  type OtherRow,
  type RowReader,
  type StagedRow,
} from "../../imports/kind.ts";
import { canSay, type Profile } from "../../imports/profile.ts";
import { defaultSource } from "../../shared/default-source.ts";
import { microsPerFen } from "../../shared/money.ts";
import type { OrderColumn } from "./columns.ts";
import {
  hasRefundRows,
  isOfRefunds,
  lineAmountReader,
  orderAmountReader,
  orderReading,
  readMember,
  readMemberName,
  readOrderKey,
  readOrderRow,
  readSkus,
  readTime,
  refundState,
  rowContradiction,
  type OrderReading,
  type OrderRow,
} from "./import-row.ts";

const order = ["order_no text", "source text", "member_no text", "merchant_code text"] as const;
const facts = ["refunded_fen bigint", "status text", "paid_at timestamptz", "skus text[]"] as const;

/**
 * What is staged of a row that is an order, in the order in which the row reader gives it; the name is staged for
 * members to be registered only.
 */
export const stagedOrder = [...order, "amount_fen bigint", ...facts, "member_name text"] as const;

/** The same where a row is a part of an order, or a refund. What a row does not say is null. */
export const stagedLine = [
  ...order,
  "amount_micros bigint",
  ...facts,
  "line_no text",
  "refund_no text",
  "member_name text",
  "refunded_at timestamptz",
] as const;

/** The names of those columns. */
export const stagedOrderColumns = stagedOrder.slice(0, -1).map(nameOf);
export const stagedLineColumns = stagedLine.map(nameOf);

/** Whether the rows of a file make orders only together: parts of them, or refunds beside them. */
export const isMadeOfLines = (profile: Pick<Profile, "rowsPerOrder" | "columns" | "rules" | "constants">): boolean =>
  profile.rowsPerOrder !== "one" || hasRefundRows(profile);

/**
 * Makes what reads the rows of one file into what is staged of them, or says why they cannot be.
 *
 * @param zone of the platform
 * @param withNames whether the values end with the name of a member to be registered; those of lines always do
 */
export function orderRowReader(profile: Profile<OrderColumn>, zone: string, withNames = false): RowReader<OrderColumn> {
  const readRow = isMadeOfLines(profile) ? lineReader(profile, zone) : orderReader(profile, zone, withNames);
  return canSay(profile, "row_type") ? typedRowReader(readRow, refundReader(profile, zone)) : readRow;
}

function orderReader(profile: Profile<OrderColumn>, zone: string, withNames: boolean): RowReader<OrderColumn> {
  const reading = orderReading(profile, zone, orderAmountReader(profile));
  return (cell) => {
    const row = readOrderRow(cell, reading);
    if (row instanceof Refusal) return row;
    const { orderNo, source, memberNo, merchantCode, amount, refundedFen, status, paidAt, skus } = row;
    const contradiction = rowContradiction(row, amount!);
    if (contradiction !== undefined) return contradiction;
    const values = [orderNo, source, memberNo, merchantCode, amount, refundedFen ?? null, status, paidAt ?? null, skus];
    return { key: orderKeyText(orderNo, source), values: withNames ? [...values, readMemberName(cell)] : values };
  };
}

/** Lets through rows of orders and refunds; those of any other type are none of this kind. */
function typedRowReader(readRow: RowReader<OrderColumn>, readRefund: RowReader<OrderColumn>): RowReader<OrderColumn> {
  return (cell) => {
    const type = cell("row_type");
    if (type === "order") return readRow(cell);
    if (type === "refund") return readRefund(cell);
    return isBlank(type)
      ? cellRefusal("row_type", new CellProblem("empty", "the cell is empty"))
      : { other: cleanWord(type) };
  };
}

function lineReader(profile: Profile<OrderColumn>, zone: string): RowReader<OrderColumn> {
  const reading = orderReading(profile, zone, lineAmountReader(profile));
  const hasLineNo = canSay(profile, "line_no");
  const saysMore = (["amount", "quantity", "status", "paid_at"] as const).filter((key) => canSay(profile, key));
  return joiningAbove(profile, (cell) => {
    const key = readOrderKey(cell);
    if (key instanceof Refusal) return key;
    const isContinued = reading.mayBeBlank && saysMore.every((column) => isBlank(cell(column)));
    const line = isContinued ? readFurtherLine(cell, key, reading) : readLine(cell, reading, hasLineNo);
    return line instanceof Refusal ? partOf(key, line) : line;
  });
}

/** What of a row is the order's. */
const ofOrder = [
  "order_no",
  "source",
  "member_no",
  "merchant_code",
  "status",
  "paid_at",
  "ordered_at",
] as const satisfies readonly OrderColumn[];
const ofRow = ["skus", "line_no", "quantity"] as const satisfies readonly OrderColumn[];

/**
 * Lets a row without an order number be one of the order above it, as in a table whose cells were merged: what it
 * leaves blank of the order is said there. Not where it says something else of the order, nor, among parts that are
 * summed, where it names nothing that was bought: that may be a total.
 */
function joiningAbove(profile: Profile<OrderColumn>, read: RowReader<OrderColumn>): RowReader<OrderColumn> {
  const shared = ofOrder.filter((key) => canSay(profile, key));
  const above = new Map<OrderColumn, string>();
  let raw: CellOf<OrderColumn>;
  const filled: CellOf<OrderColumn> = (key) => {
    const text = raw(key);
    return isBlank(text) ? (above.get(key) ?? text) : text;
  };
  const isBelow = (cell: CellOf<OrderColumn>) =>
    shared.every((key) => isBlank(cell(key)) || cleanText(cell(key)) === cleanText(above.get(key)!)) &&
    (profile.rowsPerOrder !== "sum" || ofRow.some((key) => !isBlank(cell(key))));
  return (cell) => {
    if (isBlank(cell("order_no"))) {
      raw = cell;
      return above.size > 0 && isBelow(cell) ? read(filled) : read(cell);
    }
    for (const key of shared) above.set(key, cell(key));
    return read(cell);
  };
}

/**
 * No id holds a line end, so the two forms never meet; nearly all files name no source, and the number alone is at
 * hand.
 */
const orderKeyText = (orderNo: string, source: string): string =>
  source === defaultSource ? orderNo : `${orderNo}\n${source}`;

const partOf = (
  { orderNo, source }: Pick<OrderRow, "orderNo" | "source">,
  { column, code, message }: Refusal<OrderColumn>,
): Refusal<OrderColumn> => new Refusal(column, code, message, [orderNo, source]);

/** A further row of an order whose first row says it all but its product; a merchant there is that product's. */
function readFurtherLine(
  cell: CellOf<OrderColumn>,
  { orderNo, source }: Pick<OrderRow, "orderNo" | "source">,
  { memberBy }: OrderReading,
): StagedRow | Refusal<OrderColumn> {
  const memberNo = isBlank(cell("member_no")) ? null : readMember(cell("member_no"), memberBy);
  if (memberNo instanceof Refusal) return memberNo;
  const skus = readCell(cell, "skus", readSkus);
  if (skus instanceof Refusal) return skus;
  return {
    key: orderKeyText(orderNo, source),
    values: [orderNo, source, memberNo, null, null, null, null, null, skus, null, null, null, null],
  };
}

function readLine(
  cell: CellOf<OrderColumn>,
  reading: OrderReading,
  hasLineNo: boolean,
): StagedRow | Refusal<OrderColumn> {
  const row = readOrderRow(cell, reading);
  if (row instanceof Refusal) return row;
  const { orderNo, source, memberNo, merchantCode, amount, refundedFen, status, paidAt, skus } = row;
  // Whether the parts together contradict each other is seen when they are; a part without its time of payment is seen
  // here.
  const contradiction = reading.mayBeBlank
    ? undefined
    : rowContradiction({ ...row, refundedFen: undefined }, amount! / microsPerFen);
  if (contradiction !== undefined) return contradiction;
  const lineNo = hasLineNo ? readCell(cell, "line_no", readId) : null;
  if (lineNo instanceof Refusal) return lineNo;
  return {
    key: orderKeyText(orderNo, source),
    values: [
      orderNo,
      source,
      memberNo,
      merchantCode,
      amount,
      refundedFen ?? null,
      status,
      paidAt ?? null,
      skus,
      lineNo,
      null,
      readMemberName(cell),
      null,
    ],
  };
}

/**
 * Makes what reads a row that is a refund of an order: which one, and how much. What else it says is said by the row of
 * the payment. A refund that needs no number is known by its time and amount; where a file has neither, by its amount.
 */
function refundReader(profile: Profile<OrderColumn>, zone: string): RowReader<OrderColumn> {
  const timed = { zone: profile.zone ?? zone, times: profile };
  const needsNumber =
    profile.columns.some(({ key, required }) => key === "refund_no" && required) ||
    !(isOfRefunds(profile) || canSay(profile, "refunded_at"));
  return (cell) => {
    const unmade = refundNotMade(cell("refund_status"));
    if (unmade !== undefined) return unmade;
    const key = readOrderKey(cell, isBlank(cell("refunded_order_no")) ? "order_no" : "refunded_order_no");
    if (key instanceof Refusal) return key;
    const refundNo = needsNumber ? readCell(cell, "refund_no", readId) : readCell(cell, "refund_no", readId, "");
    if (refundNo instanceof Refusal) return partOf(key, refundNo);
    const refundedAt = readTime(cell("refunded_at"), "refunded_at", timed);
    if (refundedAt instanceof Refusal) return partOf(key, refundedAt);
    const refundedFen = readCell(cell, "refunded_amount", readAmountFen);
    if (refundedFen instanceof Refusal) return partOf(key, refundedFen);
    return {
      key: orderKeyText(key.orderNo, key.source),
      values: [
        key.orderNo,
        key.source,
        null,
        null,
        null,
        refundedFen,
        null,
        null,
        null,
        null,
        refundNo,
        null,
        refundedAt ?? null,
      ],
    };
  };
}

/** What becomes of a row whose refund is not made, or not yet; undefined where it is. */
function refundNotMade(status: string): OtherRow | Refusal<OrderColumn> | undefined {
  const state = refundState(status);
  if (state === "made") return undefined;
  if (state === "not_made") return { other: "refund not made" };
  if (state instanceof Refusal) return state;
  const message =
    "the refund is not made yet, and may fail: when its end is known, write it here and import this rejects file";
  return new Refusal("refund_status", "refund_under_way", message);
}
