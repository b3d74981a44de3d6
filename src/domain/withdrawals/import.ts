import { openedText } from "../accounts/in-transit.ts";
import type { SecretBox } from "../accounts/secret-box.ts";
import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { explainFile, type Explanation } from "../../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome, MergeReject } from "../../imports/kind.ts";
import { nativeProfile } from "../../imports/profile-text.ts";
import type { ImportReport } from "../../imports/report.ts";
import { runImport, type ImportInput } from "../../imports/run-import.ts";
import { takeDecisionSlot } from "./decision-sql.ts";
import { stagedWithdrawalColumns, withdrawalColumns, withdrawalRowReader, type WithdrawalColumn } from "./import-row.ts";
import { createStaging, insertRequestKeys, stagedRows } from "./import-sql.ts";
import { requestSet } from "./request-set.ts";
import { createNewWithdrawals, type AskedFacts } from "./request-sql.ts";

const withdrawalKind = (boxOf: () => SecretBox): ImportKind<WithdrawalColumn> => ({
  kind: "withdrawals",
  columns: withdrawalColumns,
  profiles: [nativeProfile("withdrawals", withdrawalColumns)],
  stagingTable: "staged_withdrawals",
  stagedColumns: stagedWithdrawalColumns,
  prepare,
  privateColumns: ["account", "account_name"],
  // The rows of a chunk are judged here, one after the other: it is they that the memory of an import goes to.
  chunkLimits: { rows: 5000 },
  rowReader: () => withdrawalRowReader(boxOf),
  merge: (tx, pass, facts) => mergeWithdrawals(tx, pass, facts, boxOf),
});

/**
 * Takes in a file of withdrawal requests by the withdrawal rule, in the order of the file: what an earlier row takes of a
 * balance, a limit or the fund is not there for a later one. A request number that is known with the same content is a
 * duplicate, whatever became of the request; with other content it is a conflict. An account that a row names must be one
 * of the member's, in the member's name: a file of requests adds none.
 *
 * @param boxOf gives what seals payout accounts; asked only when a row names one
 */
export const importWithdrawals = (context: Context, input: ImportInput, boxOf: () => SecretBox): Promise<ImportReport> =>
  runImport(context, withdrawalKind(boxOf), input);

/** Explains how a file of requests would be read; nothing is written, and no account shown. */
export const explainWithdrawals = (context: Context, input: ImportInput, boxOf: () => SecretBox): Promise<Explanation> =>
  explainFile(context, withdrawalKind(boxOf), input);

async function prepare(tx: Transaction): Promise<void> {
  // The file keeps balances chunk after chunk, a decision many at once: one after the other they cannot wait for each other in a circle.
  await takeDecisionSlot(tx);
  await createStaging(tx);
  await createNewWithdrawals(tx);
}

async function mergeWithdrawals(tx: Transaction, pass: number, facts: MergeFacts, boxOf: () => SecretBox): Promise<MergeOutcome<WithdrawalColumn>> {
  const holderOf = (sealed: string) => openedText(boxOf(), sealed);
  const requesting = { operator: facts.operator, at: facts.now, zone: facts.zone, holderOf };
  const { asked, judged, written } = await requestSet(tx, stagedRows(tx, pass), requesting, ({ knownMemberNo }) => knownMemberNo === null);
  if (written.length > 0 && (await insertRequestKeys(tx, pass, facts)) !== written.length) throw new Error("request numbers were lost under the merge");
  const conflicts = asked.flatMap((one) => conflictOf(one) ?? []);
  const refused = judged.flatMap(({ asked: { record }, refusal }): MergeReject<WithdrawalColumn>[] =>
    refusal === undefined ? [] : [{ record, code: refusal.code, column: columnOf(refusal.code), message: refusal.message }]);
  const duplicate = asked.length - judged.length - conflicts.length;
  return { inserted: written.length, updated: 0, duplicate, rejects: [...conflicts, ...refused] };
}

/** Why a row contradicts what its request number is known with, or undefined when it does not. */
function conflictOf({ record, memberNo, points, knownMemberNo, knownPoints, isOtherAccount }: AskedFacts): MergeReject<WithdrawalColumn> | undefined {
  if (knownMemberNo === null) return undefined;
  if (knownMemberNo !== memberNo) return { record, code: "conflict_member", column: "member_no", message: "the request is known with another member" };
  if (knownPoints !== points) return { record, code: "conflict_points", column: "points", message: `the request is known with ${knownPoints} points` };
  return isOtherAccount ? { record, code: "conflict_account", column: "account", message: "the request is known with another payout account" } : undefined;
}

const columnsOf: Readonly<Record<string, WithdrawalColumn>> = { account_unknown: "account", account_holder_differs: "account_name" };
const memberCodes = new Set(["member_unknown", "member_frozen", "member_closed", "identity_unverified", "withdrawal_cooling_off"]);

/** The cell that a refusal points at: who asks, where to pay, or how much. */
const columnOf = (code: string): WithdrawalColumn => columnsOf[code] ?? (memberCodes.has(code) ? "member_no" : "points");
