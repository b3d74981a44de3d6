import { nativeProfile, type ProfileText } from "../../imports/profile.ts";
import { statementColumns } from "./columns.ts";

/** The merchant's 账务明细: what moved on its Alipay account. Newer files have more columns between. */
const alipay: ProfileText = {
  profile: "alipay",
  kind: "statements",
  about: "Alipay, statement of the merchant's account (账务明细)",
  columns: {
    line_no: { names: ["账务流水号"], required: true },
    channel_ref: ["业务流水号"],
    reference: ["商户订单号"],
    occurred_at: ["发生时间"],
    counterparty: ["对方账号"],
    income: { names: ["收入金额（+元）"], required: true },
    expense: { names: ["支出金额（-元）"], required: true },
    balance: ["账户余额（元）"],
    kind: ["业务类型"],
    remark: ["备注"],
  },
  other_headers: ["商品名称", "交易渠道", "业务基础订单号", "业务订单号", "业务账单来源", "业务描述"],
  zone: "Asia/Shanghai",
  tail_marks: ["#"],
};

/** The merchant's 资金账单. */
const wechat: ProfileText = {
  profile: "wechat",
  kind: "statements",
  about: "WeChat Pay, statement of the merchant's account (资金账单)",
  columns: {
    line_no: { names: ["资金流水单号"], required: true },
    channel_ref: ["微信支付业务单号"],
    reference: ["业务凭证号"],
    occurred_at: ["记账时间"],
    direction: { names: ["收支类型"], required: true },
    amount: { names: ["收支金额(元)"], required: true },
    balance: ["账户结余(元)"],
    kind: ["业务类型"],
    remark: ["备注"],
  },
  other_headers: ["业务名称", "资金变更提交申请人"],
  zone: "Asia/Shanghai",
  tail_marks: ["资金流水总笔数"],
  totals_header: { 资金流水总笔数: "rows" },
};

/** What banks call their columns, as far as the native names do not have it. */
const bank: ProfileText = {
  profile: "bank",
  kind: "statements",
  about: "a bank's statement, with debits and credits in columns of their own",
  columns: {
    occurred_at: ["交易时间", "交易日期", "记账日期", "入账日期", "日期"],
    line_no: ["交易流水号", "流水号", "核心流水号", "银行流水号"],
    income: { names: ["贷方发生额", "贷方金额", "收入金额", "转入金额", "收入", "贷方"], required: true },
    expense: { names: ["借方发生额", "借方金额", "支出金额", "转出金额", "支出", "借方"], required: true },
    balance: ["账户余额", "余额", "本次余额", "当前余额"],
    kind: ["交易类型", "业务类型", "交易名称"],
    counterparty: ["对方账号", "对方账户", "收(付)方账号"],
    counterparty_name: ["对方户名", "对方名称", "对方单位名称", "收(付)方名称"],
    reference: ["凭证号", "凭证号码"],
    remark: ["附言", "用途", "摘要", "备注"],
    currency: ["币种", "货币"],
    own_account: ["本方账号", "账号", "查询账号"],
  },
  nothing: ["-"],
  tail_marks: ["合计", "总计"],
};

/**
 * Stripe's itemized reports of its balance and of payouts. They have no running balance: what stood before and after is
 * in the summary of the report, and said with the import.
 */
const stripe: ProfileText = {
  profile: "stripe",
  kind: "statements",
  about: "Stripe, itemized balance or payout reconciliation report",
  columns: {
    line_no: { names: ["balance_transaction_id"], required: true },
    occurred_at: { names: ["created_utc"], required: true },
    amount: { names: ["gross"], required: true },
    fee: { names: ["fee"], required: true },
    kind: { names: ["reporting_category"], required: true },
    channel_ref: ["source_id"],
    reference: ["automatic_payout_id"],
    remark: ["description"],
    currency: { names: ["currency"], required: true },
  },
  other_headers: ["created", "available_on", "available_on_utc", "net", "automatic_payout_effective_at"],
  zone: "UTC",
};

/** Every way that statements are known to be written, the native one first. */
export const statementProfiles: readonly ProfileText[] = [
  nativeProfile("statements", statementColumns),
  alipay,
  wechat,
  bank,
  stripe,
];

/** The channel whose statements alone are written so; any for the others. */
export const channelOfProfile: Readonly<Record<string, "alipay" | "wechat" | "stripe">> = {
  alipay: "alipay",
  wechat: "wechat",
  stripe: "stripe",
};
