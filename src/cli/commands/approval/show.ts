import { showProposal } from "../../../domain/approvals/read.ts";
import { proposalStory, proposalStoryPage } from "../../approval-view.ts";
import { defineShow } from "../../show.ts";

export const command = defineShow({
  examples: [["accrue approval show A00000001", "what is proposed and why, what it rests on, and who did what when"]],
  thing: proposalStory,
  page: proposalStoryPage,
  configure: (command) => command.argument("<proposal-no>", "the proposal's number"),
  get:
    (_options, [proposalNo]) =>
    (context) =>
      showProposal(context, proposalNo),
});
