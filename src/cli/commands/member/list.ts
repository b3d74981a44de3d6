import { listMembers } from "../../../domain/members/list.ts";
import { memberStatuses } from "../../../domain/members/model.ts";
import { usageError } from "../../../shared/errors.ts";
import { choice, date } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { listedMember } from "./view.ts";

export const command = defineList({
  examples: [
    ["accrue member list --status frozen", "who is frozen"],
    ["accrue member list --name 张 --unverified", "members with 张 in their name whose identity is not verified"],
    ["accrue member list --phone 13800138000 --reveal", "whose phone number this is, unmasked and recorded"],
    ["accrue member list --after M00000050 --json", "the next page, one JSON object a line"],
    [
      "accrue member list --all --csv --fields member_no,status,available > members.csv",
      "all of them, for a spreadsheet",
    ],
  ],
  thing: listedMember,
  nothing: "no members",
  keyName: "member number",
  configure: (command) =>
    command
      .addOption(choice("--status <status>", "only members of this status", memberStatuses))
      .option("--verified", "only members whose identity is verified")
      .option("--unverified", "only members whose identity is not verified")
      .addOption(date("--registered-from <date>", "registered on this date or later"))
      .addOption(date("--registered-to <date>", "registered on this date or earlier"))
      .option("--name <part>", "with this in their name")
      .option("--phone <phone>", "the member with this phone number")
      .option("--email <email>", "the member with this e-mail address")
      .option("--reveal", "show names, phones and addresses in full; this is recorded"),
  findingOf: ({ name, phone, email }) =>
    Object.entries({ "--name": name, "--phone": phone, "--email": email }).find(
      ([, value]) => value !== undefined,
    )?.[0],
  get: ({ verified, unverified, reveal = false, status, registeredFrom, registeredTo, name, phone, email }) => {
    if (verified === true && unverified === true) {
      throw usageError("conflicting_options", "--verified and --unverified exclude each other", {
        hint: "leave both out to see all",
      });
    }
    const isVerified = verified ?? (unverified === true ? false : undefined);
    const filter = { status, isVerified, registeredFrom, registeredTo, name, phone, email };
    return (context, page) => listMembers(context, filter, reveal, page);
  },
});
