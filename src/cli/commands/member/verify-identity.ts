import { verifyIdentity, type VerifiedMember } from "../../../domain/members/verify-identity.ts";
import { defineCommand } from "../../command.ts";
import { outcomeText } from "../../story-view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue member verify-identity M00000001",
      "from now on this member can withdraw, and an import cannot change the name",
    ],
  ],
  configure: (command) =>
    command.argument("<member-no>", "the member's number").option("--dry-run", "check and roll back"),
  run: async (session, [memberNo]) => {
    const context = await session.open();
    const verified = await verifyIdentity(context, memberNo);
    await session.ui.show(verifiedDocument(verified, session.isDry), (page) =>
      page.line(outcomeText(`the identity of member ${memberNo} is verified`, verified.isChanged, session.isDry)),
    );
  },
});

/** A member whose identity was verified, or is not any more, as JSON has them. */
export const verifiedDocument = ({ member, isChanged }: VerifiedMember, isDry: boolean) => ({
  member_no: member.memberNo,
  status: member.status,
  identity_verified: member.identityVerifiedAt !== null,
  changed: isChanged,
  dry_run: isDry,
});
