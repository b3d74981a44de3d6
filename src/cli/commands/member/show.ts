import { showMember } from "../../../domain/members/show.ts";
import { defineShow } from "../../show.ts";
import { memberPage, memberStory } from "./view.ts";

export const command = defineShow({
  examples: [
    ["accrue member show M00000001", "facts, balance, latest points entries, who did what when"],
    ["accrue member show M00000001 --reveal", "name, phone and e-mail in full; this is recorded"],
  ],
  thing: memberStory,
  page: memberPage,
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .option("--reveal", "show name, phone and address in full; this is recorded"),
  get:
    ({ reveal = false }, [memberNo]) =>
    (context) =>
      showMember(context, memberNo, reveal),
});
