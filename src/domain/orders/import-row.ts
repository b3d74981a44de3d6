import { readAmountFen, readDecimal, readId, readSku, readText } from "../../csv/cells.ts";
import { cleanText, isBlank } from "../../csv/clean.ts";
import type { CopyValue } from "../../csv/copy-text.ts";
import { CellProblem, showCell } from "../../csv/problem.ts";
import { readTimestamp, type TimeStyle } from "../../csv/timestamp.ts";
import { readCell } from "../../imports/columns.ts";
import { cellRefusal, Refusal, type CellOf } from "../../imports/kind.ts";
import { currencyRefusal } from "../../imports/currency.ts";
import { canSay, wordsOf, type MemberBy, type Profile } from "../../imports/profile.ts";
import { maxAmountFen, microsPerFen, type Fen } from "../../shared/money.ts";
import { defaultSource } from "../../shared/default-source.ts";
import { emailKey, emailProblem, normalPhone, phoneProblem } from "../members/model.ts";
import type { OrderColumn } from "./columns.ts";
import { contradictionIn, knownStatusWords, readStatus, statusOf, type OrderStatus } from "./model.ts";

/** What a row says, as far as it could be read; null is what only another row of the order says. */
export interface OrderRow {
  readonly orderNo: string;
  readonly source: string;
  readonly memberNo: string | null;
  readonly merchantCode: string | null;
  /** In the unit of the amount reader. */
  readonly amount: bigint | null;
  readonly refundedFen: bigint | undefined;
  readonly status: OrderStatus | null;
  readonly paidAt: string | undefined;
  readonly skus: string | null;
}

/** How the rows of one file are read: settled once, so that a row asks for nothing that its file cannot have. */
export interface OrderReading {
  readonly zone: string;
  readonly times: TimeStyle;
  readonly memberBy: MemberBy;
  readonly readAmount: AmountReader;
  readonly isRefundStated: boolean;
  /** A row says whether its refund is made. */
  readonly hasRefundStatus: boolean;
  readonly hasRefundRows: boolean;
  readonly hasOrderedAt: boolean;
  readonly hasCurrency: boolean;
  /** A buyer or a merchant that a row leaves blank, another row of its order names. */
  readonly isOfSeveral: boolean;
  /** So it does with whatever else is the order's. */
  readonly mayBeBlank: boolean;
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
    times: profile,
    memberBy: profile.memberBy,
    readAmount,
    // One column may hold both, and a sign tells them apart: then no order says what is refunded of it.
    isRefundStated: !(hasRefundRows(profile) && isOneColumn(profile, "amount", "refunded_amount")),
    hasRefundStatus: canSay(profile, "refund_status"),
    hasRefundRows: hasRefundRows(profile),
    hasOrderedAt: canSay(profile, "ordered_at"),
    hasCurrency: canSay(profile, "currency"),
    isOfSeveral: profile.rowsPerOrder !== "one",
    mayBeBlank: profile.rowsPerOrder === "first",
    statusWords: words.length === 0 ? knownStatusWords : words.join(", "),
  };
}

const isOneColumn = ({ columns }: Profile<OrderColumn>, one: OrderColumn, other: OrderColumn): boolean => {
  const namesOf = (wanted: OrderColumn) => columns.flatMap(({ key, names }) => (key === wanted ? names : []));
  return namesOf(one).some((name) => namesOf(other).includes(name));
};

/** Whether every row of a profile's files is a refund of an order that is known. */
export const isOfRefunds = ({ constants }: Pick<Profile, "constants">): boolean =>
  constants.get("row_type") === "refund";

/** Whether the files of a profile have rows that are refunds. */
export function hasRefundRows(profile: Pick<Profile, "columns" | "rules" | "constants">): boolean {
  if (profile.constants.has("row_type")) return isOfRefunds(profile);
  const words = profile.rules.get("row_type")?.words;
  // Without words of its own, a file says `order` and `refund` as they are.
  return words === undefined || words.size === 0
    ? profile.columns.some(({ key }) => key === "row_type")
    : [...words.values()].includes("refund");
}

