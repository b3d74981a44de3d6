import type { KindColumn } from "../../imports/kind.ts";

export type StatementColumn =
  | "occurred_at"
  | "line_no"
  | "amount"
  | "income"
  | "expense"
  | "direction"
  | "fee"
  | "balance"
  | "kind"
  | "counterparty"
  | "counterparty_name"
  | "reference"
  | "channel_ref"
  | "remark"
  | "currency"
  | "own_account";

/** What a row of a statement can say; the Chinese names are what banks use most. */
export const statementColumns: readonly KindColumn<StatementColumn>[] = [
  { key: "occurred_at", names: ["occurred_at", "交易时间", "交易日期", "记账日期"], required: true },
  { key: "balance", names: ["balance", "余额", "账户余额"], required: true, note: " after the row (yuan)" },
  { key: "amount", names: ["amount", "金额", "交易金额"], required: false, note: " (yuan, below zero: paid out)" },
  // In place of the amount, where money in and money out have columns of their own.
  { key: "income", names: ["income", "收入金额", "贷方金额"], required: false },
  { key: "expense", names: ["expense", "支出金额", "借方金额"], required: false },
  // In place of the amount's sign.
  {
    key: "direction",
    names: ["direction", "收支类型"],
    required: false,
    note: ": in/out 收入/支出",
    meanings: ["in", "out"],
  },
  // What the channel kept of the row for itself: a line of its own, called fee.
  { key: "fee", names: [], required: false },
  { key: "line_no", names: ["line_no", "交易流水号", "流水号"], required: false },
  { key: "kind", names: ["kind", "交易类型", "业务类型"], required: false },
  { key: "counterparty", names: ["counterparty", "对方账号"], required: false },
  { key: "counterparty_name", names: ["counterparty_name", "对方户名"], required: false },
  { key: "reference", names: ["reference", "凭证号"], required: false },
  { key: "channel_ref", names: [], required: false },
  { key: "remark", names: ["remark", "摘要", "附言", "备注"], required: false },
  { key: "currency", names: ["currency", "币种"], required: false, note: ": CNY 人民币" },
  { key: "own_account", names: ["own_account", "本方账号"], required: false },
];
