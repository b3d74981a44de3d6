import { readAmountFen, readId, readSku, readText } from "../../csv/cells.ts";
import { cleanText, cleanWord, isBlank } from "../../csv/clean.ts";
import type { CopyValue } from "../../csv/copy-text.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { readTimestamp, type DateOrder } from "../../csv/timestamp.ts";
import { readCell } from "../../imports/columns.ts";
import { cellRefusal, Refusal, type CellOf } from "../../imports/kind.ts";
import { canSay, wordsOf, type MemberBy, type Profile } from "../../imports/profile.ts";
import type { OrderColumn } from "./columns.ts";
import { contradictionIn, defaultSource, knownStatusWords, readStatus, statusOf, type OrderStatus } from "./model.ts";
import type { AmountReader } from "./row-amounts.ts";
import { readMember } from "./row-identity.ts";

/** What a row says, as far as it could be read. */
export interface OrderRow {
  readonly orderNo: string;
  readonly source: string;
  readonly memberNo: string;
  readonly merchantCode: string;
  /** In the unit of the amount reader. */
  readonly amount: bigint;
  readonly refundedFen: bigint | undefined;
  readonly status: OrderStatus;
  readonly paidAt: string | undefined;
  readonly skus: string | null;
}

/** How the rows of one file are read: settled once, so that a row asks for nothing that its file cannot have. */
export interface OrderReading {
  readonly zone: string;
  readonly dateOrder: DateOrder;
  readonly yearPivot: number | undefined;
  readonly memberBy: MemberBy;
  readonly readAmount: AmountReader;
  readonly isRefundStated: boolean;
  readonly hasOrderedAt: boolean;
  readonly hasCurrency: boolean;
  /** For messages. */
  readonly statusWords: string;
}

/**
 * Settles how the rows of one file are read.
 *
 * @param zone of the platform
 */
export function orderReading(profile: Profile<OrderColumn>, zone: string, readAmount: AmountReader): OrderReading {
  const words = [...wordsOf(profile.rules.get("status")).keys()];
  return {
    zone: profile.zone ?? zone,
    dateOrder: profile.dateOrder,
    yearPivot: profile.yearPivot,
    memberBy: profile.memberBy,
    readAmount,
    // Where refunds have rows of their own, what the row of the payment says of them is as old as the payment.
    isRefundStated: !hasRefundRows(profile),
    hasOrderedAt: canSay(profile, "ordered_at"),
    hasCurrency: canSay(profile, "currency"),
    statusWords: words.length === 0 ? knownStatusWords : words.join(", "),
  };
}

/** Whether the files of a profile have rows that are refunds. */
export const hasRefundRows = (profile: Pick<Profile, "rules">): boolean =>
  [...(profile.rules.get("row_type")?.words.values() ?? [])].includes("refund");

/** Reads a row that stands for an order or a part of one, or says why it cannot be. */
export function readOrderRow(cell: CellOf<OrderColumn>, reading: OrderReading): OrderRow | Refusal<OrderColumn> {
  const key = readOrderKey(cell);
  if (key instanceof Refusal) return key;
  const { orderNo, source } = key;
  const memberNo = readMember(cell("member_no"), reading.memberBy);
  if (typeof memberNo !== "string") return memberNo;
  const merchantCode = readCell(cell, "merchant_code", readId);
  if (merchantCode instanceof Refusal) return merchantCode;
  const foreign = reading.hasCurrency ? currencyRefusal(cell("currency")) : undefined;
  if (foreign !== undefined) return foreign;
  const amount = reading.readAmount(cell);
  if (typeof amount !== "bigint") return amount;
  const refundedCell = reading.isRefundStated ? cell("refunded_amount") : "";
  const refundedFen = isBlank(refundedCell) ? undefined : readAmountFen(refundedCell);
  if (refundedFen instanceof CellProblem) return cellRefusal("refunded_amount", refundedFen);
  const statusCell = cell("status");
  const status = isBlank(statusCell) ? undefined : readStatus(cleanText(statusCell));
  if (status === undefined && !isBlank(statusCell)) return unknownStatus(statusCell, reading);
  const paidAt = readPaidAt(cell, reading, status);
  if (typeof paidAt === "object") return paidAt;
  const skus = readCell(cell, "skus", readSkus);
  if (skus instanceof Refusal) return skus;
  const isPaidAtKnown = paidAt !== undefined;
  return { orderNo, source, memberNo, merchantCode, amount, refundedFen, status: statusOf({ status, isPaidAtKnown }), paidAt, skus };
}

/** Reads what names an order. */
export function readOrderKey(cell: CellOf<OrderColumn>): Pick<OrderRow, "orderNo" | "source"> | Refusal<OrderColumn> {
  const orderNo = readCell(cell, "order_no", readId);
  if (orderNo instanceof Refusal) return orderNo;
  const source = readCell(cell, "source", readId, defaultSource);
  return source instanceof Refusal ? source : { orderNo, source };
}

/** What cannot be true of the row at once; undefined when nothing contradicts. */
export function rowContradiction({ status, paidAt, refundedFen }: OrderRow, amountFen: bigint): Refusal<OrderColumn> | undefined {
  const contradiction = contradictionIn({ amountFen, refundedFen, status, isPaidAtKnown: paidAt !== undefined });
  return contradiction && new Refusal(contradiction.column, contradiction.code, contradiction.message);
}

/** Reads the name of a member to be registered; one that is blank, or none, is no reason to refuse an order. */
export function readMemberName(cell: CellOf<OrderColumn>): CopyValue {
  const name = readText(cell("member_name"));
  return name instanceof CellProblem ? null : name;
}

function readPaidAt(
  cell: CellOf<OrderColumn>,
  { zone, dateOrder, yearPivot, hasOrderedAt }: OrderReading,
  status: OrderStatus | undefined,
): string | undefined | Refusal<OrderColumn> {
  const column = hasOrderedAt && status === "paid" && isBlank(cell("paid_at")) ? "ordered_at" : "paid_at";
  const text = cell(column);
  if (isBlank(text)) return undefined;
  const paidAt = readTimestamp(text, zone, dateOrder, yearPivot);
  if (!(paidAt instanceof CellProblem)) return paidAt;
  const wayOut = paidAt.code === "ambiguous_date" ? ", or say which with --date-order" : "";
  return cellRefusal(column, new CellProblem(paidAt.code, `${paidAt.message}${wayOut}`));
}

function unknownStatus(cell: string, { statusWords }: OrderReading): Refusal<OrderColumn> {
  return new Refusal("status", "unknown_status", `${showCell(cell)} is no status of an order; known: ${statusWords}`);
}

const yuanWords = new Set(["cny", "rmb", "人民币", "元"]);

function currencyRefusal(cell: string): Refusal<OrderColumn> | undefined {
  if (isBlank(cell) || yuanWords.has(cleanWord(cell))) return undefined;
  const message = `the amount is in ${showCell(cell)}, and amounts are taken in yuan only; --map currency= says that they are yuan all the same`;
  return new Refusal("currency", "currency_not_yuan", message);
}

/** Product numbers, separated by `;` or `|`, as the text of a PostgreSQL array; null when there are none. */
export function readSkus(cell: string): string | null | CellProblem {
  if (isBlank(cell)) return null;
  const skus: string[] = [];
  for (const part of cleanText(cell).split(/[;；|]/)) {
    if (part.trim() === "") continue;
    const sku = readSku(part);
    if (sku instanceof CellProblem) return sku;
    skus.push(`"${sku.replace(/[\\"]/g, "\\$&")}"`);
  }
  return skus.length === 0 ? null : `{${skus.join(",")}}`;
}
