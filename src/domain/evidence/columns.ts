import type { KindColumn } from "../../imports/kind.ts";

export type EvidenceColumn =
  "order_no" | "payment_no" | "channel" | "amount" | "paid_at" | "source" | "currency" | "row_type";

/** What a row of a channel's transaction bill can say: the native columns with their Chinese names. */
export const evidenceColumns: readonly KindColumn<EvidenceColumn>[] = [
  { key: "order_no", names: ["order_no", "订单号"], required: true, note: ": the merchant's number" },
  { key: "payment_no", names: ["payment_no", "支付单号"], required: true, isKey: true, note: ": the channel's number" },
  { key: "channel", names: ["channel", "渠道"], required: true, isKey: true },
  { key: "amount", names: ["amount", "金额"], required: true, note: " (yuan)" },
  { key: "paid_at", names: ["paid_at", "支付时间"], required: true },
  { key: "source", names: ["source", "来源"], required: false },
  { key: "currency", names: ["currency", "币种"], required: false, note: ": CNY 人民币" },
  // Rows of any other type, such as refunds, are passed over, and counted.
  { key: "row_type", names: [], required: false, meanings: ["payment"] },
];
