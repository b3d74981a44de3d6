import { importAliasesCommand } from "../../alias-commands.ts";

export const command = importAliasesCommand("member", "member_no 会员号, alias 别名, [source 来源]", [
  ["accrue member import-aliases aliases.csv", "each row names its source"],
  ["accrue member import-aliases nicks.csv --source taobao", "a file without a column for the source"],
]);
