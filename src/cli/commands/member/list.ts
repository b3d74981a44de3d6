import { listMembers } from "../../../domain/members/list.ts";
import { memberStatuses, type MemberStatus } from "../../../domain/members/model.ts";
import { usageError } from "../../../shared/errors.ts";
import { choice } from "../../choice.ts";
import { defineCommand } from "../../command.ts";
import { listedMemberDocument } from "./view.ts";
import { yesOrNo } from "../../story-view.ts";
import { addPageOptions, dateOption, limitOf, moreText, type PageOptions } from "../../list-options.ts";

interface Options extends PageOptions {
  readonly status?: MemberStatus;
  readonly verified?: boolean;
  readonly unverified?: boolean;
  readonly registeredFrom?: string;
  readonly registeredTo?: string;
  readonly name?: string;
  readonly phone?: string;
  readonly email?: string;
  readonly reveal?: boolean;
}

export const command = defineCommand<Options>({
  examples: [
    ["accrue member list --status frozen", "who is frozen"],
    ["accrue member list --name 张 --unverified", "members with 张 in their name whose identity is not verified"],
    ["accrue member list --phone 13800138000 --reveal", "whose phone number this is, unmasked and recorded"],
    ["accrue member list --after M00000050 --json", "the next page, one JSON object a line"],
  ],
  configure: (command) => {
    addPageOptions(command, "member number")
      .addOption(choice("--status <status>", "only members of this status", memberStatuses))
      .option("--verified", "only members whose identity is verified")
      .option("--unverified", "only members whose identity is not verified")
      .option("--registered-from <date>", "registered on this date or later")
      .option("--registered-to <date>", "registered on this date or earlier")
      .option("--name <part>", "with this in their name")
      .option("--phone <phone>", "the member with this phone number")
      .option("--email <email>", "the member with this e-mail address")
      .option("--reveal", "show names, phones and addresses in full; this is recorded");
  },
  run: async (session, _args, options) => {
    const query = { filter: filterOf(options), limit: limitOf(options), reveal: options.reveal === true };
    const context = await session.open();
    const found = await listMembers(context, options.after === undefined ? query : { ...query, after: options.after });
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

function filterOf(options: Options) {
  if (options.verified === true && options.unverified === true) {
    throw usageError("conflicting_options", "--verified and --unverified exclude each other", { hint: "leave both out to see all" });
  }
  const registeredFrom = dateOption("--registered-from", options.registeredFrom);
  const registeredTo = dateOption("--registered-to", options.registeredTo);
  const { status, name, phone, email } = options;
  return {
    ...(status === undefined ? {} : { status }),
    ...(options.verified === true ? { isVerified: true } : {}),
    ...(options.unverified === true ? { isVerified: false } : {}),
    ...(registeredFrom === undefined ? {} : { registeredFrom }),
    ...(registeredTo === undefined ? {} : { registeredTo }),
    ...(name === undefined ? {} : { name }),
    ...(phone === undefined ? {} : { phone }),
    ...(email === undefined ? {} : { email }),
  };
}
