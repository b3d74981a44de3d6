import { runImport } from "../../../src/imports/run-import.ts";
import { statementKind } from "../../../src/domain/statements/import.ts";
import { addMoneyAccount } from "../../../src/domain/money-accounts/add.ts";
import type { MoneyChannel } from "../../../src/domain/money-accounts/model.ts";
import type { Context } from "../../../src/db/context.ts";
import { encode } from "../../unit/csv/encode.ts";
import { writeScratch } from "../../support/files.ts";

/** What moved on an account: when, by how many fen, and what else a line says. */
export interface Move {
  readonly at: string;
  readonly fen: bigint;
  readonly balance: bigint;
  readonly no?: string | undefined;
  readonly remark?: string;
  readonly counterparty?: string;
}

const yuan = (fen: bigint) =>
  `${fen < 0n ? "-" : ""}${(fen < 0n ? -fen : fen) / 100n}.${String((fen < 0n ? -fen : fen) % 100n).padStart(2, "0")}`;

/** A statement of the tool's own form, with a running balance. */
export const fileOf = (moves: readonly Move[]): string =>
  writeScratch(
    "statement.csv",
    [
      "occurred_at,line_no,amount,balance,counterparty,remark",
      ...moves.map(({ at, no = "", fen, balance, counterparty = "", remark = "" }) =>
        [at, no, yuan(fen), yuan(balance), counterparty, remark].join(","),
      ),
    ]
      .join("\n")
      .concat("\n"),
  );

/** Moves one after the other from a balance on. */
export function movesFrom(opening: bigint, moves: readonly Omit<Move, "balance">[]): readonly Move[] {
  let balance = opening;
  return moves.map((move) => ({ ...move, balance: (balance += move.fen) }));
}

/** Adds a money account, if it is not there. */
export const account = (context: Context, name: string, channel: MoneyChannel = "bank") =>
  addMoneyAccount(context, name, channel);

/** Takes in a statement. */
export const takeStatement = (context: Context, moneyAccount: string, path: string) =>
  runImport(context, statementKind(moneyAccount), { input: { path }, force: true });

/** Alipay's 账务明细 as it is downloaded: GBK, ids with a TAB, a preamble and a tail. */
export const alipayFile = (rows: readonly string[]): string =>
  writeScratch(
    "alipay.csv",
    encode(
      [
        "#支付宝账务明细查询",
        "#账号：[20880000000000000156]",
        "#起始日期：[2026年02月01日 00:00:00]   终止日期：[2026年02月02日 00:00:00]",
        "#-----------------------------------------账务明细列表----------------------------------------",
        "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注",
        ...rows,
        "#----------------------------------------账务明细列表结束-------------------------------------",
        "#支出合计：1笔，共95.00元",
        "#收入合计：1笔，共100.00元",
        "#导出时间：[2026年02月02日 09:00:00]",
        "",
      ].join("\r\n"),
      "gb18030",
    ),
  );

export const alipayRows = [
  "2026020100001\t,2026020122001\t,O1\t,龙井,2026-02-01 10:00:00,138***@x.com,100.00,0.00,1100.00,支付宝,交易付款,",
  "2026020100002\t,2026020122002\t,D00000001\t,,2026-02-01 11:00:00,139***@x.com,0.00,-95.00,1005.00,支付宝,转账,D00000001",
];
