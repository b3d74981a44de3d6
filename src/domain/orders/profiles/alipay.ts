import type { ProfileText } from "../../../imports/profile.ts";

/** The merchant's 业务明细. A refund is a row of its own, its amount below zero. */
export const alipay: ProfileText = {
  profile: "alipay",
  kind: "orders",
  about: "Alipay, merchant's bill of orders (业务明细)",
  columns: {
    source: { constant: "alipay" },
    row_type: { names: ["业务类型"], words: { 交易: "order", 退款: "refund" } },
    order_no: ["支付宝交易号", "商户订单号"],
    member_no: ["对方账户"],
    merchant_code: { names: ["门店名称", "门店编号"], required: false },
    amount: ["订单金额（元）"],
    paid_at: ["完成时间", "创建时间"],
    refund_no: { names: ["退款批次号/请求号"], required: true },
    refunded_amount: { names: ["订单金额（元）"], negate: true },
    received_amount: ["商家实收（元）"],
  },
  other_headers: [
    "商品名称",
    "操作员",
    "终端号",
    "支付宝红包（元）",
    "集分宝（元）",
    "支付宝优惠（元）",
    "商家优惠（元）",
    "券核销金额（元）",
    "券名称",
    "商家红包消费金额（元）",
    "卡消费金额（元）",
    "服务费（元）",
    "分润（元）",
    "备注",
  ],
  zone: "Asia/Shanghai",
  member_by: "alias",
  merchant_by: "alias",
  tail_marks: ["#"],
  totals_patterns_of: {
    order: "交易合计：{rows}笔，商家实收共{received_amount}元",
    refund: "退款合计：{rows}笔，商家实收退款共{received_amount}元",
  },
};
