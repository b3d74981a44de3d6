import { nativeProfile, type ProfileText } from "../../imports/profile.ts";
import { evidenceColumns } from "./columns.ts";

/** The merchant's 交易账单. Names from before November 2018 come second. */
const wechat: ProfileText = {
  profile: "wechat",
  kind: "order_evidence",
  about: "WeChat Pay, merchant's bill (交易账单)",
  columns: {
    channel: { constant: "wechat" },
    row_type: { names: ["交易状态"], required: true, words: { SUCCESS: "payment" } },
    payment_no: ["微信订单号"],
    order_no: ["商户订单号"],
    amount: ["订单金额", "总金额", "应结订单金额"],
    currency: ["货币种类"],
    paid_at: ["交易时间"],
  },
  other_headers: ["公众账号ID", "商户号", "特约商户号", "子商户号", "设备号", "用户标识", "交易类型", "付款银行"],
  zone: "Asia/Shanghai",
  tail_marks: ["总交易单数"],
};

/** The merchant's 业务明细. */
const alipay: ProfileText = {
  profile: "alipay",
  kind: "order_evidence",
  about: "Alipay, merchant's bill of orders (业务明细)",
  columns: {
    channel: { constant: "alipay" },
    row_type: { names: ["业务类型"], required: true, words: { 交易: "payment" } },
    payment_no: ["支付宝交易号"],
    order_no: ["商户订单号"],
    amount: ["订单金额（元）"],
    paid_at: ["完成时间", "创建时间"],
  },
  other_headers: ["商品名称", "门店编号", "门店名称", "操作员", "终端号", "对方账户", "商家实收（元）"],
  zone: "Asia/Shanghai",
  tail_marks: ["#"],
};

/** The export of the payments page, with the order's number as metadata of the payment. */
const stripe: ProfileText = {
  profile: "stripe",
  kind: "order_evidence",
  about: "Stripe, export of the payments page, with the order's number among the metadata",
  columns: {
    channel: { constant: "stripe" },
    row_type: { names: ["Status"], required: true, words: { Paid: "payment", Refunded: "payment" } },
    payment_no: { names: ["id"], required: true },
    order_no: ["order_no (metadata)", "order_id (metadata)"],
    amount: ["Amount"],
    currency: { names: ["Currency"], required: true },
    paid_at: ["Created date (UTC)", "Created (UTC)"],
  },
  other_headers: ["Description", "Amount Refunded", "Customer ID", "Customer Email", "PaymentIntent ID"],
  zone: "Etc/UTC",
};

/** Every way that transaction bills are known to be written, the native one first. */
export const evidenceProfiles: readonly ProfileText[] = [
  nativeProfile("order_evidence", evidenceColumns),
  wechat,
  alipay,
  stripe,
];
