import { recordActions } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import type { Fen } from "../../shared/money.ts";
import { requestSet } from "../withdrawals/request-set.ts";
import { createNewWithdrawals } from "../withdrawals/request-sql.ts";
import { notRetriable } from "./payout-errors.ts";
import { askedAgain, insertRetries, selectRetriable, type RetriableRow, type RetryPair } from "./retry-sql.ts";

/** A withdrawal that replaces one whose payout failed. */
export interface RetriedPayout extends RetryPair {
  readonly memberNo: string;
  readonly points: bigint;
  readonly netFen: Fen;
}

/**
 * Requests failed withdrawals again: all of those named, or none. The failed payout released the points, so they are
 * held again, if the member still has them, by today's policy. The new withdrawal is approved like any other, and its
 * detail names the failed one. Only a confirmed failure can be retried, and only once: where the answer is unknown,
 * money may have moved.
 *
 * @throws refused `payout_not_failed`, `payout_retried_already`, `withdrawal_unknown`, `member_in_debt`, or the
 *   withdrawal rule's own reason
 */
export async function retryPayouts(
  context: Context,
  withdrawalNos: readonly string[],
): Promise<readonly RetriedPayout[]> {
  return inTransaction(context.db, (tx) => retry(tx, context, [...new Set(withdrawalNos)].sort()), context.ending);
}

async function retry(
  tx: Transaction,
  context: Context,
  failedNos: readonly string[],
): Promise<readonly RetriedPayout[]> {
  const found = new Map((await selectRetriable(tx, failedNos)).map((row) => [row.withdrawalNo, row]));
  for (const failedNo of failedNos) requireFailed(failedNo, found.get(failedNo));
  await createNewWithdrawals(tx);
  const requesting = { operator: context.operator.name, at: context.clock(), zone: context.zone };
  const { judged, written } = await requestSet(tx, askedAgain(tx, failedNos), requesting);
  for (const { refusal } of judged) if (refusal !== undefined) throw refusal;
  const retried = written.map(({ record, withdrawalNo, points, netFen }) => {
    const failedWithdrawalNo = failedNos[record - 1]!;
    return { withdrawalNo, failedWithdrawalNo, memberNo: found.get(failedWithdrawalNo)!.memberNo, points, netFen };
  });
  await insertRetries(tx, retried);
  await recordActions(
    tx,
    context,
    retried.flatMap((one) => [
      {
        action: "payout.retry",
        subjectKind: "withdrawal",
        subject: one.failedWithdrawalNo,
        details: { retried_as: one.withdrawalNo },
      },
      {
        action: "withdrawal.request",
        subjectKind: "withdrawal",
        subject: one.withdrawalNo,
        details: { member_no: one.memberNo, points: Number(one.points), in_place_of: one.failedWithdrawalNo },
      },
    ]),
  );
  return retried;
}

const debtRetryHint =
  "reject or cancel what else of the member is open, or wait for later grants, until the balance is filled up: `accrue member show`";

function requireFailed(withdrawalNo: string, row: RetriableRow | undefined): void {
  if (row === undefined) {
    const isPayout = /^D\d+$/.test(withdrawalNo);
    throw notRetriable(
      "withdrawal_unknown",
      withdrawalNo,
      `does not exist${isPayout ? `: that is a payout's number, and \`accrue payout show ${withdrawalNo}\` names its withdrawal` : ""}`,
    );
  }
  if (row.status !== "failed") {
    const waits =
      row.status === "paying" ? `: its payout ${row.detailNo} is ${row.detailState}, and money may have moved` : "";
    throw notRetriable("payout_not_failed", withdrawalNo, `is ${row.status}, not failed${waits}`);
  }
  if (row.retriedAs !== null)
    throw notRetriable("payout_retried_already", withdrawalNo, `was retried already, as ${row.retriedAs}`);
  if (row.debtPoints > 0n) {
    const reason = `belongs to member ${row.memberNo}, who is ${row.debtPoints} points below zero`;
    throw notRetriable("member_in_debt", withdrawalNo, reason, debtRetryHint);
  }
}
