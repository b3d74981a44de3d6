import { readAmountFen, readId } from "../../csv/cells.ts";
import { cleanWord, isBlank } from "../../csv/clean.ts";
import { CellProblem } from "../../csv/problem.ts";
import { readTimestamp } from "../../csv/timestamp.ts";
import { readCell } from "../../imports/columns.ts";
import { currencyRefusal } from "../../imports/currency.ts";
import { cellRefusal, Refusal, type RowReader } from "../../imports/kind.ts";
import { canSay, type Profile } from "../../imports/profile.ts";
import { defaultSource } from "../../shared/default-source.ts";
import type { EvidenceColumn } from "./columns.ts";

/** What is staged of a row, in the order of what its reader gives. */
export const stagedPayment = [
  "payment_no text",
  "channel text",
  "order_no text",
  "source text",
  "amount_fen bigint",
  "paid_at timestamptz",
] as const;

/** Makes what reads the rows of one transaction bill. Refunds and whatever else is no payment are passed over. */
export function evidenceRowReader(profile: Profile<EvidenceColumn>, zone: string): RowReader<EvidenceColumn> {
  const hasTypes = canSay(profile, "row_type");
  const readTime = (cell: string) => readTimestamp(cell, profile.zone ?? zone, profile);
  return (cell) => {
    const type = hasTypes ? cell("row_type") : "payment";
    if (isBlank(type)) return cellRefusal("row_type", new CellProblem("empty", "the cell is empty"));
    if (type !== "payment") return { other: cleanWord(type) };
    const paymentNo = readCell(cell, "payment_no", readId);
    if (paymentNo instanceof Refusal) return paymentNo;
    const channel = readCell(cell, "channel", readId);
    if (channel instanceof Refusal) return channel;
    const orderNo = readCell(cell, "order_no", readId);
    if (orderNo instanceof Refusal) return orderNo;
    const source = readCell(cell, "source", readId, defaultSource);
    if (source instanceof Refusal) return source;
    const foreign = currencyRefusal(cell("currency"));
    if (foreign !== undefined) return foreign;
    const amount = readCell(cell, "amount", readAmountFen);
    if (amount instanceof Refusal) return amount;
    const paidAt = readCell(cell, "paid_at", readTime);
    if (paidAt instanceof Refusal) return paidAt;
    return { key: `${paymentNo}\n${channel}`, values: [paymentNo, channel, orderNo, source, amount, paidAt] };
  };
}
