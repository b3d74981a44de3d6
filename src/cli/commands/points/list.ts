import { listAdjustments } from "../../../domain/adjustments/list.ts";
import { allAdjustmentClasses } from "../../../shared/adjustment-classes.ts";
import { usageError } from "../../../shared/errors.ts";
import { proposalStates } from "../../../shared/proposal-states.ts";
import { choice } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { listedAdjustment } from "./view.ts";

export const command = defineList({
  examples: [
    ["accrue points list --proposal A00000001", "every row of a proposal, before it is approved"],
    ["accrue points list --member M00000001 --status approved", "what was adjusted of a member"],
    ["accrue points list --class goodwill --all --csv", "all that was given out of goodwill, for a spreadsheet"],
  ],
  thing: listedAdjustment,
  nothing: "no adjustments",
  keyName: "proposal and row (A00000001/12; the newest proposals are listed first)",
  key: {
    read: (text) => {
      const [, proposalNo, row] = /^(A\d{8,18})\/(\d{1,9})$/.exec(text) ?? [];
      if (proposalNo === undefined)
        throw usageError("invalid_after", `--after ${text} names no adjustment`, {
          hint: "write it like A00000001/12",
        });
      return { proposalNo, rowNo: Number(row) };
    },
    write: ({ proposalNo, rowNo }) => `${proposalNo}/${rowNo}`,
  },
  configure: (command) =>
    command
      .option("--proposal <proposal-no>", "of this proposal")
      .option("--member <member-no>", "of this member")
      .addOption(choice("--class <class>", "of this class", allAdjustmentClasses))
      .option("--reference <text>", "with this reference")
      .addOption(choice("--status <status>", "of proposals of this status", proposalStates)),
  get:
    ({ proposal: proposalNo, member: memberNo, class: reasonClass, reference, status: state }) =>
    (context, page) =>
      listAdjustments(context, { proposalNo, memberNo, reasonClass, reference, state }, page),
});
