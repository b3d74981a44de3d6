import { explainWithdrawals, importWithdrawals } from "../../../domain/withdrawals/import.ts";
import { secretBoxOf } from "../../secret-box.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue withdrawal import requests.csv", "hold the points of each request; rejected rows go to requests.rejects.csv"],
    ["accrue withdrawal import requests.csv --dry-run", "see which would be refused, and why"],
  ],
  columnsText: "request_no 申请号, member_no 会员号, points 积分, [channel 收款渠道, account 收款账号, account_name 收款户名]",
  run: (context, input, _options, session) => importWithdrawals(context, input, () => secretBoxOf(session)),
  explain: (context, input, _options, session) => explainWithdrawals(context, input, () => secretBoxOf(session)),
});