/** Reads a row that stands for an order or a part of one, or says why it cannot be. */
export function readOrderRow(cell: CellOf<OrderColumn>, reading: OrderReading): OrderRow | Refusal<OrderColumn> {
  const key = readOrderKey(cell);
  if (key instanceof Refusal) return key;
  const { orderNo, source } = key;
  const { isOfSeveral, mayBeBlank } = reading;
  const isNameless = isOfSeveral && isBlank(cell("member_no"));
  const memberNo = isNameless ? null : readMember(cell("member_no"), reading.memberBy);
  if (memberNo instanceof Refusal) return memberNo;
  const isShopless = isOfSeveral && isBlank(cell("merchant_code"));
  const merchantCode = isShopless ? null : readCell(cell, "merchant_code", readId);
  if (merchantCode instanceof Refusal) return merchantCode;
  const foreign = reading.hasCurrency ? currencyRefusal(cell("currency")) : undefined;
  if (foreign !== undefined) return foreign;
  const amount = mayBeBlank && isBlank(cell("amount")) && isBlank(cell("quantity")) ? null : reading.readAmount(cell);
  if (amount instanceof Refusal) return amount;
  const refundedFen = readRefunded(cell, reading);
  if (refundedFen instanceof Refusal) return refundedFen;
  const statusCell = cell("status");
  const status = isBlank(statusCell) ? undefined : readStatus(cleanText(statusCell));
  if (status === undefined && !isBlank(statusCell)) return unknownStatus(statusCell, reading);
  const paidAt = readPaidAt(cell, reading, status, refundedFen);
  if (typeof paidAt === "object") return paidAt;
  const skus = readCell(cell, "skus", readSkus);
  if (skus instanceof Refusal) return skus;
  const isPaidAtKnown = paidAt !== undefined;
  return {
    orderNo,
    source,
    memberNo,
    merchantCode,
    amount,
    refundedFen,
    status: mayBeBlank && status === undefined ? null : statusOf({ status, isPaidAtKnown }),
    paidAt,
    skus,
  };
}

/** Reads how much a row says is refunded of its order; undefined where it says nothing, or the refund is not made. */
function readRefunded(cell: CellOf<OrderColumn>, reading: OrderReading): Fen | undefined | Refusal<OrderColumn> {
  const refundedCell = reading.isRefundStated ? cell("refunded_amount") : "";
  if (isBlank(refundedCell)) return undefined;
  const refunded = readAmountFen(refundedCell);
  if (refunded instanceof CellProblem) return cellRefusal("refunded_amount", refunded);
  if (refunded > 0n && reading.hasRefundStatus) {
    const state = refundState(cell("refund_status"));
    if (state instanceof Refusal) return state;
    if (state !== "made") return undefined;
  }
  // Beside refunds with rows of their own, zero is as old as the payment.
  return refunded === 0n && reading.hasRefundRows ? undefined : refunded;
}

/** Whether a refund is made; one of which nothing is said is. */
export function refundState(status: string): "made" | "under_way" | "not_made" | Refusal<OrderColumn> {
  if (isBlank(status)) return "made";
  if (status === "made" || status === "under_way" || status === "not_made") return status;
  return new Refusal("refund_status", "unknown_refund_status", `${showCell(status)} is no status of a refund`);
}

/** Reads what names an order, from the column that has its number. */
export function readOrderKey(
  cell: CellOf<OrderColumn>,
  column: "order_no" | "refunded_order_no" = "order_no",
): Pick<OrderRow, "orderNo" | "source"> | Refusal<OrderColumn> {
  const orderNo = readCell(cell, column, readId);
  if (orderNo instanceof Refusal) return orderNo;
  const source = readCell(cell, "source", readId, defaultSource);
  return source instanceof Refusal ? source : { orderNo, source };
}

