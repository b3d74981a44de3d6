import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { memberUnknown, requireValid } from "../members/member-errors.ts";
import { findMember, lockBalance } from "../members/sql.ts";
import { refusedError } from "../../shared/errors.ts";
import { reasonProblem } from "../../shared/text.ts";
import { accountClosed, accountUnknown } from "./account-errors.ts";
import { takeDefaults } from "./add-sql.ts";
import { accountsOf, markClosed, markDefault, openWithdrawalsTo, type AccountFacts } from "./sql.ts";

/** One account of one member. */
export interface AccountName {
  readonly memberNo: string;
  readonly accountId: bigint;
}

/** An account that was to be changed. */
export interface ChangedAccount extends AccountFacts {
  /** False where it was so already: nothing was written then. */
  readonly isChanged: boolean;
}

/**
 * Makes an open account its member's default, which starts the cooling-off. Repeating it changes nothing.
 *
 * @throws refused: `member_unknown`, `account_unknown`, `account_closed`
 */
export async function setDefaultAccount(context: Context, name: AccountName): Promise<ChangedAccount> {
  return inTransaction(
    context.db,
    async (tx) => {
      const account = await lockAccount(tx, name);
      const { memberId, accountId } = account;
      if (account.closedAt !== null) throw accountClosed(name.memberNo, accountId);
      if (account.isDefault) return { ...account, isChanged: false };
      const at = context.clock();
      await takeDefaults(tx, [memberId]);
      await markDefault(tx, memberId, accountId, at);
      await recordAction(tx, context, {
        action: "account.set-default",
        subjectKind: "member",
        subject: name.memberNo,
        details: { account_id: Number(accountId), number: account.numberMasked },
      });
      return { ...account, isDefault: true, defaultAt: at, isChanged: true };
    },
    context.ending,
  );
}

/** An account that was closed. */
export interface ClosedAccount extends ChangedAccount {
  readonly wasDefault: boolean;
}

/**
 * Closes an account for good. A member whose default it was has none until one is set. Repeating it changes nothing.
 *
 * @throws refused: `member_unknown`, `account_unknown`; `account_in_use` while withdrawals are to be paid to it
 */
export async function closeAccount(
  context: Context,
  name: AccountName,
  reason: string | undefined,
): Promise<ClosedAccount> {
  if (reason !== undefined) requireValid("invalid_reason", "--reason", reasonProblem(reason));
  return inTransaction(
    context.db,
    async (tx) => {
      const account = await lockAccount(tx, name);
      const { memberId, accountId } = account;
      if (account.closedAt !== null) return { ...account, wasDefault: false, isChanged: false };
      const open = await openWithdrawalsTo(tx, memberId, accountId);
      if (open.length > 0) throw accountInUse(name, open);
      const [closedBy, closedAt] = [context.operator.name, context.clock()];
      await markClosed(tx, memberId, accountId, closedBy, closedAt);
      await recordAction(tx, context, {
        action: "account.close",
        subjectKind: "member",
        subject: name.memberNo,
        details: {
          account_id: Number(accountId),
          number: account.numberMasked,
          was_default: account.isDefault,
          reason: reason ?? null,
        },
      });
      return { ...account, isDefault: false, wasDefault: account.isDefault, closedBy, closedAt, isChanged: true };
    },
    context.ending,
  );
}

/** The account, with nobody else at work on this member's accounts or withdrawals until the transaction ends. */
async function lockAccount(tx: Transaction, { memberNo, accountId }: AccountName): Promise<AccountFacts> {
  const member = await findMember(tx, memberNo);
  if (member === undefined) throw memberUnknown(memberNo);
  await lockBalance(tx, member.memberId);
  const account = (await accountsOf(tx, member.memberId)).find((one) => one.accountId === accountId);
  if (account === undefined) throw accountUnknown(memberNo, accountId);
  return account;
}

const accountInUse = ({ memberNo, accountId }: AccountName, withdrawals: readonly string[]) =>
  refusedError(
    "account_in_use",
    `withdrawals are still to be paid to payout account ${accountId}: ${withdrawals.join(", ")}`,
    {
      hint: "finish, reject or cancel them first",
      details: { member_no: memberNo, account_id: accountId, withdrawals },
    },
  );
