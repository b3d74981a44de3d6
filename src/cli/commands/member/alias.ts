import { addAliasCommand } from "../../alias-commands.ts";

export const command = addAliasCommand("member", [
  ["accrue member alias M00000001 tb_nick --source taobao", "a Taobao buyer's name leads to this member"],
]);
