import type { ProfileText } from "../../../imports/profile.ts";

/** A row for each part of an order. Buyers are encrypted, so a column with the member has to be mapped. */
export const douyin: ProfileText = {
  profile: "douyin",
  kind: "orders",
  about: "Douyin shop, order export (a row for each part of an order); names no buyer",
  columns: {
    source: { constant: "douyin" },
    order_no: ["主订单编号", "主订单号"],
    line_no: { names: ["子订单编号", "子订单号"], required: true },
    merchant_code: { names: ["店铺名称", "店铺ID"], required: false },
    amount: ["订单应付金额"],
    refunded_amount: ["退款金额", "已退款金额"],
    status: {
      names: ["订单状态"],
      words: {
        "待支付": "pending",
        "待付款": "pending",
        "已支付": "paid",
        "备货中": "paid",
        "待发货": "paid",
        "部分发货": "paid",
        "已发货": "paid",
        "已完成": "paid",
        "已签收": "paid",
        "已关闭": "closed",
        "已取消": "closed",
      },
    },
    paid_at: ["支付完成时间", "支付时间"],
    ordered_at: ["订单提交时间"],
    skus: ["商家编码"],
  },
  other_headers: [
    "选购商品", "商品规格", "商品数量", "商品ID", "商品单价", "运费", "收件人", "收件人手机号", "订单完成时间", "商家备注", "买家留言", "售后状态",
    "取消原因", "发货时间", "支付方式", "省", "市", "区", "街道", "详细地址",
  ],
  nothing: ["-"],
  zone: "Asia/Shanghai",
  member_by: "alias",
  merchant_by: "alias",
  rows_per_order: "sum",
  explained_header: true,
};
