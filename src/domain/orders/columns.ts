import type { KindColumn } from "../../imports/kind.ts";
import { orderStatuses } from "./model.ts";

export type OrderColumn =
  | "order_no"
  | "member_no"
  | "merchant_code"
  | "amount"
  | "status"
  | "paid_at"
  | "refunded_amount"
  | "source"
  | "skus"
  | "member_name"
  | "row_type"
  | "refund_no"
  | "refunded_order_no"
  | "refunded_at"
  | "refund_status"
  | "line_no"
  | "quantity"
  | "unit_price"
  | "ordered_at"
  | "currency"
  | "received_amount";

/**
 * What a row of an order file can say: the native columns with their Chinese names, then what only platforms' files
 * have.
 */
export const orderColumns: readonly KindColumn<OrderColumn>[] = [
  { key: "order_no", names: ["order_no", "订单号"], required: true },
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "merchant_code", names: ["merchant_code", "商家编号"], required: true },
  { key: "amount", names: ["amount", "金额"], required: true, note: " (yuan)", standIns: ["quantity", "unit_price"] },
  { key: "status", names: ["status", "状态"], required: false, note: ": pending/paid/closed", meanings: orderStatuses },
  { key: "paid_at", names: ["paid_at", "支付时间"], required: false },
  { key: "refunded_amount", names: ["refunded_amount", "退款金额"], required: false },
  { key: "source", names: ["source", "来源"], required: false },
  { key: "skus", names: ["skus", "商品编号"], required: false },
  // For members that the import is to register.
  { key: "member_name", names: [], required: false },
  // Whether the row is an order or a refund. Rows of any other type are passed over, and counted.
  { key: "row_type", names: [], required: true, meanings: ["order", "refund"] },
  { key: "refund_no", names: [], required: false },
  // The order of a row that is a refund, where its own order number is another.
  { key: "refunded_order_no", names: [], required: false },
  // Tells refunds of one order apart where they have no numbers.
  { key: "refunded_at", names: [], required: false },
  { key: "refund_status", names: [], required: false, meanings: ["made", "under_way", "not_made"] },
  // The number of a part of an order, where the file has one: the same part twice is one part.
  { key: "line_no", names: [], required: false },
  { key: "quantity", names: [], required: true },
  { key: "unit_price", names: [], required: true },
  // The time of payment of a paid order where the file has none.
  { key: "ordered_at", names: [], required: false },
  { key: "currency", names: [], required: false },
  // What the merchant gets of the row. Nothing is made of it; files declare its total.
  { key: "received_amount", names: [], required: false },
];
