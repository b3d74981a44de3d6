import { adjustmentColumns } from "../../../domain/adjustments/import-row.ts";
import { readSignedPoints } from "../../../domain/adjustments/model.ts";
import { proposeAdjustment, proposeAdjustmentFile, type ProposedRows } from "../../../domain/adjustments/propose.ts";
import type { Context } from "../../../db/context.ts";
import { columnsText } from "../../../imports/columns.ts";
import { givenClasses, type AdjustmentClass } from "../../../shared/adjustment-classes.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { choice, count, parsed } from "../../flags.ts";
import { addProposalOptions } from "../../proposing.ts";
import { readReference, tellProposedRows } from "./view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue points adjust M00000001 +50 --reason-class goodwill --reference T-2026-118 --reason 'late delivery'",
      "50 points out of the platform's share, once another operator approves it",
    ],
    [
      "accrue points adjust M00000001 -120 --reason-class forfeit --reference C-77 --reason 'left, agreed in writing'",
      "what a member leaves behind goes back to the platform's share",
    ],
    [
      "accrue points adjust --file may.csv --reason-class campaign --control-points 51200 --control-rows 1024 --reason 'campaign of May'",
      "a whole file as one proposal, held to its totals",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("[member-no]", "the member's number")
        .argument("[points]", "+50 to give points, -50 to take them", readSignedPoints)
        .addOption(choice("--reason-class <class>", "why points are adjusted", givenClasses))
        .addOption(
          parsed("--reference <text>", "what whoever asks knows it by; the same again is nothing new", readReference),
        )
        .option("--file <file>", "a CSV file of adjustments, in place of a member and points")
        .addOption(parsed("--control-points <points>", "what its points add up to", readSignedTotal))
        .addOption(count("--control-rows <rows>", "how many rows it has"))
        .addHelpText(
          "after",
          `\nColumns of the file (a Chinese name is as good, optional ones in brackets):\n  ${columnsText(adjustmentColumns)}\n`,
        ),
    ),
  run: async (session, [memberNo, points], { reason, expiresIn, ...options }) => {
    const words = { reason, expiresIn };
    const proposing = proposingOf(memberNo, points, options);
    const context = await session.open();
    await tellProposedRows(session, context, await proposing(context, words));
  },
});

interface Given {
  readonly reasonClass?: AdjustmentClass;
  readonly reference?: string;
  readonly file?: string;
  readonly controlPoints?: bigint;
  readonly controlRows?: number;
}

type Proposing = (
  context: Context,
  words: { readonly reason: string; readonly expiresIn: number | undefined },
) => Promise<ProposedRows>;

/** What is to be proposed: a file, or one row. @throws usage errors `adjustment_incomplete`, `conflicting_options` */
function proposingOf(memberNo: string | undefined, points: bigint | undefined, given: Given): Proposing {
  const { reasonClass, reference, file, controlPoints, controlRows } = given;
  if (file !== undefined) {
    if (memberNo !== undefined || reference !== undefined)
      throw usageError("conflicting_options", "--file says members, points and references itself", {
        hint: "give either a file, or a member, points and --reference",
      });
    if (controlPoints === undefined || controlRows === undefined)
      throw incomplete("--control-points and --control-rows");
    const control = { points: controlPoints, rows: controlRows };
    return (context, words) => proposeAdjustmentFile(context, { input: { path: file }, reasonClass, control }, words);
  }
  if (memberNo === undefined || points === undefined) throw incomplete("a member and points, or --file");
  if (reasonClass === undefined || reference === undefined) throw incomplete("--reason-class and --reference");
  return (context, words) => proposeAdjustment(context, { memberNo, points, reasonClass, reference }, words);
}

const incomplete = (what: string) =>
  usageError("adjustment_incomplete", `an adjustment takes ${what}`, { hint: "see `accrue points adjust --help`" });

function readSignedTotal(text: string): bigint {
  if (/^[+-]?\d{1,18}$/.test(text)) return BigInt(text);
  throw usageError("invalid_points", `"${text}" is no number of points`, { hint: "write it like 51200, or -300" });
}
