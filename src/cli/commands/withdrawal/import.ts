import { importWithdrawals } from "../../../withdrawals/import.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue withdrawal import requests.csv", "hold the points of each request; rejected rows go to requests.rejects.csv"],
    ["accrue withdrawal import requests.csv --dry-run", "see which would be refused, and why"],
  ],
  columnsText: "request_no 申请号, member_no 会员号, points 积分",
  run: importWithdrawals,
});
