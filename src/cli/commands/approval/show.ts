import { showProposal } from "../../../domain/approvals/read.ts";
import { proposalStory, proposalStoryPage } from "../../approval-view.ts";
import { defineShow } from "../../show.ts";

export const command = defineShow({
  examples: [
    ["accrue approval show A00000001", "what is proposed and why, what it rests on, and who did what when"],
    ["accrue approval show A00000002 --reveal", "with the names of members in full; this is recorded"],
  ],
  thing: proposalStory,
  page: proposalStoryPage,
  configure: (command) =>
    command
      .argument("<proposal-no>", "the proposal's number")
      .option("--reveal", "show names of members in full; this is recorded"),
  get:
    ({ reveal = false }, [proposalNo]) =>
    (context) =>
      showProposal(context, proposalNo, reveal),
});
