import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { explainFile, type Explanation } from "../../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome } from "../../imports/kind.ts";
import { nativeProfile } from "../../imports/profile-text.ts";
import type { ImportReport } from "../../imports/report.ts";
import { runImport, type ImportInput } from "../../imports/run-import.ts";
import { takeDecisionSlot } from "../withdrawals/decision-sql.ts";
import type { PayoutChannel } from "./model.ts";
import { readResultRow, resultColumns, stagedResultColumns, type ResultColumn } from "./result-row.ts";
import { createStaging, judgeStaged, rejectedAnswers } from "./result-sql.ts";
import { explainReject, settleJudged } from "./settle.ts";

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

/** Explains how a channel's answer would be read; nothing is written. */
export const explainResults = (context: Context, input: ImportInput): Promise<Explanation> =>
  explainFile(context, resultKind(context.operator.host, null), input);

async function prepare(tx: Transaction): Promise<void> {
  // The file keeps balances chunk after chunk, as a file of requests does: one after the other they cannot wait for each other in a circle.
  await takeDecisionSlot(tx);
  await createStaging(tx);
}

async function mergeResults(tx: Transaction, pass: number, facts: MergeFacts, host: string, channel: PayoutChannel | null): Promise<MergeOutcome<ResultColumn>> {
  await judgeStaged(tx, pass, channel);
  const { updated, duplicate } = await settleJudged(tx, { operator: facts.operator, host, at: facts.now, zone: facts.zone, importId: facts.importId });
  return { inserted: 0, updated, duplicate, rejects: (await rejectedAnswers(tx)).map(explainReject) };
}
