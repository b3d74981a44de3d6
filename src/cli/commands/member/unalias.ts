import { removeAliasCommand } from "../../alias-commands.ts";

export const command = removeAliasCommand("member", [
  [
    "accrue member unalias tb_nick --source taobao",
    "the name leads nowhere from now on; orders that came in stay as they are",
  ],
]);
