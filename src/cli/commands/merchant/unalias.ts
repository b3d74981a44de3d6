import { removeAliasCommand } from "../../alias-commands.ts";

export const command = removeAliasCommand("merchant", [
  [
    "accrue merchant unalias 茶庄旗舰店 --source taobao",
    "the name leads nowhere from now on; orders that came in stay as they are",
  ],
]);
