import { readId, readText } from "../../csv/cells.ts";
import { CellProblem } from "../../csv/problem.ts";
import { readCell } from "../../imports/columns.ts";
import { Refusal, type CellOf, type KindColumn, type RowReader } from "../../imports/kind.ts";
import { bankProblem, readAccountNumber, type AccountNumber } from "./account-number.ts";
import { sealedPayee } from "./in-transit.ts";
import type { Channel } from "./model.ts";
import type { SecretBox } from "./secret-box.ts";

export type PayeeColumn = "channel" | "account" | "account_name";
export type AccountColumn = PayeeColumn | "member_no" | "bank" | "branch";

/** The columns that name a payout account. */
export const payeeColumns = (required: boolean, note = ""): readonly KindColumn<PayeeColumn>[] => [
  { key: "channel", names: ["channel", "收款渠道"], required, note },
  { key: "account", names: ["account", "收款账号"], required, isPrivate: true },
  { key: "account_name", names: ["account_name", "收款户名"], required, isPrivate: true },
];

/** The native columns of a file of payout accounts and their Chinese names. */
export const accountImportColumns: readonly KindColumn<AccountColumn>[] = [
  { key: "member_no", names: ["member_no", "会员号"], required: true },
  ...payeeColumns(true, " (alipay, wechat, bank)"),
  { key: "bank", names: ["bank", "开户银行"], required: false },
  { key: "branch", names: ["branch", "联行号"], required: false },
];

/** Where rows are staged: number and holder are sealed for the way, as one text. */
export const stagedAccountColumns = [
  "member_no text",
  "channel text",
  "number_masked text",
  "payee_sealed text",
  "bank_name text",
  "branch_code text",
] as const;

const channelWords: Readonly<Record<string, Channel>> = {
  alipay: "alipay",
  支付宝: "alipay",
  wechat: "wechat",
  微信: "wechat",
  bank: "bank",
  银行卡: "bank",
  stripe: "stripe",
};

/** Where a row says to pay, and to whom. */
export interface Payee {
  readonly channel: Channel;
  readonly number: AccountNumber;
  readonly holder: string;
}

/** Reads the cells that name a payout account, or says why they cannot be. No message of it has a number. */
export function readPayee(cell: CellOf<PayeeColumn>): Payee | Refusal<PayeeColumn> {
  const word = readCell(cell, "channel", readText);
  if (word instanceof Refusal) return word;
  const channel = channelWords[word.toLowerCase()];
  if (channel === undefined)
    return new Refusal("channel", "channel_unknown", `"${word}" is none of ${Object.keys(channelWords).join(", ")}`);
  const text = readId(cell("account"));
  if (text instanceof CellProblem) {
    return new Refusal(
      "account",
      `account_${text.code}`,
      "the account cannot be read: empty, in scientific notation, or with characters that are none of a number",
    );
  }
  const number = readAccountNumber(channel, text);
  if (typeof number === "string") return new Refusal("account", "invalid_account_number", number);
  const holder = readText(cell("account_name"));
  if (holder instanceof CellProblem)
    return new Refusal("account_name", `account_name_${holder.code}`, "the holder's name cannot be read");
  return { channel, number, holder };
}

/** Makes what reads the rows of a file of payout accounts. No message of it has a number. */
export const accountRowReader =
  (box: SecretBox): RowReader<AccountColumn> =>
  (cell) => {
    const memberNo = readCell(cell, "member_no", readId);
    if (memberNo instanceof Refusal) return memberNo;
    const payee = readPayee(cell);
    if (payee instanceof Refusal) return payee;
    const { channel, number, holder } = payee;
    const bankName = readCell(cell, "bank", readText, null);
    if (bankName instanceof Refusal) return bankName;
    const branchCode = readCell(cell, "branch", readId, null);
    if (branchCode instanceof Refusal) return branchCode;
    const problem = bankProblem(channel, bankName, branchCode);
    if (problem !== undefined) return new Refusal("bank", problem.code, problem.message);
    return {
      key: `${memberNo}\n${channel}\n${number.number}`,
      values: [
        memberNo,
        channel,
        number.masked,
        sealedPayee(box, { number: number.number, holder }),
        bankName,
        branchCode,
      ],
    };
  };
