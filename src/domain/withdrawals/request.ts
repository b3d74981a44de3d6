import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { balanceOf } from "../members/sql.ts";
import { refusedError } from "../../shared/errors.ts";
import { formatYuan } from "../../shared/money.ts";
import { findWithdrawal, type WithdrawalRow } from "./read-sql.ts";
import { conflictOf } from "./request-rule.ts";
import { requestSet } from "./request-set.ts";
import { createNewWithdrawals, type AskedFacts } from "./request-sql.ts";

export interface WithdrawalRequest {
  readonly memberNo: string;
  readonly points: bigint;
  /** The payout account to pay it to; the member's default when not given. */
  readonly accountId?: bigint | undefined;
  /** The number that whoever asks knows it by: the same again is no second request. */
  readonly requestNo?: string | undefined;
}

/** A request as it stands. */
export interface RequestedWithdrawal extends WithdrawalRow {
  /** False for one that was requested before, by the same number. */
  readonly isNew: boolean;
  /** The member's available points now. */
  readonly availablePoints: bigint;
}

/**
 * Requests a withdrawal: freezes its amounts and moves its points from available to held, in one transaction. A request
 * number that is known with the same content is that request, whatever became of it, and nothing is changed.
 *
 * @throws refused, each reason of the withdrawal rule with a code of its own, and `conflict_member`, `conflict_points`
 *   or `conflict_account` for a number that is known with other content; nothing is changed then
 */
export async function requestWithdrawal(context: Context, request: WithdrawalRequest): Promise<RequestedWithdrawal> {
  return inTransaction(
    context.db,
    async (tx) => {
      const { isNew, withdrawalNo } = await hold(tx, context, request);
      const withdrawal = (await findWithdrawal(tx, withdrawalNo))!;
      const { availablePoints } = await balanceOf(tx, withdrawal.memberId);
      return { ...withdrawal, isNew, availablePoints };
    },
    context.ending,
  );
}

async function hold(
  tx: Transaction,
  context: Context,
  { memberNo, points, accountId, requestNo }: WithdrawalRequest,
): Promise<{ readonly isNew: boolean; readonly withdrawalNo: string }> {
  await createNewWithdrawals(tx);
  const asked = tx`SELECT 1 AS record, NULL::integer AS line, ${requestNo ?? null}::text AS request_no,
    ${memberNo}::text AS member_no, ${points}::bigint AS points, ${accountId ?? null}::bigint AS account_id,
    NULL::bytea AS account_digest, NULL::text AS holder_sealed`;
  const requesting = { operator: context.operator.name, at: context.clock(), zone: context.zone };
  const found = await requestSet(tx, asked, requesting, ({ knownNo }) => knownNo === null);
  const [judgement] = found.judged;
  if (judgement === undefined) return { isNew: false, withdrawalNo: knownAs(found.asked[0]!, requestNo!) };
  if (judgement.refusal !== undefined) throw judgement.refusal;
  const [withdrawal] = found.written;
  await recordAction(tx, context, {
    action: "withdrawal.request",
    subjectKind: "withdrawal",
    subject: withdrawal!.withdrawalNo,
    details: { member_no: memberNo, points: Number(points), gross: formatYuan(withdrawal!.grossFen) },
  });
  return { isNew: true, withdrawalNo: withdrawal!.withdrawalNo };
}

/** The withdrawal that a request number stands for already. @throws refused where it is known with other content */
function knownAs(asked: AskedFacts, requestNo: string): string {
  const conflict = conflictOf(asked);
  if (conflict === undefined) return asked.knownNo!;
  throw refusedError(conflict.code, `request ${requestNo} is ${asked.knownNo} already: ${conflict.message}`, {
    hint: "one request has one number; `accrue withdrawal show` tells what was requested",
    details: { request_no: requestNo, withdrawal_no: asked.knownNo },
  });
}
