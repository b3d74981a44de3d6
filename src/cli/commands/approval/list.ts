import { listProposals } from "../../../domain/approvals/read.ts";
import { proposalStates } from "../../../shared/proposal-states.ts";
import { subjectKinds } from "../../../shared/subject-kinds.ts";
import { proposalThing } from "../../approval-view.ts";
import { choice } from "../../flags.ts";
import { defineList } from "../../list.ts";

export const command = defineList({
  examples: [
    ["accrue approval list --status proposed", "what waits for another operator"],
    ["accrue approval list --kind policy --json", "every change of policy that was proposed, one object a line"],
  ],
  thing: proposalThing,
  nothing: "no proposals",
  keyName: "proposal number (proposals are listed newest first)",
  configure: (command) =>
    command
      .addOption(choice("--status <status>", "only those of this status", proposalStates))
      .addOption(choice("--kind <kind>", "of this kind", subjectKinds))
      .option("--maker <operator>", "proposed by this operator"),
  get:
    ({ status: state, kind, maker }) =>
    (context, page) =>
      listProposals(context, { state, kind, maker }, page),
});
