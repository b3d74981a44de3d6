import type { Transaction } from "../../db/database.ts";
import { burnLines, releaseLines } from "../ledger/model.ts";
import { postPerPoint, postPerWithdrawal } from "../ledger/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { applyJudged, endedWithdrawals, type AnswerWords } from "./result-sql.ts";

/**
 * Applies the answers that were judged to be new: success burns the hold, failure releases it, each with its journal
 * transaction; processing and unknown are noted.
 *
 * @param updated the number of new answers
 * @throws Error when another number of payouts or withdrawals was updated, which means a broken database
 */
export async function applyAnswers(
  tx: Transaction,
  updated: number,
  words: Omit<AnswerWords, "businessDate"> & { readonly zone: string },
): Promise<void> {
  const { operator, at } = words;
  const businessDate = businessDateOf(at, words.zone);
  const applied = await applyJudged(tx, { ...words, businessDate });
  if (applied.details !== updated || applied.withdrawals !== applied.ended) {
    throw new Error(
      `${applied.details} of ${updated} payouts and ${applied.withdrawals} of ${applied.ended} withdrawals took their answer: run \`accrue verify\``,
    );
  }
  const head = { businessDate, operator, postedAt: at };
  await postPerWithdrawal(tx, { ...head, kind: "burn" }, burnLines, endedWithdrawals(tx, "paid"));
  await postPerPoint(tx, { ...head, kind: "release" }, releaseLines, endedWithdrawals(tx, "failed"));
}
