import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading, type Sql } from "../../db/database.ts";
import { memberUnknown } from "../members/member-errors.ts";
import { findShown } from "../members/sql.ts";
import { accountUnknown } from "./account-errors.ts";
import type { AccountName } from "./change.ts";
import type { SecretBox } from "./secret-box.ts";
import { revealAccount } from "./secrets.ts";
import { accountsOf, membersWithNumber, sealedAccountsOf, type AccountFacts } from "./sql.ts";

/** An account with its number and holder as they are shown: masked, or revealed. */
export interface ShownAccount extends AccountFacts {
  readonly number: string;
  readonly holder: string;
}

/** An account, and who else has the same. */
export interface AccountStory {
  readonly account: ShownAccount;
  /** Other members who have, or had, an account of the same number; not more than 20 are named. */
  readonly sharedWith: readonly string[];
}

const namedMembers = 20;

/**
 * A member's accounts, the oldest first. With a box their numbers and holders are revealed; that they were is recorded
 * before anybody sees them.
 *
 * @param withClosed also those that are closed
 * @throws refused: `member_unknown`; with a box `secret_key_wrong` and `account_unreadable`
 */
export async function listAccounts(
  context: Context,
  memberNo: string,
  withClosed: boolean,
  box?: SecretBox,
): Promise<readonly ShownAccount[]> {
  return shown(context, memberNo, (one) => withClosed || one.closedAt === null, box);
}

/**
 * Tells everything about one account.
 *
 * @throws refused: `member_unknown`, `account_unknown`; with a box `secret_key_wrong` and `account_unreadable`
 */
export async function showAccount(
  context: Context,
  { memberNo, accountId }: AccountName,
  box?: SecretBox,
): Promise<AccountStory> {
  const [account] = await shown(context, memberNo, (one) => one.accountId === accountId, box);
  if (account === undefined) throw accountUnknown(memberNo, accountId);
  const members = await reading(() => membersWithNumber(context.db.sql, account.numberDigest, namedMembers + 1));
  return { account, sharedWith: members.filter((one) => one !== memberNo).slice(0, namedMembers) };
}

async function shown(
  context: Context,
  memberNo: string,
  isWanted: (account: AccountFacts) => boolean,
  box: SecretBox | undefined,
): Promise<readonly ShownAccount[]> {
  const memberOf = async (sql: Sql) => {
    const member = await findShown(sql, memberNo);
    if (member === undefined) throw memberUnknown(memberNo);
    return member;
  };
  if (box === undefined) {
    return reading(async () => {
      const { memberId, name } = await memberOf(context.db.sql);
      const accounts = (await accountsOf(context.db.sql, memberId)).filter(isWanted);
      return accounts.map((account) => Object.assign({}, account, { number: account.numberMasked, holder: name }));
    });
  }
  return inTransaction(context.db, async (tx) => {
    const accounts = (await sealedAccountsOf(tx, (await memberOf(tx)).memberId)).filter(isWanted);
    const revealed = accounts.map((account) => Object.assign({}, account, revealAccount(box, account)));
    if (revealed.length > 0) {
      await recordAction(tx, context, {
        action: "account.reveal",
        subjectKind: "member",
        subject: memberNo,
        details: { accounts: revealed.map(({ accountId }) => accountId).join(" ") },
      });
    }
    return revealed;
  });
}
