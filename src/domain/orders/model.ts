import type { Fen } from "../../shared/money.ts";

export type OrderStatus = "pending" | "paid" | "closed";

export const orderStatuses: readonly OrderStatus[] = ["pending", "paid", "closed"];

/** What an order is by now; `void` counts as never been, and no file says it. */
export type OrderState = OrderStatus | "void";

export const orderStates: readonly OrderState[] = [...orderStatuses, "void"];

/** Every word that a file may use for an order's status. */
const statusWords: ReadonlyMap<string, OrderStatus> = new Map([
  ["pending", "pending"],
  ["待付款", "pending"],
  ["paid", "paid"],
  ["已付款", "paid"],
  ["closed", "closed"],
  ["已关闭", "closed"],
]);

/** The status that a cleaned cell names, without case; undefined when it names none. */
export const readStatus = (text: string): OrderStatus | undefined => statusWords.get(text.toLowerCase());

/** The words of `readStatus`, for messages. */
export const knownStatusWords = [...statusWords.keys()].join(", ");

/** What a row says of an order; undefined is what it does not say. */
export interface OrderFacts {
  readonly amountFen: Fen;
  readonly refundedFen: Fen | undefined;
  readonly status: OrderStatus | undefined;
  readonly isPaidAtKnown: boolean;
}

/** Without a status, a row that has a time of payment is paid. */
export const statusOf = ({ status, isPaidAtKnown }: Pick<OrderFacts, "status" | "isPaidAtKnown">): OrderStatus =>
  status ?? (isPaidAtKnown ? "paid" : "pending");

export type Contradiction = {
  readonly code: string;
  readonly column: "paid_at" | "refunded_amount";
  readonly message: string;
};

/** What is wrong with a paid order of which no time is known; the way out depends on the row. */
export const paidAtMissing = "a paid order needs the time of its payment";

/** What is wrong with a refund of a closed order of which no time of payment is known. */
export const unpaidWithRefund =
  "a closed order without a time of payment was never paid, so it cannot have a refund; write when it was paid";

/** What cannot be true of one order at once; undefined when nothing contradicts. */
export function contradictionIn(facts: OrderFacts): Contradiction | undefined {
  const status = statusOf(facts);
  const refundedFen = facts.refundedFen ?? 0n;
  if (status === "paid" && !facts.isPaidAtKnown) {
    return { code: "paid_at_missing", column: "paid_at", message: paidAtMissing };
  }
  if (status === "pending" && facts.isPaidAtKnown) {
    return {
      code: "pending_with_payment",
      column: "paid_at",
      message: "a pending order cannot have a time of payment",
    };
  }
  if (status === "pending" && refundedFen > 0n) {
    return {
      code: "pending_with_refund",
      column: "refunded_amount",
      message: "an order that is not paid cannot have a refund",
    };
  }
  if (status === "closed" && !facts.isPaidAtKnown && refundedFen > 0n) {
    return { code: "unpaid_with_refund", column: "refunded_amount", message: unpaidWithRefund };
  }
  if (refundedFen > facts.amountFen) {
    return {
      code: "refund_exceeds_amount",
      column: "refunded_amount",
      message: "the refund is larger than the order's amount",
    };
  }
  return undefined;
}
