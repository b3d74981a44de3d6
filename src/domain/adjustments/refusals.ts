import { fileNotWhole } from "../../imports/whole-file.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import { adjustmentProblems, type AdjustmentProblem } from "./model.ts";
import type { Judged } from "./sql.ts";

type JudgedWrong = Judged & { readonly outcome: AdjustmentProblem };

/** The refusal of rows that cannot be applied, or undefined when all of them can. */
export function rowsRefusal(judged: readonly Judged[], file: string | null): AccrueError | undefined {
  const wrong = judged.filter((one): one is JudgedWrong => one.outcome in adjustmentProblems);
  const [first] = wrong;
  if (first === undefined) return undefined;
  const rows = judged.reduce((sum, one) => sum + one.rows, 0);
  if (file === null) {
    const { memberNo } = first.examples[0]!;
    return refusedError(first.outcome, `member ${memberNo}: ${adjustmentProblems[first.outcome]}`, {
      hint: `\`accrue member show ${memberNo}\` tells how the member stands; \`accrue points list\` what was adjusted`,
      details: { member_no: memberNo },
    });
  }
  const rejected = wrong.reduce((sum, one) => sum + one.rows, 0);
  const examples = wrong.flatMap(({ outcome, examples }) =>
    examples.map(({ rowNo, memberNo }) => ({
      line: rowNo,
      code: outcome,
      message: `${memberNo}: ${adjustmentProblems[outcome]}`,
    })),
  );
  const reasons = wrong.map(({ outcome, rows }) => [outcome, rows] as const);
  return fileNotWhole({ file, rows }, rejected, reasons, examples);
}

/** What a file was said to add up to. */
export interface ControlTotals {
  readonly rows?: number | undefined;
  readonly points: bigint;
  readonly fundFen?: Fen | undefined;
}

/** The refusal of a file that does not add up to what was said of it, or undefined when it does. */
export function controlRefusal(file: string, said: ControlTotals, read: ControlTotals): AccrueError | undefined {
  const totals = [
    ["rows", said.rows, read.rows, String],
    ["points", said.points, read.points, String],
    ["fund", said.fundFen, read.fundFen, (fen: unknown) => `${formatYuan(fen as Fen)} yuan`],
  ] as const;
  const differ = totals.filter(([, one, other]) => one !== undefined && other !== undefined && one !== other);
  if (differ.length === 0) return undefined;
  const texts = differ.map(([of, one, other, text]) => `${of}: said ${text(one)}, in the file ${text(other)}`);
  return refusedError("control_totals_differ", `${file} does not add up to what was said of it: ${texts.join("; ")}`, {
    hint: "nothing was proposed; find out which of the two is right before anything else",
    details: Object.fromEntries(
      differ.flatMap(([of, one, other, text]) => [
        [`said_${of}`, text(one)],
        [`read_${of}`, text(other)],
      ]),
    ),
  });
}