/** What cannot be true of the row at once; undefined when nothing contradicts. */
export function rowContradiction(
  { status, paidAt, refundedFen }: OrderRow,
  amountFen: bigint,
): Refusal<OrderColumn> | undefined {
  const isPaidAtKnown = paidAt !== undefined;
  const contradiction = contradictionIn({ amountFen, refundedFen, status: status ?? undefined, isPaidAtKnown });
  return contradiction && new Refusal(contradiction.column, contradiction.code, contradiction.message);
}

/** Reads the name of a member to be registered; one that is blank, or none, is no reason to refuse an order. */
export function readMemberName(cell: CellOf<OrderColumn>): CopyValue {
  const name = readText(cell("member_name"));
  return name instanceof CellProblem ? null : name;
}

function readPaidAt(
  cell: CellOf<OrderColumn>,
  reading: OrderReading,
  status: OrderStatus | undefined,
  refundedFen: Fen | undefined,
): string | undefined | Refusal<OrderColumn> {
  // What was refunded was paid.
  const isPaid = status === "paid" || (status === "closed" && (refundedFen ?? 0n) > 0n);
  const column = reading.hasOrderedAt && isPaid && isBlank(cell("paid_at")) ? "ordered_at" : "paid_at";
  return readTime(cell(column), column, reading);
}

/** Reads the time that a cell of a column says; undefined where it says nothing. */
export function readTime(
  text: string,
  column: OrderColumn,
  { zone, times }: Pick<OrderReading, "zone" | "times">,
): string | undefined | Refusal<OrderColumn> {
  if (isBlank(text)) return undefined;
  const time = readTimestamp(text, zone, times);
  if (!(time instanceof CellProblem)) return time;
  const wayOut = time.code === "ambiguous_date" ? ", or say which with --date-order" : "";
  return cellRefusal(column, new CellProblem(time.code, `${time.message}${wayOut}`));
}

