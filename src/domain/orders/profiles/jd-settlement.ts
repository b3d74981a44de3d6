import type { ProfileText } from "../../../imports/profile.ts";

/**
 * The details of a shop's settlement (结算单明细): a row for each fee of each product, of which the goods' money (货款)
 * makes the order. Its columns: https://easydoc.net/doc/92340482/f5Ql0OZC/Y1IEpmYE. The time that it knows is that of
 * the fee, so of one shop either this or its order export is taken in.
 */
export const jdSettlement: ProfileText = {
  profile: "jd-settlement",
  kind: "orders",
  about: "JD, settlement of a shop (京东结算单; rows that are no 货款 are passed over); names no buyer",
  columns: {
    source: { constant: "jd" },
    row_type: {
      names: ["费用项"],
      followed_by: ["单据类型"],
      words: { "货款 订单": "order", "货款 取消退款单": "refund", "货款 售后服务单": "refund" },
    },
    order_no: ["订单编号"],
    merchant_code: { names: ["店铺号", "门店名称"], required: false },
    amount: ["金额"],
    currency: ["币种"],
    paid_at: ["费用发生时间"],
    refund_no: { names: ["单据编号"], followed_by: ["商品编号"] },
    refunded_amount: { names: ["金额"], negate: true },
    skus: ["商品编号"],
  },
  other_headers: [
    "商户订单号",
    "商品名称",
    "结算状态",
    "费用计费时间",
    "费用结算时间",
    "商家应收/应付",
    "钱包结算备注",
    "京东门店编号",
    "品牌门店编号",
    "备注",
    "收支方向",
    "商品数量",
    "账单日期",
    "对账日期",
  ],
  zone: "Asia/Shanghai",
  member_by: "alias",
  merchant_by: "alias",
  rows_per_order: "sum",
};
