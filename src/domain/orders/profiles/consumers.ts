import type { ProfileText } from "../../../imports/profile.ts";

/**
 * Bills that consumers download of what they paid themselves. They are recognised by their names and refused: a file that the
 * one who would earn by it can edit proves nothing. Each leaves out names that another needs as its own. Headers as in the importers of https://github.com/deb-sig/double-entry-generator
 * and https://github.com/mayswind/ezbookkeeping.
 */
const consumersBill = (
  profile: string,
  whose: string,
  columns: ProfileText["columns"],
  otherHeaders: readonly string[],
): ProfileText => ({
  profile,
  kind: "orders",
  about: `${whose}, a consumer's own bill: refused, it is no file of orders`,
  columns,
  other_headers: otherHeaders,
  refused:
    "it is a bill that a consumer downloads of what they paid themselves, and can edit: no order is taken from it. Ask " +
    "the merchant for its order file, or for the bill of its own account with the channel",
});

export const consumers: readonly ProfileText[] = [
  consumersBill(
    "wechat-consumer",
    "WeChat Pay (微信支付账单)",
    {
      paid_at: { names: ["交易时间"], required: true },
      amount: ["金额(元)"],
      status: { names: ["当前状态"], required: true },
    },
    ["交易类型", "交易对方", "商品", "收/支", "支付方式", "交易单号", "商户单号", "备注"],
  ),
  consumersBill(
    "alipay-consumer",
    "Alipay (支付宝交易明细)",
    {
      paid_at: { names: ["交易时间"], required: true },
      amount: ["金额"],
      skus: { names: ["商品说明"], required: true },
    },
    ["交易分类", "交易对方", "对方账号", "收/支", "交易状态", "交易订单号", "商家订单号", "备注"],
  ),
  consumersBill(
    "alipay-consumer-web",
    "Alipay (支付宝交易记录明细查询)",
    {
      order_no: { names: ["交易号"], required: true },
      amount: ["金额（元）"],
      paid_at: { names: ["付款时间"], required: true },
    },
    [
      "商家订单号",
      "交易创建时间",
      "最近修改时间",
      "交易来源地",
      "类型",
      "交易对方",
      "商品名称",
      "收/支",
      "交易状态",
      "服务费（元）",
      "成功退款（元）",
      "资金状态",
      "备注",
    ],
  ),
  consumersBill(
    "jd-consumer",
    "JD (京东交易流水)",
    {
      paid_at: { names: ["交易时间"], required: true },
      amount: ["金额"],
      skus: { names: ["交易说明"], required: true },
    },
    ["商户名称", "收/付款方式", "交易状态", "收/支", "交易订单号", "商家订单号", "备注"],
  ),
  consumersBill(
    "meituan-consumer",
    "Meituan (美团交易账单明细)",
    {
      paid_at: { names: ["交易成功时间"], required: true },
      amount: ["实付金额"],
      skus: { names: ["订单标题"], required: true },
    },
    ["交易创建时间", "交易类型", "收/支", "支付方式", "订单金额", "交易单号", "商家单号", "备注"],
  ),
];
