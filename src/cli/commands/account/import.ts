import { explainAccounts, importAccounts } from "../../../domain/accounts/import.ts";
import { defineImportCommand } from "../../import-command.ts";
import { secretBoxOf } from "../../secret-box.ts";

export const command = defineImportCommand({
  examples: [["accrue account import accounts.csv", "take in a file; rejected rows go to accounts.rejects.csv, which only you can read"]],
  columnsText: "member_no 会员号, channel 收款渠道 (alipay, wechat, bank), account 收款账号, account_name 收款户名, [bank 开户银行, branch 联行号]",
  run: (context, input, _options, session) => importAccounts(context, secretBoxOf(session), input),
  explain: (context, input, _options, session) => explainAccounts(context, secretBoxOf(session), input),
});
