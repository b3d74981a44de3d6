import type { ProfileText } from "../../../imports/profile.ts";

/**
 * The merchant bill. A refund is a row of its own, often in the bill of a later day. Names from before November 2018
 * come second.
 */
export const wechat: ProfileText = {
  profile: "wechat",
  kind: "orders",
  about: "WeChat Pay, merchant's bill (交易账单)",
  columns: {
    source: { constant: "wechat" },
    row_type: { names: ["交易状态"], words: { SUCCESS: "order", REFUND: "refund", REVOKED: "refund" } },
    order_no: ["微信订单号", "商户订单号"],
    member_no: ["用户标识"],
    merchant_code: { names: ["特约商户号", "子商户号"], nothing: ["0"], otherwise: ["商户号"], required: false },
    amount: ["订单金额", "总金额", "应结订单金额"],
    currency: ["货币种类"],
    paid_at: ["交易时间"],
    refund_no: { names: ["微信退款单号", "商户退款单号"], nothing: ["0"] },
    refunded_amount: ["申请退款金额", "退款金额"],
    refund_status: {
      names: ["退款状态"],
      words: { SUCCESS: "made", PROCESSING: "under_way", CHANGE: "made", FAIL: "not_made" },
    },
  },
  other_headers: [
    "公众账号ID",
    "设备号",
    "交易类型",
    "付款银行",
    "代金券金额",
    "企业红包金额",
    "充值券退款金额",
    "企业红包退款金额",
    "退款类型",
    "商品名称",
    "商户数据包",
    "手续费",
    "费率",
    "费率备注",
    "退款申请时间",
    "退款成功时间",
  ],
  zone: "Asia/Shanghai",
  member_by: "alias",
  merchant_by: "alias",
  tail_marks: ["总交易单数"],
  totals_header: {
    总交易单数: "rows",
    订单总金额: "amount",
    总交易额: "amount",
    申请退款总金额: "refunded_amount",
    总退款金额: "refunded_amount",
  },
};
