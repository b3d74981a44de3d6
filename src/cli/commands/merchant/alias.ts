import { addAliasCommand } from "../../alias-commands.ts";

export const command = addAliasCommand("merchant", [
  ["accrue merchant alias S001 茶庄旗舰店 --source taobao", "orders of this Taobao shop are this merchant's"],
]);
