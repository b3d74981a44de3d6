import { readId, readText } from "../../csv/cells.ts";
import { isBlank } from "../../csv/clean.ts";
import type { ColumnSpec } from "../../csv/table-format.ts";
import { CellProblem } from "../../csv/problem.ts";
import { cellRefusal, type CellOf, type RowRefusal, type StagedRow } from "../../imports/kind.ts";
import { bankProblem, readAccountNumber, type AccountNumber } from "./account-number.ts";
import { sealedPayee } from "./in-transit.ts";
import type { Channel } from "./model.ts";
import type { SecretBox } from "./secret-box.ts";

export type PayeeColumn = "channel" | "account" | "account_name";
export type AccountColumn = PayeeColumn | "member_no" | "bank" | "branch";

/** The native columns of a file of payout accounts and their Chinese names. */
export const accountImportColumns: readonly ColumnSpec<AccountColumn>[] = [
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  { key: "channel", names: ["channel", "收款渠道"], required: true },
  { key: "account", names: ["account", "收款账号"], required: true },
  { key: "account_name", names: ["account_name", "收款户名"], required: true },
  { key: "bank", names: ["bank", "开户银行"], required: false },
  { key: "branch", names: ["branch", "联行号"], required: false },
];

/** Columns of the staging table, in the order in which a row gives their values. */
export const stagedAccountColumns = ["member_no", "channel", "number_masked", "payee_sealed", "bank_name", "branch_code"] as const;

const channelWords: Readonly<Record<string, Channel>> = {
  alipay: "alipay", 支付宝: "alipay", wechat: "wechat", 微信: "wechat", bank: "bank", 银行卡: "bank", stripe: "stripe",
};

/** Where a row says to pay, and to whom. */
export interface Payee {
  readonly channel: Channel;
  readonly number: AccountNumber;
  readonly holder: string;
}

/** Reads the cells that name a payout account, or says why they cannot be. No message of it tells a number. */
export function readPayee(cell: CellOf<PayeeColumn>): Payee | RowRefusal<PayeeColumn> {
  const word = readText(cell("channel"));
  if (word instanceof CellProblem) return cellRefusal("channel", word);
  const channel = channelWords[word.toLowerCase()];
  if (channel === undefined) return refusal("channel", "channel_unknown", `"${word}" is none of ${Object.keys(channelWords).join(", ")}`);
  const text = readId(cell("account"));
  if (text instanceof CellProblem) return refusal("account", `account_${text.code}`, "the account cannot be read: empty, in scientific notation, or with characters that are none of a number");
  const number = readAccountNumber(channel, text);
  if (typeof number === "string") return refusal("account", "invalid_account_number", number);
  const holder = readText(cell("account_name"));
  if (holder instanceof CellProblem) return refusal("account_name", `account_name_${holder.code}`, "the holder's name cannot be read");
  return { channel, number, holder };
}

/** Makes what reads the rows of a file of payout accounts. No message of it tells a number. */
export const accountRowReader = (box: SecretBox) => (cell: CellOf<AccountColumn>): StagedRow | RowRefusal<AccountColumn> => {
  const memberNo = readId(cell("member_no"));
  if (memberNo instanceof CellProblem) return cellRefusal("member_no", memberNo);
  const payee = readPayee(cell);
  if ("problem" in payee) return payee;
  const { channel, number, holder } = payee;
  const bankName = isBlank(cell("bank")) ? null : readText(cell("bank"));
  if (bankName instanceof CellProblem) return cellRefusal("bank", bankName);
  const branchCode = isBlank(cell("branch")) ? null : readId(cell("branch"));
  if (branchCode instanceof CellProblem) return cellRefusal("branch", branchCode);
  const problem = bankProblem(channel, bankName, branchCode);
  if (problem !== undefined) return refusal("bank", problem.code, problem.message);
  return {
    key: `${memberNo}\n${channel}\n${number.number}`,
    values: [memberNo, channel, number.masked, sealedPayee(box, { number: number.number, holder }), bankName, branchCode],
  };
};

const refusal = <Column extends AccountColumn>(column: Column, code: string, message: string): RowRefusal<Column> => ({ column, problem: { code, message } });
