import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, type Ending, type Transaction } from "../db/database.ts";
import { memberClosed, memberUnknown, requireValid } from "../members/member-errors.ts";
import { findMember, lockBalance, nextId, type MemberRow } from "../members/sql.ts";
import { refusedError, usageError } from "../shared/errors.ts";
import { textProblem } from "../shared/text.ts";
import { readAccountNumber, type AccountNumber } from "./account-number.ts";
import { holdKeys, otherKeyInUse } from "./key-sql.ts";
import { isSameName, type Channel } from "./model.ts";
import { secretKeyWrong, type SecretBox } from "./secret-box.ts";
import { sealAccount } from "./secrets.ts";
import { accountsOf, clearDefault, insertAccount, type AccountRow } from "./sql.ts";

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

const maxOpenAccounts = 10;
const maxBankNameLength = 60;

/**
 * Adds a payout account to a member; the first one becomes the default. It starts the cooling-off.
 *
 * @throws a usage error for a number, bank or branch that cannot be one; refused: `member_unknown`, `member_closed`,
 *   `identity_unverified`, `account_holder_mismatch`, `account_known` (the member has it already), `too_many_accounts`,
 *   `secret_key_wrong`
 */
export async function addAccount(context: Context, box: SecretBox, account: NewAccount, ending: Ending): Promise<AccountRow> {
  const number = readAccountNumber(account.channel, account.number);
  if (typeof number === "string") throw usageError("invalid_account_number", number, { hint: "look at it again; nothing was written" });
  requireBank(account);
  return inTransaction(context.db.sql, (tx) => add(tx, context, box, account, number), ending);
}

function requireBank({ channel, bankName, branchCode }: NewAccount): void {
  if (channel !== "bank") {
    if (bankName === undefined && branchCode === undefined) return;
    throw usageError("bank_unexpected", `--bank and --branch belong to a card, and this account is of ${channel}`, { hint: "leave them out" });
  }
  if (bankName === undefined) throw usageError("bank_missing", "a card needs the name of its bank", { hint: "give --bank" });
  requireValid("invalid_bank", "--bank", textProblem("a bank's name", bankName, maxBankNameLength));
  if (branchCode === undefined || /^\d{12}$/.test(branchCode)) return;
  throw usageError("invalid_branch_code", `--branch ${branchCode}: a branch code has 12 digits`, { hint: "leave it out where it is not known" });
}

async function add(tx: Transaction, context: Context, box: SecretBox, account: NewAccount, { number, masked }: AccountNumber): Promise<AccountRow> {
  const { memberId } = await requireHolder(tx, account);
  await requirePresentKey(tx, box);
  const numberDigest = box.digest(account.channel, number);
  const others = (await accountsOf(tx, memberId)).filter(({ closedAt }) => closedAt === null);
  requireRoom(account, numberDigest, others);
  const isDefault = account.isDefault || others.every((one) => !one.isDefault);
  const [accountId, addedAt, addedBy] = [await nextId(tx), context.clock(), context.operator.name];
  if (isDefault) await clearDefault(tx, memberId);
  const row: AccountRow = {
    memberId, accountId, channel: account.channel, numberMasked: masked, bankName: account.bankName ?? null, branchCode: account.branchCode ?? null,
    ...sealAccount(box, { memberId, accountId }, { number, holder: account.holder.trim() }), numberDigest,
    isDefault, defaultAt: isDefault ? addedAt : null, addedBy, addedAt, closedBy: null, closedAt: null,
  };
  await insertAccount(tx, row);
  await recordAction(tx, context, {
    action: "account.add", subjectKind: "member", subject: account.memberNo,
    details: { account_id: Number(accountId), channel: account.channel, number: masked, default: isDefault },
  });
  return row;
}

/** The member, who may have an account in the given name. Whatever else works on the member's points waits from here on. */
async function requireHolder(tx: Transaction, { memberNo, holder }: NewAccount): Promise<MemberRow> {
  const known = await findMember(tx, memberNo);
  if (known === undefined) throw memberUnknown(memberNo);
  await lockBalance(tx, known.memberId);
  const member = (await findMember(tx, memberNo))!; // again, under the lock
  const details = { member_no: memberNo };
  if (member.status === "closed") throw memberClosed(memberNo);
  if (member.identityVerifiedAt === null) {
    throw refusedError("identity_unverified", `the identity of member ${memberNo} is not verified, so nobody knows whose account it may be`, {
      hint: `verify it, then \`accrue member verify-identity ${memberNo}\``, details,
    });
  }
  if (isSameName(member.name, holder)) return member;
  throw refusedError("account_holder_mismatch", `the account holder's name is not the verified name of member ${memberNo}`, {
    hint: "points are paid out to the member only; check the name on the account", details,
  });
}

async function requirePresentKey(tx: Transaction, box: SecretBox): Promise<void> {
  await holdKeys(tx);
  const other = await otherKeyInUse(tx, box.keyId);
  if (other !== undefined) throw secretKeyWrong(other, box.keyId);
}

function requireRoom({ memberNo }: NewAccount, numberDigest: Buffer, others: readonly AccountRow[]): void {
  const same = others.find((one) => one.numberDigest.equals(numberDigest));
  if (same !== undefined) {
    throw refusedError("account_known", `member ${memberNo} has this account already: it is account ${same.accountId}`, {
      hint: `\`accrue account set-default ${memberNo} ${same.accountId}\` makes it the default`,
      details: { member_no: memberNo, account_id: same.accountId },
    });
  }
  if (others.length < maxOpenAccounts) return;
  throw refusedError("too_many_accounts", `member ${memberNo} has ${others.length} open payout accounts, as many as there may be`, {
    hint: "close one first: `accrue account close`", details: { member_no: memberNo },
  });
}
