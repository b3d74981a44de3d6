import { listMembers } from "../../../domain/members/list.ts";
import { memberStatuses } from "../../../domain/members/model.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { choice, date } from "../../flags.ts";
import { listedMemberDocument } from "./view.ts";
import { yesOrNo } from "../../story-view.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";

export const command = defineCommand({
  examples: [
    ["accrue member list --status frozen", "who is frozen"],
    ["accrue member list --name 张 --unverified", "members with 张 in their name whose identity is not verified"],
    ["accrue member list --phone 13800138000 --reveal", "whose phone number this is, unmasked and recorded"],
    ["accrue member list --after M00000050 --json", "the next page, one JSON object a line"],
  ],
  configure: (command) =>
    addPageOptions(command, "member number", String)
      .addOption(choice("--status <status>", "only members of this status", memberStatuses))
      .option("--verified", "only members whose identity is verified")
      .option("--unverified", "only members whose identity is not verified")
      .addOption(date("--registered-from <date>", "registered on this date or later"))
      .addOption(date("--registered-to <date>", "registered on this date or earlier"))
      .option("--name <part>", "with this in their name")
      .option("--phone <phone>", "the member with this phone number")
      .option("--email <email>", "the member with this e-mail address")
      .option("--reveal", "show names, phones and addresses in full; this is recorded"),
  run: async (session, _args, { verified, unverified, reveal = false, after, limit = defaultLimit, ...options }) => {
    if (verified === true && unverified === true) {
      throw usageError("conflicting_options", "--verified and --unverified exclude each other", { hint: "leave both out to see all" });
    }
    const { status, registeredFrom, registeredTo, name, phone, email } = options;
    const isVerified = verified ?? (unverified === true ? false : undefined);
    const filter = { status, isVerified, registeredFrom, registeredTo, name, phone, email };
    const context = await session.open();
    const found = await listMembers(context, { filter, after, limit, reveal });
    const more = moreText(found.next !== undefined, found.next);
    await session.ui.list(found.members.map(listedMemberDocument), (page) => {
      if (found.members.length === 0) return void page.line("no members");
      page.table(
        [
          { heading: "member no", key: true }, { heading: "name" }, { heading: "phone", rank: 2 }, { heading: "email", rank: 3 }, { heading: "status" },
          { heading: "verified" }, { heading: "available", align: "right" }, { heading: "held", align: "right" },
        ],
        found.members.map((one) => [
          one.memberNo, one.name, one.phone ?? "", one.email ?? "", one.status,
          yesOrNo(one.isVerified), one.availablePoints.toString(), one.heldPoints.toString(),
        ]),
        more,
      );
    });
    if (session.ui.json && more !== undefined) session.ui.note(more);
  },
});
