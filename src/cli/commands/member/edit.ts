import { editContacts, type EditedMember } from "../../../domain/members/edit.ts";
import { requireValid } from "../../../domain/members/member-errors.ts";
import { nameProblem } from "../../../domain/members/model.ts";
import { nameSubject } from "../../../domain/members/name-subject.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";
import type { Session } from "../../session.ts";
import { outcomeText } from "../../story-view.ts";

const orNone = (text: string | undefined): string | null | undefined => (text === "none" ? null : text);

export const command = defineCommand({
  examples: [
    ["accrue member edit M00000001 --phone 13800138001 --reason 'new phone'", "at once"],
    ["accrue member edit M00000001 --email none --reason 'asked for it'", "from now on there is none"],
    [
      "accrue member edit M00000001 --name 张珊 --reason 'married, saw the passport'",
      "proposes it: another operator approves",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<member-no>", "the member's number")
        .option("--name <name>", "another name; it is proposed, and approved by another operator")
        .option("--phone <phone>", "another phone number; none: no number")
        .option("--email <email>", "another e-mail address; none: no address"),
    ),
  run: async (session, [memberNo], { name: typed, phone, email, reason, expiresIn }) => {
    if (typed === undefined)
      return tellEdited(
        session,
        await editContacts(await session.open(), memberNo, { phone: orNone(phone), email: orNone(email) }, reason),
      );
    if (phone !== undefined || email !== undefined) {
      throw usageError("conflicting_options", "a name is proposed, and contacts are changed at once", {
        hint: "give --name in a command of its own",
      });
    }
    const name = typed.trim();
    requireValid("invalid_name", "--name", nameProblem(name));
    const document = { member_no: memberNo, name };
    await proposeAndTell(session, await session.open(), nameSubject, document, { reason, expiresIn });
  },
});

const tellEdited = ({ ui, isDry }: Session, { member, changed }: EditedMember): Promise<void> => {
  const { memberNo, phone, email } = member;
  return ui.show({ member_no: memberNo, phone, email, changed, dry_run: isDry }, (page) => {
    page.line(outcomeText(`member ${memberNo} has these contacts`, changed.length > 0, isDry));
    page.facts([
      ["phone", phone ?? "none"],
      ["email", email ?? "none"],
    ]);
  });
};
