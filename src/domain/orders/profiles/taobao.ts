import type { ProfileText } from "../../../imports/profile.ts";

/** The order report of the seller's back office. */
export const taobao: ProfileText = {
  profile: "taobao",
  kind: "orders",
  about: "Taobao and Tmall, order report (ExportOrderList)",
  columns: {
    source: { constant: "taobao" },
    order_no: ["订单编号", "主订单编号"],
    member_no: ["买家会员名", "买家昵称"],
    member_name: ["收货人姓名"],
    merchant_code: { names: ["店铺名称", "店铺Id"], nothing: ["0"], required: false },
    // What is paid in the end is 0 until it is paid, and the amount of an order never changes; this one stands from the
    // start.
    amount: ["总金额", "买家应付货款", "买家实际支付金额"],
    refunded_amount: ["退款金额"],
    status: {
      names: ["订单状态"],
      words: {
        "等待买家付款": "pending",
        "买家已付款，等待卖家发货": "paid",
        "卖家部分发货": "paid",
        "卖家已发货，等待买家确认": "paid",
        "交易成功": "paid",
        "交易关闭": "closed",
        "付款以后用户退款成功，交易自动关闭": "closed",
        "付款以前，卖家或买家主动关闭交易": "closed",
      },
    },
    paid_at: ["订单付款时间", "付款时间"],
  },
  other_headers: [
    "买家支付宝账号", "买家应付邮费", "买家支付积分", "返点积分", "买家实际支付积分", "买家留言", "收货地址", "运送方式", "联系电话", "联系手机",
    "订单创建时间", "宝贝标题", "宝贝种类", "物流单号", "物流公司", "订单备注", "宝贝总数量", "订单关闭原因", "卖家服务费", "买家服务费", "发票抬头",
    "是否手机订单", "分阶段订单信息",
  ],
  nothing: ["-", "null", "无退款申请", "没有退款申请"],
  zone: "Asia/Shanghai",
  member_by: "alias",
  merchant_by: "alias",
};
