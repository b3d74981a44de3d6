import type { Context } from "../db/context.ts";
import type { Transaction } from "../db/database.ts";
import type { ImportKind, MergeFacts, MergeOutcome, MergeReject } from "../imports/kind.ts";
import { nativeProfile } from "../imports/profile-text.ts";
import type { ImportReport } from "../imports/report.ts";
import { runImport, type ImportInput } from "../imports/run-import.ts";
import { burnLines, releaseLines } from "../ledger/model.ts";
import { postPerPoint, postPerWithdrawal } from "../ledger/sql.ts";
import { businessDateOf } from "../shared/business-date.ts";
import { formatYuan } from "../shared/money.ts";
import { takeDecisionSlot } from "../withdrawals/decision-sql.ts";
import type { PayoutChannel } from "./model.ts";
import { readResultRow, resultColumns, stagedResultColumns, type ResultColumn } from "./result-row.ts";
import { applyJudged, countOutcomes, createStaging, endedWithdrawals, judgeStaged, rejectedAnswers, type RejectedAnswer } from "./result-sql.ts";

const resultKind = (host: string, channel: PayoutChannel | null): ImportKind<ResultColumn> => ({
  kind: "payout_results",
  columns: resultColumns,
  profiles: [nativeProfile("payout_results", resultColumns)],
  stagingTable: "staged_payout_results",
  stagedColumns: stagedResultColumns,
  prepare,
  rowReader: () => readResultRow,
  merge: (tx, pass, facts) => mergeResults(tx, pass, facts, host, channel),
});

/**
 * Takes in a channel's answer: success burns the hold, failure releases it, processing and unknown are noted and change
 * nothing else. The same answer again is a duplicate. Rejected, for a person to settle, are: another amount than was sent,
 * a number that was never sent, any other answer after a last one, and another number of the channel for the same payout.
 *
 * @param channel where given, answers about payouts of other channels are rejected too
 */
export const importResults = (context: Context, input: ImportInput, channel: PayoutChannel | null = null): Promise<ImportReport> =>
  runImport(context, resultKind(context.operator.host, channel), input);

async function prepare(tx: Transaction): Promise<void> {
  // The file keeps balances chunk after chunk, as a file of requests does: one after the other they cannot wait for each other in a circle.
  await takeDecisionSlot(tx);
  await createStaging(tx);
}

async function mergeResults(tx: Transaction, pass: number, facts: MergeFacts, host: string, channel: PayoutChannel | null): Promise<MergeOutcome<ResultColumn>> {
  await judgeStaged(tx, pass, channel);
  const outcomes = await countOutcomes(tx);
  const [updated = 0, duplicate = 0] = [outcomes.get("updated"), outcomes.get("duplicate")];
  if (updated > 0) {
    const { operator, now: at, importId, zone } = facts;
    const businessDate = businessDateOf(at, zone);
    const applied = await applyJudged(tx, { operator, host, at, businessDate, importId });
    // Answers go one file after the other, and nothing but an answer moves a payout: anything else is a broken database.
    if (applied.details !== updated || applied.withdrawals !== applied.ended) {
      throw new Error(`${applied.details} of ${updated} payouts and ${applied.withdrawals} of ${applied.ended} withdrawals took their answer: run \`accrue verify\``);
    }
    const head = { businessDate, operator, postedAt: at };
    await postPerWithdrawal(tx, { ...head, kind: "burn" }, burnLines, endedWithdrawals(tx, "paid"));
    await postPerPoint(tx, { ...head, kind: "release" }, releaseLines, endedWithdrawals(tx, "failed"));
  }
  return { inserted: 0, updated, duplicate, rejects: (await rejectedAnswers(tx)).map(explainReject) };
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

function explainReject(answer: RejectedAnswer): MergeReject<ResultColumn> {
  const { column, text } = explanations[answer.outcome]!;
  return { record: answer.record, code: answer.outcome, column, message: text(answer) };
}
