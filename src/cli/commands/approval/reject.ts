import { reject } from "../../../domain/approvals/decide.ts";
import { readReason } from "../../../shared/reason.ts";
import { decidedProposal, tellDecided } from "../../approval-view.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions } from "../../fields.ts";
import { subjects } from "../../subjects.ts";

export const command = defineCommand({
  examples: [["accrue approval reject A00000001 --reason 'the fee stays as it is'", "it is never applied"]],
  configure: (command) =>
    addFormOptions(
      command
        .argument("<proposal-no>", "the proposal's number")
        .requiredOption("--reason <text>", "why", readReason)
        .option("--dry-run", "check and roll back"),
      decidedProposal,
    ),
  run: async (session, [proposalNo], { reason }) => {
    const context = await session.open();
    await tellDecided(session, await reject(context, subjects, proposalNo, reason), context.zone);
  },
});
