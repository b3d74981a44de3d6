import { listAliasesCommand } from "../../alias-commands.ts";

export const command = listAliasesCommand("member", [
  ["accrue member aliases M00000001", "what the sources call this member"],
  ["accrue member aliases --alias tb_nick", "whose alias this is"],
  ["accrue member aliases --source taobao --json", "all of one source, one JSON object a line"],
]);