function unknownStatus(cell: string, { statusWords }: OrderReading): Refusal<OrderColumn> {
  return new Refusal("status", "unknown_status", `${showCell(cell)} is no status of an order; known: ${statusWords}`);
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

/**
 * Reads what a row names its member by. The text is as it is looked up: an address without case, a phone without
 * spaces.
 */
export function readMember(cell: string, by: MemberBy): string | Refusal<OrderColumn> {
  const text = readId(cell);
  if (text instanceof CellProblem) return cellRefusal("member_no", text);
  const hidden = hiddenProblem(text);
  if (hidden !== undefined) return cellRefusal("member_no", hidden);
  if (by === "email") return checked(emailKey(text), emailProblem(text), "not_an_email");
  if (by === "phone") return checked(normalPhone(text), phoneProblem(normalPhone(text)), "not_a_phone");
  return text;
}

const hash = 0x23;
const dollar = 0x24;

/** Platforms hide who bought: what they write instead is another text in every file, or one text for many people. */
function hiddenProblem(text: string): CellProblem | undefined {
  const first = text.charCodeAt(0);
  if ((first === hash || first === dollar) && text.charCodeAt(1) === first) {
    return new CellProblem(
      "encrypted",
      `${showCell(text)} is encrypted by the platform; export the file with the buyers decrypted`,
    );
  }
  if (text.includes("**")) {
    return new CellProblem(
      "masked",
      `${showCell(text)} is masked by the platform: many people look like that; export the file unmasked`,
    );
  }
  return undefined;
}

const checked = (text: string, problem: string | undefined, code: string): string | Refusal<OrderColumn> =>
  problem === undefined ? text : new Refusal("member_no", `member_no_${code}`, `${showCell(text)}: ${problem}`);

/** Reads the amount of a row. */
export type AmountReader = (cell: CellOf<OrderColumn>) => bigint | Refusal<OrderColumn>;

/** Makes what reads the amount of a row that is a whole order, in fen. */
export function orderAmountReader(profile: Profile<OrderColumn>): AmountReader {
  if (profile.rounding === "half-up") {
    const readMicros = isProduct(profile) ? readProduct : readFineAmount;
    return (cell) => {
      const micros = readMicros(cell);
      return typeof micros === "bigint" ? (micros + microsPerFen / 2n) / microsPerFen : micros;
    };
  }
  if (!isProduct(profile)) return readAmount;
  return (cell) => {
    const micros = readProduct(cell);
    if (typeof micros !== "bigint") return micros;
    if (micros % microsPerFen === 0n) return micros / microsPerFen;
    const message = `${showCell(cell("quantity"))} x ${showCell(cell("unit_price"))} is finer than one fen; the profile may say "rounding": "half-up"`;
    return cellRefusal("unit_price", new CellProblem("too_many_decimals", message));
  };
}

/**
 * Makes what reads the amount of a row that is a part of an order, in millionths of a yuan: parts are rounded when they
 * are summed.
 */
export function lineAmountReader(profile: Profile<OrderColumn>): AmountReader {
  if (isProduct(profile)) return readProduct;
  if (profile.rounding === "half-up") return readFineAmount;
  return (cell) => {
    const fen = readAmount(cell);
    return typeof fen === "bigint" ? fen * microsPerFen : fen;
  };
}

const isProduct = (profile: Profile<OrderColumn>): boolean => !canSay(profile, "amount");

function readAmount(cell: CellOf<OrderColumn>): Fen | Refusal<OrderColumn> {
  const fen = readAmountFen(cell("amount"));
  return fen instanceof CellProblem ? cellRefusal("amount", fen) : fen;
}

/** An amount that may be finer than a fen, in millionths of a yuan. */
function readFineAmount(cell: CellOf<OrderColumn>): bigint | Refusal<OrderColumn> {
  const text = cell("amount");
  const fen = readAmountFen(text);
  if (typeof fen === "bigint") return fen * microsPerFen;
  const micros = fen.code === "too_many_decimals" ? readDecimal(text, factorDecimals) : fen;
  if (micros instanceof CellProblem) return cellRefusal("amount", micros);
  if (micros < 0n) return cellRefusal("amount", negative(text, "an amount is zero or more"));
  return micros <= maxAmountFen * microsPerFen
    ? micros
    : cellRefusal(
        "amount",
        new CellProblem("too_large", `${showCell(text)} is more than the largest amount taken, 100 million yuan`),
      );
}

const factorDecimals = 6;
const productScale = 10n ** BigInt(factorDecimals);

/** Quantity x unit price, exactly. */
function readProduct(cell: CellOf<OrderColumn>): bigint | Refusal<OrderColumn> {
  const quantity = readDecimal(cell("quantity"), factorDecimals);
  if (quantity instanceof CellProblem) return cellRefusal("quantity", quantity);
  if (quantity < 0n)
    return cellRefusal("quantity", negative(cell("quantity"), "a quantity that is returned is no order"));
  const unitPrice = readDecimal(cell("unit_price"), factorDecimals);
  if (unitPrice instanceof CellProblem) return cellRefusal("unit_price", unitPrice);
  if (unitPrice < 0n) return cellRefusal("unit_price", negative(cell("unit_price"), "a price is zero or more"));
  const product = quantity * unitPrice;
  if (product > maxAmountFen * microsPerFen * productScale) {
    return cellRefusal(
      "unit_price",
      new CellProblem("too_large", "quantity x unit price is more than the largest amount taken, 100 million yuan"),
    );
  }
  if (product % productScale === 0n) return product / productScale;
  return cellRefusal(
    "unit_price",
    new CellProblem("too_many_decimals", "quantity x unit price has more than 6 decimals"),
  );
}

const negative = (cell: string, why: string): CellProblem =>
  new CellProblem("negative", `${showCell(cell)} is negative; ${why}`);
