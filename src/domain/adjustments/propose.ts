import type { CsvInput } from "../../csv/input/raw-file.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { copyWhole } from "../../imports/whole-file.ts";
import type { AdjustmentClass } from "../../shared/adjustment-classes.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError, usageError } from "../../shared/errors.ts";
import type { Fen } from "../../shared/money.ts";
import { proposeIn, requireProposer, type MadeProposal, type ProposalWords } from "../approvals/propose.ts";
import type { Subject } from "../approvals/subject.ts";
import { adjustmentColumns, adjustmentRowReader, openingColumns, openingRowReader } from "./import-row.ts";
import { directionProblem, type AdjustmentRow } from "./model.ts";
import { controlRefusal, rowsRefusal, type ControlTotals } from "./refusals.ts";
import {
  countJudged,
  createStaged,
  insertStaged,
  judgeAdjustments,
  keepRows,
  newRows,
  stagedAdjustments,
  stagedRows,
  totalsOf,
  type RowTotals,
} from "./sql.ts";
import { adjustmentSubject, openingSubject, type AdjustmentDocument, type OpeningDocument } from "./subject.ts";

/** What came of proposing rows. */
export interface ProposedRows {
  /** Undefined where all of them were applied before: there is nothing to propose. */
  readonly made: MadeProposal | undefined;
  /** Rows that were applied before, with the same content. */
  readonly duplicate: number;
}

/** What differs between kinds of rows that are proposed. */
interface Rows<Document extends AdjustmentDocument | OpeningDocument> {
  readonly subject: Subject<Document>;
  /** Stages them. @returns the file's name, or null where there is none */
  readonly stage: (tx: Transaction) => Promise<string | null>;
  /** Holds what was staged to what was said of it. */
  readonly check?: (file: string, totals: RowTotals) => void;
  readonly documentOf: (file: string | null, totals: RowTotals) => Document;
}

async function proposeRows<Document extends AdjustmentDocument | OpeningDocument>(
  context: Context,
  { subject, stage, check, documentOf }: Rows<Document>,
  words: ProposalWords,
): Promise<ProposedRows> {
  requireProposer(context, subject, words);
  return inTransaction(
    context.db,
    async (tx) => {
      await createStaged(tx);
      const file = await stage(tx);
      if (file !== null) check?.(file, await totalsOf(tx, stagedRows(tx)));
      await judgeAdjustments(tx, stagedRows(tx));
      const judged = await countJudged(tx);
      hold(rowsRefusal(judged, file));
      const duplicate = judged.find(({ outcome }) => outcome === "duplicate")?.rows ?? 0;
      const totals = await totalsOf(tx, newRows(tx));
      if (totals.rows === 0) return { made: undefined, duplicate };
      const document = documentOf(file, totals);
      const keep = (proposalNo: string) => keepRows(tx, proposalNo);
      return { made: await proposeIn(tx, context, subject, document, { ...words, keep }), duplicate };
    },
    context.ending,
  );
}

const adjustmentDocument =
  (row: Pick<AdjustmentRow, "memberNo" | "points" | "reference"> | null) =>
  (file: string | null, totals: RowTotals): AdjustmentDocument => ({
    file,
    rows: totals.rows,
    members: totals.members,
    given: String(totals.given),
    taken: String(totals.taken),
    classes: Object.fromEntries(totals.byClass.map(({ reasonClass, rows, points }) => [reasonClass, { rows, points }])),
    rows_sha256: totals.sha256,
    row: row && { member_no: row.memberNo, points: String(row.points), reference: row.reference! },
  });

/**
 * Proposes to adjust the points of one member.
 *
 * @throws a usage error `points_wrong_way`; what `rowsRefusal` gives, by its own code; what `propose` throws
 */
export async function proposeAdjustment(
  context: Context,
  row: Omit<AdjustmentRow, "rowNo" | "reason">,
  words: ProposalWords,
): Promise<ProposedRows> {
  const problem = directionProblem(row.reasonClass, row.points);
  if (problem !== undefined)
    throw usageError("points_wrong_way", problem, { hint: "--reason-class says why points are adjusted" });
  const stage = async (tx: Transaction) => {
    await insertStaged(tx, { ...row, rowNo: 1, reason: words.reason });
    return null;
  };
  return proposeRows(context, { subject: adjustmentSubject, stage, documentOf: adjustmentDocument(row) }, words);
}

/** A file of adjustments, and what is said of it. */
export interface AdjustmentFile {
  readonly input: CsvInput;
  readonly reasonClass?: AdjustmentClass | undefined;
  readonly control: Required<Pick<ControlTotals, "rows" | "points">>;
}

/**
 * Proposes the adjustments of a file, all of them as one. Rows that were applied before with the same content are left
 * out.
 *
 * @throws refused: `file_not_whole`, `control_totals_differ`; what `openCsv` and `propose` throw
 */
export const proposeAdjustmentFile = (
  context: Context,
  { input, reasonClass, control }: AdjustmentFile,
  words: ProposalWords,
): Promise<ProposedRows> => {
  const readRow = adjustmentRowReader({ reasonClass, reason: words.reason });
  const whole = { input, columns: adjustmentColumns, target: stagedAdjustments, readRow };
  return proposeRows(
    context,
    {
      subject: adjustmentSubject,
      stage: async (tx) => (await copyWhole(tx, context, whole)).file,
      check: (file, { rows, given, taken }) => hold(controlRefusal(file, control, { rows, points: given - taken })),
      documentOf: adjustmentDocument(null),
    },
    words,
  );
};

/** A file of opening balances, and what is said of it. */
export interface OpeningFile {
  readonly input: CsvInput;
  readonly date: BusinessDate;
  readonly control: { readonly points: bigint; readonly fundFen: Fen };
}

/**
 * Proposes the opening balances of a former system, one a member. The money that the fund opens with is what is said of
 * the file; where its rows say it too, they add up to it.
 *
 * @throws refused: `opening_in_the_future`, `file_not_whole`, `control_totals_differ`; what `openCsv` and `propose`
 *   throw
 */
export async function proposeOpening(
  context: Context,
  { input, date, control }: OpeningFile,
  words: ProposalWords,
): Promise<ProposedRows> {
  const today = businessDateOf(context.clock(), context.zone);
  if (date > today)
    throw refusedError("opening_in_the_future", `balances of ${date} are not known yet: today is ${today}`, {
      hint: "--date is the day that the former system's balances are of",
      details: { date, today },
    });
  let saidFen: Fen | undefined;
  const readRow = openingRowReader(words.reason, (fen) => (saidFen = (saidFen ?? 0n) + fen));
  const whole = { input, columns: openingColumns, target: stagedAdjustments, readRow };
  return proposeRows(
    context,
    {
      subject: openingSubject,
      stage: async (tx) => (await copyWhole(tx, context, whole)).file,
      check: (file, { given }) => hold(controlRefusal(file, control, { points: given, fundFen: saidFen })),
      documentOf: (file, { rows, given, sha256 }) => ({
        file: file!,
        date,
        rows,
        points: String(given),
        fund_fen: String(control.fundFen),
        rows_sha256: sha256,
      }),
    },
    words,
  );
}

function hold(refusal: Error | undefined): void {
  if (refusal !== undefined) throw refusal;
}
