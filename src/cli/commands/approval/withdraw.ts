import { withdraw } from "../../../domain/approvals/decide.ts";
import { readReason } from "../../../shared/reason.ts";
import { decidedProposal, tellDecided } from "../../approval-view.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions } from "../../fields.ts";
import { parsed } from "../../flags.ts";

export const command = defineCommand({
  examples: [["accrue approval withdraw A00000001", "takes back what you proposed yourself"]],
  configure: (command) =>
    addFormOptions(
      command
        .argument("<proposal-no>", "the proposal's number")
        .addOption(parsed("--reason <text>", "why; recorded with the decision", readReason))
        .option("--dry-run", "check and roll back"),
      decidedProposal,
    ),
  run: async (session, [proposalNo], { reason }) => {
    const context = await session.open();
    await tellDecided(session, await withdraw(context, proposalNo, reason), context.zone);
  },
});
