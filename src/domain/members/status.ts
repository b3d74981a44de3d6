import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { refusedError } from "../../shared/errors.ts";
import { reasonProblem } from "../../shared/text.ts";
import { lockMember } from "./lock.ts";
import { memberClosed, requireValid } from "./member-errors.ts";
import type { MemberStatus } from "./model.ts";
import { changeStatus, openWithdrawalsOf, type BalanceRow, type ShownMember } from "./sql.ts";

export type StatusChange = "freeze" | "unfreeze" | "close";

/** A member whose status was to be changed. */
export interface ChangedMember {
  readonly member: ShownMember;
  readonly was: MemberStatus;
  /** False when the member had that status already, and nothing was written. */
  readonly isChanged: boolean;
  readonly balance: BalanceRow;
}

const changes: Record<StatusChange, { readonly from: readonly MemberStatus[]; readonly to: MemberStatus }> = {
  freeze: { from: ["active"], to: "frozen" },
  unfreeze: { from: ["frozen"], to: "active" },
  close: { from: ["active", "frozen"], to: "closed" },
};

/**
 * Freezes, unfreezes or closes a member: one conditional update whose row count is checked. Repeating it changes
 * nothing.
 *
 * @throws a refusal: `member_unknown`, `member_closed` (closed is final), or for closing `member_has_open_withdrawals`
 *   where points are still held, and `member_has_points` where some are left
 */
export async function changeMemberStatus(
  context: Context,
  memberNo: string,
  change: StatusChange,
  reason: string | undefined,
): Promise<ChangedMember> {
  if (reason !== undefined) requireValid("invalid_reason", "--reason", reasonProblem(reason));
  const { from, to } = changes[change];
  return inTransaction(
    context.db,
    async (tx) => {
      const { member, balance } = await lockMember(tx, memberNo);
      if (member.status === to) return { member, was: to, balance, isChanged: false };
      if (change === "close") {
        await requireNoOpenWithdrawals(tx, member);
        requireNoPoints(member, balance);
      }
      if (!(await changeStatus(tx, member.memberId, from, to))) throw memberClosed(memberNo);
      await recordAction(tx, context, {
        action: `member.${change}`,
        subjectKind: "member",
        subject: memberNo,
        details: { was: member.status, ...(reason === undefined ? {} : { reason }) },
      });
      return { member: { ...member, status: to }, was: member.status, balance, isChanged: true };
    },
    context.ending,
  );
}

async function requireNoOpenWithdrawals(tx: Transaction, { memberId, memberNo }: ShownMember): Promise<void> {
  const open = await openWithdrawalsOf(tx, memberId);
  if (open.length === 0) return;
  const numbers = open.map(({ withdrawalNo }) => withdrawalNo);
  throw refusedError("member_has_open_withdrawals", `member ${memberNo} has open withdrawals: ${numbers.join(", ")}`, {
    hint: "finish, reject or cancel them first",
    details: { member_no: memberNo, withdrawals: numbers },
  });
}

function requireNoPoints({ memberNo }: ShownMember, { availablePoints }: BalanceRow): void {
  if (availablePoints <= 0n) return;
  throw refusedError(
    "member_has_points",
    `member ${memberNo} has ${availablePoints} points, which nobody could pay out any more`,
    {
      hint: `have them withdrawn first, or forfeited: \`accrue points adjust ${memberNo} -${availablePoints} --reason-class forfeit …\`, which another operator approves`,
      details: { member_no: memberNo, points: availablePoints },
    },
  );
}
