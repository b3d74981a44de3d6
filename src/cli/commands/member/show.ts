import { showMember } from "../../../domain/members/show.ts";
import { defineCommand } from "../../command.ts";
import { memberDocument, memberPage } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue member show M00000001", "facts, balance, latest points entries, who did what when"],
    ["accrue member show M00000001 --reveal", "name, phone and e-mail in full; this is recorded"],
  ],
  configure: (command) =>
    command
      .argument("<member-no>", "the member's number")
      .option("--reveal", "show name, phone and address in full; this is recorded"),
  run: async (session, [memberNo], { reveal }) => {
    const context = await session.open();
    const story = await showMember(context, memberNo, reveal === true);
    await session.ui.show(memberDocument(story), (page) => memberPage(page, story, context.zone));
  },
});
