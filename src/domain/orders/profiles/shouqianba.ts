import type { ProfileText } from "../../../imports/profile.ts";

/**
 * The receipts of a till that takes payments of all channels. No file of it is public: names are those of its
 * interface, https://doc.shouqianba.com, and of bills that others of its kind document, such as
 * https://docs.ikudot.com/docs/product/bill/intro/trade-bill. What a file calls otherwise, `--map` says.
 */
export const shouqianba: ProfileText = {
  profile: "shouqianba",
  kind: "orders",
  about: "收钱吧, receipts of a till (收款 and 退款 are rows of their own)",
  columns: {
    source: { constant: "shouqianba" },
    row_type: { names: ["交易类型"], words: { 收款: "order", 付款: "order", 退款: "refund", 撤单: "refund" } },
    order_no: { names: ["收钱吧订单号", "收钱吧流水号"], required: true },
    member_no: ["付款人ID", "付款账户"],
    merchant_code: { names: ["门店名称", "门店号", "商户名称"], required: false },
    amount: ["交易金额", "交易金额（元）", "订单金额（元）"],
    paid_at: { names: ["付款时间", "交易完成时间", "交易时间"], required: true },
    refund_no: ["退款序列号", "商户退款流水号"],
    refunded_amount: ["退款金额", "退款金额（元）"],
  },
  other_headers: [
    "商户订单号",
    "商户内部订单号",
    "商户号",
    "终端号",
    "终端名称",
    "收款通道",
    "支付通道",
    "支付方式",
    "交易状态",
    "实收金额",
    "结算金额",
    "手续费",
    "收银员",
    "备注",
  ],
  nothing: ["-", "--"],
  zone: "Asia/Shanghai",
  member_by: "alias",
  merchant_by: "alias",
};
