import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { formatYuan } from "../../shared/money.ts";
import type { Policy } from "../../shared/policy.ts";
import { requestSet } from "./request-set.ts";
import { createNewWithdrawals, type NewWithdrawal } from "./request-sql.ts";

export interface WithdrawalRequest {
  readonly memberNo: string;
  readonly points: bigint;
  /** The payout account to pay it to; the member's default when not given. */
  readonly accountId?: bigint | undefined;
}

/** A request as it was written. */
export interface RequestedWithdrawal extends NewWithdrawal {
  readonly memberNo: string;
  readonly policy: Policy;
  readonly businessDate: BusinessDate;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  /** The member's available points after it. */
  readonly availablePoints: bigint;
}

/**
 * Requests a withdrawal: freezes its amounts and moves its points from available to held, in one transaction.
 *
 * @throws refused, each reason of the withdrawal rule with a code of its own; nothing is changed then
 */
export async function requestWithdrawal(context: Context, request: WithdrawalRequest): Promise<RequestedWithdrawal> {
  return inTransaction(context.db, (tx) => hold(tx, context, request), context.ending);
}

async function hold(
  tx: Transaction,
  context: Context,
  { memberNo, points, accountId }: WithdrawalRequest,
): Promise<RequestedWithdrawal> {
  const requestedAt = context.clock();
  const requestedBy = context.operator.name;
  await createNewWithdrawals(tx);
  const asked = tx`SELECT 1 AS record, NULL::text AS request_no, ${memberNo}::text AS member_no, ${points}::bigint AS points, ${accountId ?? null}::bigint AS account_id,
    NULL::bytea AS account_digest, NULL::text AS holder_sealed`;
  const { judged, written, policy, businessDate } = await requestSet(tx, asked, {
    operator: requestedBy,
    at: requestedAt,
    zone: context.zone,
  });
  const [judgement] = judged;
  if (judgement!.refusal !== undefined) throw judgement!.refusal;
  const [withdrawal] = written;
  await recordAction(tx, context, {
    action: "withdrawal.request",
    subjectKind: "withdrawal",
    subject: withdrawal!.withdrawalNo,
    details: { member_no: memberNo, points: Number(points), gross: formatYuan(withdrawal!.grossFen) },
  });
  return {
    ...withdrawal!,
    memberNo,
    policy,
    businessDate,
    requestedBy,
    requestedAt,
    availablePoints: judgement!.asked.availablePoints - points,
  };
}
