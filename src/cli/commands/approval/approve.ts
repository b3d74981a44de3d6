import { Option } from "@commander-js/extra-typings";
import { approve } from "../../../domain/approvals/decide.ts";
import { showProposal } from "../../../domain/approvals/read.ts";
import { readReason } from "../../../shared/reason.ts";
import { decidedProposal, proposalPage, tellDecided } from "../../approval-view.ts";
import { defineCommand } from "../../command.ts";
import { isConfirmed, type Question } from "../../confirm.ts";
import { addFormOptions } from "../../fields.ts";
import { parsed } from "../../flags.ts";
import { subjects } from "../../subjects.ts";

export const command = defineCommand({
  examples: [
    ["accrue approval approve A00000001", "shows what is proposed, asks, and applies it"],
    ["accrue approval approve A00000001 --yes --operator zhang.min", "by another operator than who proposed it"],
    ["accrue approval approve A00000002 --reveal", "asks with the names of members in full; this is recorded"],
    ["accrue approval approve A00000001 --dry-run", "whether it can be applied, and what that would give"],
  ],
  configure: (command) =>
    addFormOptions(
      command
        .argument("<proposal-no>", "the proposal's number")
        .addOption(parsed("--reason <text>", "why; recorded with the decision", readReason))
        .addOption(new Option("--reveal", "ask with names of members in full; this is recorded").conflicts("yes"))
        .option("--yes", "do not ask")
        .option("--dry-run", "check and roll back"),
      decidedProposal,
    ),
  run: async (session, [proposalNo], { reason, yes, reveal }) => {
    const context = await session.open();
    if (!session.isDry) {
      const seen = await showProposal(context, proposalNo, reveal);
      const question: Question = {
        text: `Approve proposal ${proposalNo}, and apply it?`,
        about: (page) => proposalPage(page, seen, context.zone),
      };
      if (seen.state === "proposed" && !(await isConfirmed(session.ui, question, yes))) return;
    }
    await tellDecided(session, await approve(context, subjects, proposalNo, reason), context.zone);
  },
});
