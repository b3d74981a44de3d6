import { openedText } from "../accounts/in-transit.ts";
import type { SecretBox } from "../accounts/secret-box.ts";
import type { Transaction } from "../../db/database.ts";
import { Refusal, type ImportKind, type Merged, type MergeFacts, type Reject } from "../../imports/kind.ts";
import { stagedKind } from "../../imports/staged.ts";
import { takeDecisionSlot } from "./decision-sql.ts";
import {
  stagedWithdrawalColumns,
  withdrawalColumns,
  withdrawalRowReader,
  type WithdrawalColumn,
} from "./import-row.ts";
import { stagedRows } from "./import-sql.ts";
import { conflictOf } from "./request-rule.ts";
import { requestSet } from "./request-set.ts";
import { createNewWithdrawals } from "./request-sql.ts";

/**
 * A file of withdrawal requests, imported by the withdrawal rule, in the order of the file: what an earlier row takes
 * of a balance, a limit or the fund is not there for a later one. A request number that is known with the same content
 * is a duplicate, whatever became of the request; with other content it is a conflict. An account that a row names must
 * be one of the member's, in the member's name: a file of requests adds none.
 *
 * @param boxOf gives what seals payout accounts; asked only when a row names one
 */
export const withdrawalKind = (boxOf: () => SecretBox): ImportKind<WithdrawalColumn> =>
  stagedKind({
    kind: "withdrawals",
    name: "withdrawals",
    columns: withdrawalColumns,
    staged: stagedWithdrawalColumns,
    // The rows of a chunk are judged here, one after the other: it is they that the memory of an import goes to.
    chunkRows: 5000,
    rowReader: () => withdrawalRowReader(boxOf),
    prepare: async (tx) => {
      // The file keeps balances chunk after chunk, a decision many at once: one after the other they cannot wait for each
      // other in a circle.
      await takeDecisionSlot(tx);
      await createNewWithdrawals(tx);
    },
    merge: (tx, facts) => mergeWithdrawals(tx, facts, boxOf),
  });

async function mergeWithdrawals(
  tx: Transaction,
  facts: MergeFacts,
  boxOf: () => SecretBox,
): Promise<Merged<WithdrawalColumn>> {
  const holderOf = (sealed: string) => openedText(boxOf(), sealed);
  const { operator, now: at, zone, importId } = facts;
  const requesting = { operator, at, zone, importId, holderOf };
  const { asked, judged, written } = await requestSet(
    tx,
    stagedRows(tx),
    requesting,
    ({ knownNo }) => knownNo === null,
  );
  const conflicts = asked.flatMap((one): Reject<WithdrawalColumn>[] => {
    const conflict = conflictOf(one);
    if (conflict === undefined) return [];
    return [{ record: one.record, refusal: new Refusal(conflict.column, conflict.code, conflict.message) }];
  });
  const refused = judged.flatMap(({ asked: { record }, refusal }): Reject<WithdrawalColumn>[] =>
    refusal === undefined
      ? []
      : [{ record, refusal: new Refusal(columnOf(refusal.code), refusal.code, refusal.message) }],
  );
  const duplicate = asked.length - judged.length - conflicts.length;
  return { inserted: written.length, updated: 0, duplicate, rejects: [...conflicts, ...refused] };
}

const columnsOf: Readonly<Record<string, WithdrawalColumn>> = {
  account_unknown: "account",
  account_holder_differs: "account_name",
};
const memberCodes = new Set([
  "member_unknown",
  "member_frozen",
  "member_closed",
  "identity_unverified",
  "withdrawal_cooling_off",
]);

/** The cell that a refusal points at: who asks, where to pay, or how much. */
const columnOf = (code: string): WithdrawalColumn =>
  columnsOf[code] ?? (memberCodes.has(code) ? "member_no" : "points");
