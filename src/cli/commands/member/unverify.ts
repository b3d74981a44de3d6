import { unverifyIdentity } from "../../../domain/members/verify-identity.ts";
import { readReason } from "../../../shared/reason.ts";
import { defineCommand } from "../../command.ts";
import { verifiedDocument } from "./verify-identity.ts";
import { outcomeText } from "../../story-view.ts";

export const command = defineCommand({
  examples: [
    ["accrue member unverify M00000001 --reason 'another person on the photo'", "from now on they cannot withdraw"],
  ],
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .requiredOption("--reason <text>", "why; recorded with it", readReason)
      .option("--dry-run", "check and roll back"),
  run: async (session, [memberNo], { reason }) => {
    const unverified = await unverifyIdentity(await session.open(), memberNo, reason);
    await session.ui.show(verifiedDocument(unverified, session.isDry), (page) =>
      page.line(outcomeText(`the identity of member ${memberNo} is not verified`, unverified.isChanged, session.isDry)),
    );
  },
});
