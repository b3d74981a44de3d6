import type { ProfileText } from "../../../imports/profile.ts";

/** The merchant's bill: adverts, insurance and fees stand between the orders. */
export const meituan: ProfileText = {
  profile: "meituan",
  kind: "orders",
  about: "Meituan, merchant's bill (rows that are no 外卖订单 are passed over); names no buyer",
  columns: {
    source: { constant: "meituan" },
    row_type: { names: ["交易类型"], words: { 外卖订单: "order" } },
    order_no: ["订单号", "订单编号", "订单ID"],
    merchant_code: { names: ["门店名称", "门店ID"], required: false },
    amount: ["商家应收款", "商家应收款（元）"],
    paid_at: ["订单支付时间", "支付时间", "下单时间", "订单下单时间", "完成时间"],
  },
  other_headers: [
    "交易描述",
    "账单日期",
    "结算状态",
    "订单状态",
    "商品总价",
    "用户支付金额",
    "佣金",
    "平台服务费",
    "配送费",
    "城市",
    "备注",
  ],
  nothing: ["-", "--", "/"],
  zone: "Asia/Shanghai",
  member_by: "alias",
  merchant_by: "alias",
};
