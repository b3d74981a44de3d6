import { addAliasCommand } from "../../alias-commands.ts";

export const command = addAliasCommand("merchant", [
  ["accrue merchant alias S001 茶庄旗舰店 --source taobao", "orders of this Taobao shop are this merchant's"],
  ["accrue merchant alias S001 6222021234567890 --source payer", "money from this account is this merchant's"],
]);
