import { verifyIdentity } from "../../../members/verify-identity.ts";
import { defineCommand } from "../../command.ts";
import { memberFacts } from "../../member-view.ts";

export const command = defineCommand<{ dryRun?: boolean }>({
  examples: [["accrue member verify-identity M00000001", "from now on this member can withdraw, and an import cannot change the name"]],
  configure: (command) => {
    command.argument("<member-no>", "the member's number").option("--dry-run", "check and roll back");
  },
  run: async (session, [memberNo], { dryRun }) => {
    const context = await session.open();
    const member = await verifyIdentity(context, memberNo!, dryRun === true ? "rollback" : "commit");
    const { member_no, status, identity_verified } = memberFacts(member);
    await session.ui.show({ member_no, status, identity_verified, dry_run: dryRun === true }, (page) =>
      page.line(`${dryRun === true ? "dry run: " : ""}the identity of member ${memberNo} is verified`),
    );
  },
});
