import type { Transaction } from "../../db/database.ts";
import type { MergeReject } from "../../imports/kind.ts";
import { burnLines, releaseLines } from "../ledger/model.ts";
import { postPerPoint, postPerWithdrawal } from "../ledger/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { formatYuan } from "../../shared/money.ts";
import type { ResultColumn } from "./result-row.ts";
import { applyJudged, countOutcomes, endedWithdrawals, type AnswerWords, type RejectedAnswer } from "./result-sql.ts";

/**
 * Carries out the answers that were judged, whoever gave them: success burns the hold, failure releases it, each with its
 * journal; processing and unknown are noted.
 *
 * @returns how many answers were news, and how many were known
 */
export async function settleJudged(tx: Transaction, words: Omit<AnswerWords, "businessDate"> & { readonly zone: string }): Promise<{ readonly updated: number; readonly duplicate: number }> {
  const outcomes = await countOutcomes(tx);
  const [updated = 0, duplicate = 0] = [outcomes.get("updated"), outcomes.get("duplicate")];
  if (updated > 0) {
    const { operator, at } = words;
    const businessDate = businessDateOf(at, words.zone);
    const applied = await applyJudged(tx, { ...words, businessDate });
    // Answers go one file after the other, and nothing but an answer moves a payout: anything else is a broken database.
    if (applied.details !== updated || applied.withdrawals !== applied.ended) {
      throw new Error(`${applied.details} of ${updated} payouts and ${applied.withdrawals} of ${applied.ended} withdrawals took their answer: run \`accrue verify\``);
    }
    const head = { businessDate, operator, postedAt: at };
    await postPerWithdrawal(tx, { ...head, kind: "burn" }, burnLines, endedWithdrawals(tx, "paid"));
    await postPerPoint(tx, { ...head, kind: "release" }, releaseLines, endedWithdrawals(tx, "failed"));
  }
  return { updated, duplicate };
}

/** Which cell each reject points at, and its message. */
const explanations: Readonly<Record<string, { readonly column: ResultColumn; readonly text: (known: RejectedAnswer) => string }>> = {
  unknown_detail: { column: "detail_no", text: () => "no payout was ever sent under this number" },
  other_channel: { column: "detail_no", text: ({ storedValue }) => `this payout was sent through ${storedValue}` },
  conflict_amount: { column: "amount", text: ({ storedValue }) => `${formatYuan(BigInt(storedValue!))} were sent` },
  conflict_channel_ref: { column: "channel_ref", text: ({ storedState, storedValue }) => `it is ${storedState} as ${storedValue} already: was it paid twice?` },
  conflict_after_success: { column: "status", text: () => "it is paid already, and that is final" },
  conflict_after_failure: { column: "status", text: () => "it failed already and its points were given back: if money did move, settle it with the channel" },
};

/** Says what is wrong with an answer that was not taken, for a person to settle. */
export function explainReject(answer: RejectedAnswer): MergeReject<ResultColumn> {
  const { column, text } = explanations[answer.outcome]!;
  return { record: answer.record, code: answer.outcome, column, message: text(answer) };
}
