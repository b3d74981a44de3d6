import { formatYuan } from "../../shared/money.ts";
import type { FileChannel } from "./model.ts";
import type { BatchPart, Payout } from "./provider.ts";

/**
 * The file format of a channel. A changed template gets a new name, for files of old batches are made in the old one.
 */
export interface Template {
  readonly name: string;
  readonly isGbk: boolean;
  /** The most rows of one file, and the usual number. */
  readonly maxRows: number;
  readonly usualRows: number;
  /** The texts of a payout in the file that people typed; they may contain characters that the file cannot. */
  typedTexts(payout: Omit<Payout, "detailNo">): readonly (readonly [what: string, text: string])[];
  /** The lines of a file, without line breaks. */
  lines(part: BatchPart): readonly string[];
  readonly lineEnd: "\r\n" | "\n";
}

const totalOf = (payouts: readonly Payout[]) => formatYuan(payouts.reduce((total, { netFen }) => total + netFen, 0n));
const account = ({ accountNumber }: Pick<Payout, "accountNumber">) => ["the account's number", accountNumber] as const;
const name = ({ holder }: Pick<Payout, "holder">) => ["the holder's name", holder] as const;
const bank = ({ bankName }: Pick<Payout, "bankName">) => ["the bank's name", bankName ?? ""] as const;
const branch = ({ branchCode }: Pick<Payout, "branchCode">) => ["the branch code", branchCode ?? ""] as const;

const alipay: Template = {
  name: "alipay-1",
  isGbk: true,
  maxRows: 10_000,
  usualRows: 1000,
  lineEnd: "\r\n",
  typedTexts: (payout) => [account(payout), name(payout)],
  lines: ({ payouts }) => [
    "支付宝批量付款文件模板",
    "序号（必填）,收款方支付宝账号（必填）,收款方姓名（必填）,金额（必填，单位：元）,备注（选填）",
    ...payouts.map(
      (one, index) => `${index + 1},${one.accountNumber},${one.holder},${formatYuan(one.netFen)},${one.detailNo}`,
    ),
  ],
};

/**
 * From this amount on WeChat requires the receiver's name and compares it with the account; below, no name is given.
 */
const namedFromFen = 200_000n;
const isNamed = ({ netFen }: Pick<Payout, "netFen">): boolean => netFen >= namedFromFen;

const wechat: Template = {
  name: "wechat-1",
  isGbk: false,
  maxRows: 1000,
  usualRows: 1000,
  lineEnd: "\r\n",
  typedTexts: (payout) => (isNamed(payout) ? [account(payout), name(payout)] : [account(payout)]),
  lines: ({ batchNo, fileNo, businessDate, appid, payouts }) => [
    "\ufeff微信支付批量转账到零钱模版（勿删）",
    // WeChat takes each file as a batch: at most 1000 details, and a total that equals the sum of its rows.
    `商家批次单号（必填）,${batchNo}F${fileNo}`,
    `批次名称（必填）,积分提现 ${businessDate}`,
    `转账appid（必填）,${appid ?? ""}`,
    `转账总金额（必填，单位：元）,${totalOf(payouts)}`,
    `转账总笔数（必填）,${payouts.length}`,
    `批次备注（必填）,积分提现 ${batchNo}`,
    ",",
    "转账明细（勿删）",
    "商家明细单号（必填）,收款用户openid（必填）,收款用户姓名（选填）,收款用户身份证（选填）,转账金额（必填，单位：元）,转账备注（必填）",
    ...payouts.map(
      (one) =>
        `${one.detailNo},${one.accountNumber},${isNamed(one) ? one.holder : ""},,${formatYuan(one.netFen)},积分提现 ${one.withdrawalNo}`,
    ),
  ],
};

const mybank: Template = {
  name: "mybank-1",
  isGbk: true,
  maxRows: 10_000,
  usualRows: 1000,
  lineEnd: "\r\n",
  typedTexts: (payout) => [name(payout), account(payout), bank(payout), branch(payout)],
  lines: ({ payouts }) => [
    "收款方名称,收款方账号,收款方开户行名称,收款行联行号,金额,附言/用途",
    ...payouts.map(
      (one) =>
        `${one.holder},${one.accountNumber},${one.bankName ?? ""},${one.branchCode ?? ""},${formatYuan(one.netFen)},${one.detailNo}`,
    ),
  ],
};

const csv: Template = {
  name: "csv-1",
  isGbk: false,
  maxRows: 10_000,
  usualRows: 10_000,
  lineEnd: "\n",
  typedTexts: (payout) => [
    account(payout),
    name(payout),
    ...(payout.bankName === null ? [] : [bank(payout)]),
    ...(payout.branchCode === null ? [] : [branch(payout)]),
  ],
  lines: ({ payouts }) => [
    "detail_no,withdrawal_no,channel,account,account_name,bank_name,branch_code,amount",
    ...payouts.map((one) =>
      [
        one.detailNo,
        one.withdrawalNo,
        one.accountChannel,
        one.accountNumber,
        one.holder,
        one.bankName ?? "",
        one.branchCode ?? "",
        formatYuan(one.netFen),
      ].join(","),
    ),
  ],
};

/** The template of each channel's new batches. */
export const templates: Readonly<Record<FileChannel, Template>> = { alipay, wechat, bank: mybank, csv };
