import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, type Transaction } from "../db/database.ts";
import { holdLines } from "../ledger/model.ts";
import { fundMoney, postJournal } from "../ledger/sql.ts";
import { memberUnknown } from "../members/member-errors.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf } from "../shared/business-date.ts";
import { formatYuan } from "../shared/money.ts";
import { withdrawalAmounts, withdrawalNoOf } from "./model.ts";
import { requestRefusal } from "./refusals.ts";
import {
  availablePoints, findRequester, holdPoints, insertWithdrawal, nextWithdrawalIds, openGrossFen, requestedPointsOn,
  type NewWithdrawal, type Requester,
} from "./request-sql.ts";

/** What to request. `dryRun` goes the same way and keeps nothing. */
export interface WithdrawalRequest {
  readonly memberNo: string;
  readonly points: bigint;
  readonly dryRun?: boolean;
}

/** A request as it was written. */
export interface RequestedWithdrawal extends NewWithdrawal {
  readonly memberNo: string;
  /** What the member has left, in points. */
  readonly availablePoints: bigint;
}

/**
 * Requests a withdrawal: freezes its amounts and moves its points from available to held, in one transaction.
 *
 * @throws refused, each reason of the withdrawal rule with a code of its own; nothing is changed then
 */
export async function requestWithdrawal(context: Context, { memberNo, points, dryRun }: WithdrawalRequest): Promise<RequestedWithdrawal> {
  return inTransaction(
    context.db.sql,
    async (tx) => {
      const member = await findRequester(tx, memberNo);
      if (member === undefined) throw memberUnknown(memberNo);
      return hold(tx, context, member, points);
    },
    dryRun === true ? "rollback" : "commit",
  );
}

async function hold(tx: Transaction, context: Context, { memberId, memberNo }: Requester, points: bigint): Promise<RequestedWithdrawal> {
  const requestedAt = context.clock();
  const businessDate = businessDateOf(requestedAt, context.zone);
  const isHeld = await holdPoints(tx, memberId, points);
  // Read again now that the balance is ours: a freeze takes the same row, so it is either seen here or comes after.
  const member = (await findRequester(tx, memberNo))!;
  const policy = await policyOn(tx, businessDate);
  const amounts = withdrawalAmounts(points, policy);
  const left = await availablePoints(tx, memberId);
  const refusal = requestRefusal({
    memberNo,
    memberStatus: member.status,
    isVerified: member.isVerified,
    points,
    grossFen: amounts.grossFen,
    availablePoints: isHeld ? left + points : left,
    dailyPoints: await requestedPointsOn(tx, memberId, businessDate),
    businessDate,
    freeFundFen: (await fundMoney(tx)) - (await openGrossFen(tx)),
    policy,
  });
  if (refusal !== undefined) throw refusal;
  const { withdrawalId, sequence } = await nextWithdrawalIds(tx);
  const withdrawalNo = withdrawalNoOf(sequence);
  const withdrawal: NewWithdrawal = {
    ...amounts, memberId, withdrawalId, withdrawalNo, points, policy, businessDate, requestedBy: context.operator.name, requestedAt,
  };
  await insertWithdrawal(tx, withdrawal);
  await postJournal(tx, { kind: "hold", withdrawalNo, businessDate, operator: context.operator.name, postedAt: requestedAt }, holdLines(points));
  await recordAction(tx, context, {
    action: "withdrawal.request",
    subjectKind: "withdrawal",
    subject: withdrawalNo,
    details: { member_no: memberNo, points: Number(points), gross: formatYuan(amounts.grossFen) },
  });
  return { ...withdrawal, memberNo, availablePoints: left };
}
