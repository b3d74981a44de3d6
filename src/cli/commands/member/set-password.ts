import { setPassword } from "../../../domain/members/passwords.ts";
import { defineCommand } from "../../command.ts";
import { newPassword } from "./password-input.ts";

export const command = defineCommand({
  examples: [
    ["accrue member set-password M00000001", "asks for it twice, masked"],
    ["accrue member set-password M00000001 --password-stdin < password.txt", "reads it from standard input"],
  ],
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .option("--password-stdin", "read the password from standard input; it never stands on a command line")
      .option("--dry-run", "check and roll back"),
  run: async (session, [memberNo], { passwordStdin }) => {
    const password = await newPassword(session.ui, passwordStdin === true);
    const context = await session.open();
    await setPassword(context, memberNo, password);
    await session.ui.show({ member_no: memberNo, has_password: true, dry_run: session.isDry }, (page) =>
      page.line(`${session.isDry ? "dry run: " : ""}member ${memberNo} has a new password`),
    );
  },
});
