import { importAliasesCommand } from "../../alias-commands.ts";

export const command = importAliasesCommand("member", [
  ["accrue member import-aliases aliases.csv", "each row names its source"],
  ["accrue member import-aliases nicks.csv --source taobao", "a file without a column for the source"],
]);
