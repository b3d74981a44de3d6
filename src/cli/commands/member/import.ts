import { explainMembers, importMembers } from "../../../domain/members/import.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue member import members.csv", "take in a file; rejected rows go to members.rejects.csv"],
    ["accrue member import members.csv --dry-run", "see what it would do"],
  ],
  columnsText: "member_no 会员号, name 姓名, [email 邮箱, phone 手机号, identity_verified 实名认证: yes/no 是/否]",
  run: importMembers,
  explain: explainMembers,
});
