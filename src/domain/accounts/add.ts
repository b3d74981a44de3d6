import { recordActions, type OperatorAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { AccrueError, refusedError, usageError } from "../../shared/errors.ts";
import { bankProblem, readAccountNumber } from "./account-number.ts";
import { addAccountSet } from "./add-set.ts";
import type { Channel } from "./model.ts";
import type { SecretBox } from "./secret-box.ts";
import type { AccountRow } from "./sql.ts";

/** An account to be added, as it was typed. */
export interface NewAccount {
  readonly memberNo: string;
  readonly channel: Channel;
  readonly number: string;
  /** The account holder's name. */
  readonly holder: string;
  /** The bank's name: for a card, and for nothing else. */
  readonly bankName?: string;
  /** The 12 digits of the branch (联行号), for a card. */
  readonly branchCode?: string;
  /** Whether it becomes the default even where another one is. */
  readonly isDefault: boolean;
}

/**
 * Adds a payout account to a member; the first one becomes the default. It starts the cooling-off.
 *
 * @throws a usage error for a number, bank or branch that cannot be one; refused: `member_unknown`, `member_closed`,
 *   `identity_unverified`, `account_holder_mismatch`, `account_known` (the member has it already), `too_many_accounts`,
 *   `secret_key_wrong`
 */
export async function addAccount(context: Context, box: SecretBox, account: NewAccount): Promise<AccountRow> {
  const read = readAccountNumber(account.channel, account.number);
  if (typeof read === "string")
    throw usageError("invalid_account_number", read, { hint: "look at it again; nothing was written" });
  requireBank(account);
  const { memberNo, channel, holder, isDefault, bankName = null, branchCode = null } = account;
  return inTransaction(
    context.db,
    async (tx) => {
      const wanted = { memberNo, channel, ...read, holder: holder.trim(), bankName, branchCode, isDefault };
      const [added] = await addAccountSet(tx, box, [wanted], { operator: context.operator.name, at: context.clock() });
      const { outcome, account: row } = added!;
      if (outcome instanceof AccrueError) throw outcome;
      if (outcome === "known") throw accountKnown(memberNo, row!.accountId);
      await recordActions(tx, context, [addingOf(memberNo, row!)]);
      return row!;
    },
    context.ending,
  );
}

function requireBank({ channel, bankName, branchCode }: NewAccount): void {
  const problem = bankProblem(channel, bankName ?? null, branchCode ?? null);
  if (problem !== undefined)
    throw usageError(problem.code, problem.message, { hint: "see `accrue account add --help`" });
}

/** The record of an account that was added. */
export const addingOf = (
  memberNo: string,
  { accountId, channel, numberMasked, isDefault }: AccountRow,
): OperatorAction => ({
  action: "account.add",
  subjectKind: "member",
  subject: memberNo,
  details: { account_id: Number(accountId), channel, number: numberMasked, default: isDefault },
});

const accountKnown = (memberNo: string, accountId: bigint) =>
  refusedError("account_known", `member ${memberNo} has this account already: it is account ${accountId}`, {
    hint: `\`accrue account set-default ${memberNo} ${accountId}\` makes it the default`,
    details: { member_no: memberNo, account_id: accountId },
  });
