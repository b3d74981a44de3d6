import { checkPassword } from "../../../domain/members/passwords.ts";
import { defineCommand } from "../../command.ts";
import { presentPassword } from "./password-input.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue member verify-password M00000001 --password-stdin < password.txt",
      "exit 0 when it is the member's password, 4 when not",
    ],
  ],
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .option("--password-stdin", "read the password from standard input; it never stands on a command line"),
  run: async (session, [memberNo], { passwordStdin }) => {
    const password = await presentPassword(session.ui, passwordStdin === true);
    const context = await session.open();
    await checkPassword(context, memberNo, password);
    await session.ui.show({ member_no: memberNo, match: true }, (page) => page.line("the password matches"));
  },
});
