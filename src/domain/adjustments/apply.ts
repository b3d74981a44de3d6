import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { formatYuan } from "../../shared/money.ts";
import type { JsonObject } from "../../shared/json.ts";
import { proposalAltered } from "../approvals/refusals.ts";
import type { Proposal } from "../approvals/subject.ts";
import { dateIsClosed } from "../ledger/closed-dates.ts";
import { isDateClosedMeanwhile } from "../ledger/closed-dates-sql.ts";
import { adjustmentLines, type AdjustmentTotals } from "../ledger/model.ts";
import { postJournal } from "../ledger/sql.ts";
import { takeDecisionSlot } from "../withdrawals/decision-sql.ts";
import { rowsRefusal } from "./refusals.ts";
import {
  applyJudged,
  countJudged,
  createJudged,
  insertPosting,
  judgeAdjustments,
  judgedMembers,
  lockBalances,
  rowsOfProposal,
  totalsOf,
} from "./sql.ts";

/** What the rows of a proposal are applied as. */
export interface AppliedAs {
  readonly businessDate: BusinessDate;
  /** What its document says the rows are. */
  readonly rowsSha256: string;
  readonly file: string | null;
  /** The money that comes with so many points. */
  readonly moneyOf: (points: bigint) => Pick<AdjustmentTotals, "fundFen" | "counter">;
}

/**
 * Applies the rows of a proposal: each becomes an adjustment with its entry, and all of them one transaction of the
 * journal.
 *
 * @throws refused: `business_date_closed`, `proposal_altered`, and what `rowsRefusal` gives
 */
export async function applyRows(
  tx: Transaction,
  context: Context,
  proposal: Proposal,
  { businessDate, rowsSha256, file, moneyOf }: AppliedAs,
): Promise<JsonObject> {
  const { proposalNo } = proposal;
  if (await isDateClosedMeanwhile(tx, businessDate)) throw dateIsClosed(businessDate);
  const { rows, given, taken, sha256 } = await totalsOf(tx, rowsOfProposal(tx, proposalNo));
  if (sha256 !== rowsSha256) throw proposalAltered(proposal);
  // A file of requests keeps balances chunk after chunk: one after the other they cannot wait for each other in a circle.
  await takeDecisionSlot(tx);
  await lockBalances(tx, proposalNo);
  await createJudged(tx);
  // What was applied since, with the same content or not, would be applied twice.
  await judgeAdjustments(tx, rowsOfProposal(tx, proposalNo), "reference_used");
  const refusal = rowsRefusal(await countJudged(tx), file);
  if (refusal !== undefined) throw refusal;
  const points = given - taken;
  const money = moneyOf(points);
  await insertPosting(tx, context, { proposalNo, businessDate, rows, points, ...money });
  const moved = await applyJudged(tx, context, { proposalNo, businessDate });
  if (moved !== (await judgedMembers(tx)))
    throw new Error(`proposal ${proposalNo} moved the balances of ${moved} members`);
  const head = { kind: "adjust", businessDate, operator: context.operator.name, postedAt: context.clock() } as const;
  await postJournal(tx, { ...head, documentNo: proposalNo }, adjustmentLines({ points, ...money }));
  return { rows, points: String(points), fund: formatYuan(money.fundFen), business_date: businessDate };
}
