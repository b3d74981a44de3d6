import { setPassword } from "../../../domain/members/passwords.ts";
import { defineCommand } from "../../command.ts";
import { newPassword } from "./password-input.ts";

interface Options {
  readonly passwordStdin?: boolean;
  readonly dryRun?: boolean;
}

export const command = defineCommand<Options>({
  examples: [
    ["accrue member set-password M00000001", "asks for it twice, masked"],
    ["accrue member set-password M00000001 --password-stdin < password.txt", "reads it from standard input"],
  ],
  configure: (command) => {
    command
      .argument("<member-no>", "the member's number")
      .option("--password-stdin", "read the password from standard input; it never stands on a command line")
      .option("--dry-run", "check and roll back");
  },
  run: async (session, [memberNo], { passwordStdin, dryRun }) => {
    const password = await newPassword(session.ui, passwordStdin === true);
    const context = await session.open();
    await setPassword(context, memberNo!, password, dryRun === true ? "rollback" : "commit");
    await session.ui.show({ member_no: memberNo, has_password: true, dry_run: dryRun === true }, (page) =>
      page.line(`${dryRun === true ? "dry run: " : ""}member ${memberNo} has a new password`),
    );
  },
});
