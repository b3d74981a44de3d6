import type { MergeReject } from "../../imports/kind.ts";
import { formatYuan } from "../../shared/money.ts";
import type { OrderColumn } from "./columns.ts";
import { paidAtMissing, unpaidWithRefund } from "./model.ts";

interface Explanation {
  /** Undefined where the detail names the column. */
  readonly column: OrderColumn | undefined;
  readonly text: (detail: string) => string;
}

const conflict = (column: OrderColumn | undefined, text: (detail: string) => string): Explanation => ({ column, text });

const aliasHint = (holder: "member" | "merchant") => `\`accrue ${holder} alias\` or \`accrue ${holder} import-aliases\``;

const disagreements: Readonly<Record<string, string>> = {
  member_no: "who bought it", merchant_code: "the merchant", paid_at: "the time of payment", status: "the status", amount: "the amount",
  line_no: "a part of it that comes twice",
};

/** Which cell each reject points at, and its message. */
const explanations: Readonly<Record<string, Explanation>> = {
  unknown_member: conflict("member_no", () => "no member has this number; register or import the member first"),
  unknown_member_alias: conflict("member_no", () => `no member has this alias; say whose it is: ${aliasHint("member")}, or have unknown buyers registered: --create-members`),
  unknown_member_email: conflict("member_no", () => "no member has this e-mail address; register or import the member first"),
  unknown_member_phone: conflict("member_no", () => "no member has this phone number; register or import the member first"),
  unknown_merchant: conflict("merchant_code", () => "no merchant has this code; import the merchant first"),
  unknown_merchant_alias: conflict("merchant_code", () => `no merchant has this alias; say whose it is: ${aliasHint("merchant")}, or name one for the whole file: --merchant CODE`),
  merchant_pending: conflict("merchant_code", () => "the merchant is not approved yet (`accrue merchant approve`)"),
  merchant_suspended: conflict("merchant_code", (stored) => `the merchant has been suspended since ${stored}, and the order is dated after that`),
  paid_in_future: conflict("paid_at", () => "the time of payment is more than a day ahead of this machine's clock: a slip in the date, or the clock is wrong"),
  conflict_member: conflict("member_no", () => "the order is known with another member"),
  conflict_merchant: conflict("merchant_code", (stored) => `the order is known with merchant ${stored}`),
  conflict_amount: conflict("amount", (stored) => `the order is known with amount ${formatYuan(BigInt(stored))}`),
  conflict_paid_at: conflict("paid_at", (stored) => `the order is known as paid at ${stored}`),
  conflict_status: conflict("status", (stored) => `the order is already ${stored}; its status cannot go back`),
  conflict_refund: conflict("refunded_amount", (stored) => `${formatYuan(BigInt(stored))} is refunded already; a refund cannot shrink`),
  conflict_skus: conflict("skus", (stored) => `the order is known with products ${stored}`),
  order_row_rejected: conflict("order_no", (line) => `the row of the same order in line ${line} is rejected, and an order is taken whole or not at all`),
  order_rows_disagree: conflict(undefined, (column) => `the rows of this order do not agree on ${disagreements[column] ?? column}`),
  member_no_empty: conflict("member_no", () => "no row of this order says who bought it"),
  merchant_code_empty: conflict("merchant_code", () => "no row of this order names its merchant"),
  amount_empty: conflict("amount", () => "no row of this order states its amount"),
  amount_too_large: conflict("amount", () => "the rows of this order add up to more than 100000000.00"),
  amount_too_many_decimals: conflict("amount", () => "the rows of this order add up to an amount that is finer than one fen"),
  paid_at_missing: conflict("paid_at", () => paidAtMissing),
  pending_with_payment: conflict("paid_at", () => "a pending order cannot have a time of payment"),
  pending_with_refund: conflict("refunded_amount", () => "an order that is not paid cannot have a refund"),
  unpaid_with_refund: conflict("refunded_amount", () => unpaidWithRefund),
  refund_exceeds_amount: conflict("refunded_amount", () => "the refund is larger than the order's amount"),
  refund_without_order: conflict("order_no", () => "no order has this number: take in the file with its payment first, then this rejects file as it is"),
  refund_of_unpaid: conflict("order_no", () => "the order is not paid yet: take in the file with its payment first, then this rejects file as it is"),
  conflict_refund_no: conflict("refund_no", (stored) => stored === "" ? "rows of this file give this refund different amounts" : `the refund is known with ${formatYuan(BigInt(stored))}`),
};

/**
 * Says which cell of a rejected row to look at, and why.
 *
 * @param detail what the message quotes: what the database holds instead, or what of the rows disagrees
 */
export function explainReject(record: number, code: string, detail: string | null): MergeReject<OrderColumn> {
  const { column, text } = explanations[code]!;
  return { record, code, column: column ?? (detail as OrderColumn), message: text(detail ?? "") };
}
