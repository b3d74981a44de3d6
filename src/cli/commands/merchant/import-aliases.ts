import { importAliasesCommand } from "../../alias-commands.ts";

export const command = importAliasesCommand("merchant", [
  ["accrue merchant import-aliases aliases.csv", "each row names its source"],
  ["accrue merchant import-aliases nicks.csv --source taobao", "a file without a column for the source"],
]);
