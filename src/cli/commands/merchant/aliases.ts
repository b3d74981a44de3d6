import { listAliasesCommand } from "../../alias-commands.ts";

export const command = listAliasesCommand("merchant", [
  ["accrue merchant aliases S001", "what the sources call this merchant"],
  ["accrue merchant aliases --alias 茶庄旗舰店", "whose alias this is"],
  ["accrue merchant aliases --source taobao --json", "all of one source, one JSON object a line"],
]);
