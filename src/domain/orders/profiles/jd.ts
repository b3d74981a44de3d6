import type { ProfileText } from "../../../imports/profile.ts";

/** The order export of a shop: a row for each product, and the order's amounts on each of them. */
export const jd: ProfileText = {
  profile: "jd",
  kind: "orders",
  about: "JD, order export of a shop (a row for each product)",
  columns: {
    source: { constant: "jd" },
    order_no: ["订单号", "订单编号"],
    member_no: ["下单帐号", "下单账号"],
    member_name: ["客户姓名"],
    merchant_code: { names: ["店铺名称", "店铺号"], required: false },
    // Part of what is due may be paid from a balance, so 应付金额 can be less than what the buyer pays.
    amount: { names: ["结算金额", "应付金额", "订单金额"], before: "(已退款" },
    refunded_amount: { names: ["退款金额", "结算金额", "应付金额", "订单金额"], between: ["(已退款", ")"] },
    status: {
      names: ["订单状态"],
      words: {
        "等待付款": "pending",
        "未付款": "pending",
        "等待付款确认": "pending",
        "等待发货": "paid",
        "等待出库": "paid",
        "等待确认收货": "paid",
        "已完成": "paid",
        "完成": "paid",
        "锁定": "paid",
        "取消": "closed",
        "已取消": "closed",
        "(删除)等待付款": "closed",
        "(删除)等待出库": "closed",
        "(删除)取消": "closed",
      },
    },
    paid_at: ["付款确认时间", "付款时间"],
    skus: ["商品ID"],
  },
  other_headers: [
    "商品名称", "订购数量", "支付方式", "下单时间", "京东价", "余额支付", "订单类型", "客户地址", "联系电话", "订单备注", "发票类型", "发票抬头",
    "发票内容", "商家备注", "商家备注等级", "运费金额", "增值税发票", "货号", "订单完成时间", "订单来源", "订单渠道",
  ],
  nothing: ["-"],
  zone: "Asia/Shanghai",
  member_by: "alias",
  merchant_by: "alias",
  rows_per_order: "same",
};
