import { listed, type ColumnElsewhere } from "../../imports/guessing/names.ts";
import type { StatementColumn } from "./columns.ts";

/** What other banks call the columns of a statement. */
export const statementsElsewhere: Readonly<Partial<Record<StatementColumn, ColumnElsewhere>>> = {
  occurred_at: {
    holds: "time",
    names: listed(`
      transactiontime transactiondatetime bookingdate transactiondate postingdate datetime date 记账时间 入账时间
      入账日期 日期 时间 取引日 取引日時 日付 buchungstag buchungsdatum datum dateoperation datecomptable fecha
      fechaoperacion data`),
    not: listed("value valuta wert valeur valor"),
  },
  balance: {
    holds: "money",
    names: listed("balance runningbalance closingbalance 当前余额 本次余额 残高 差引残高 saldo kontostand solde"),
  },
  amount: {
    holds: "money",
    names: listed("amount transactionamount 发生额 収支金額 金額 betrag umsatz montant importe monto importo"),
    not: listed("balance saldo solde 余额 残高 debit credit"),
  },
  income: {
    holds: "money",
    names: listed(`
      credit deposit deposits paidin moneyin 收入 贷方发生额 转入金额 入金 預入 お預り金額 haben gutschrift abono
      entrada`),
  },
  expense: {
    holds: "money",
    names: listed(`
      debit withdrawal withdrawals paidout moneyout 支出 借方发生额 转出金额 出金 お引出し金額 soll lastschrift cargo
      salida`),
  },
  direction: {
    holds: "words",
    names: listed("direction debitcredit crdr 收支方向 借贷标志 借贷方向 入出金区分 sollhaben sens"),
    words: {
      in: listed("in credit cr c 收入 贷 贷方 入金 haben h"),
      out: listed("out debit dr d 支出 借 借方 出金 soll s"),
    },
  },
  line_no: {
    holds: "id",
    names: listed(
      "transactionid transactionno serialno entryno 流水号 核心流水号 交易序号 取引番号 umsatznummer numerooperation",
    ),
  },
  kind: { holds: "text", names: listed("type transactiontype 交易名称 取引種別 buchungstext typeoperation tipo") },
  counterparty: {
    holds: "party",
    names: listed(
      "counterpartyaccount beneficiaryaccount 对方账户 对方卡号 相手口座 iban kontonummer comptetiers cuenta",
    ),
  },
  counterparty_name: {
    holds: "text",
    names: listed(
      "counterparty counterpartyname payee beneficiary 对方名称 对方单位名称 相手先 名義 auftraggeber empfanger tiers",
    ),
  },
  reference: {
    holds: "id",
    names: listed("reference referenceno voucherno 凭证号码 参照番号 referenz verwendungsreferenz"),
  },
  remark: {
    holds: "text",
    names: listed(
      "description remark remarks memo narrative details 用途 说明 摘要 備考 verwendungszweck libelle concepto",
    ),
  },
  currency: { holds: "words", names: listed("currency 货币 通貨 wahrung devise moneda") },
};
