import type { Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";

/** A payout account as it is stored: what is private in it is sealed under the key that `keyId` names. */
export type AccountRow = Row<"payoutAccounts">;

/** What every operator may read of one: all but what is sealed. */
export type AccountFacts = Omit<AccountRow, "numberSealed" | "holderSealed">;

const factColumns = (sql: Sql) => sql`
  member_id, account_id, channel, number_masked, bank_name, branch_code, key_id, number_digest,
  is_default, default_at, added_by, added_at, closed_by, closed_at`;

/** Every column of an account, in the order in which accounts are written. */
export const accountColumns = (sql: Sql) => sql`
  member_id, account_id, channel, number_masked, bank_name, branch_code, key_id, number_sealed, holder_sealed,
  number_digest, is_default, default_at, added_by, added_at, closed_by, closed_at`;

/** A member's accounts, the oldest first; the closed ones among them. */
export async function accountsOf(sql: Sql, memberId: bigint): Promise<readonly AccountFacts[]> {
  return sql<
    AccountFacts[]
  >`SELECT ${factColumns(sql)} FROM payout_accounts WHERE member_id = ${memberId} ORDER BY account_id`;
}

/** The same with what is sealed, to be revealed. */
export async function sealedAccountsOf(sql: Sql, memberId: bigint): Promise<readonly AccountRow[]> {
  return sql<
    AccountRow[]
  >`SELECT ${accountColumns(sql)} FROM payout_accounts WHERE member_id = ${memberId} ORDER BY account_id`;
}

/** The open account that a withdrawal of a member is paid to: the one named, or else the default. */
export async function payoutAccountOf(
  sql: Sql,
  memberId: bigint,
  accountId?: bigint,
): Promise<AccountFacts | undefined> {
  const wanted = accountId === undefined ? sql`is_default` : sql`account_id = ${accountId}`;
  const [row] = await sql<AccountFacts[]>`
    SELECT ${factColumns(sql)} FROM payout_accounts WHERE member_id = ${memberId} AND ${wanted} AND closed_at IS NULL`;
  return row;
}

/**
 * When a member's accounts last changed in a way that starts the cooling-off: one added, or made the default. Null:
 * never.
 */
export async function accountsChangedAt(sql: Sql, memberId: bigint): Promise<Date | null> {
  const [row] = await sql<{ at: Date | null }[]>`
    SELECT max(greatest(added_at, default_at)) AS at FROM payout_accounts WHERE member_id = ${memberId}`;
  return row!.at;
}

/** The members, up to `limit`, who ever had an account of this number, in the order of their ids; one of them asks. */
export async function membersWithNumber(sql: Sql, numberDigest: Buffer, limit: number): Promise<readonly string[]> {
  const rows = await sql<{ memberNo: string }[]>`
    SELECT m.member_no FROM (SELECT DISTINCT member_id FROM payout_accounts WHERE number_digest = ${numberDigest}) a
    JOIN members m ON m.member_id = a.member_id ORDER BY m.member_id LIMIT ${limit}`;
  return rows.map(({ memberNo }) => memberNo);
}

/** Makes an open account the default; the one before has to be cleared first. */
export async function markDefault(tx: Transaction, memberId: bigint, accountId: bigint, at: Date): Promise<void> {
  await tx`
    UPDATE payout_accounts SET is_default = true, default_at = ${at}
    WHERE member_id = ${memberId} AND account_id = ${accountId} AND closed_at IS NULL`;
}

/** Closes an open account. */
export async function markClosed(
  tx: Transaction,
  memberId: bigint,
  accountId: bigint,
  operator: string,
  at: Date,
): Promise<void> {
  await tx`
    UPDATE payout_accounts SET is_default = false, closed_by = ${operator}, closed_at = ${at}
    WHERE member_id = ${memberId} AND account_id = ${accountId} AND closed_at IS NULL`;
}

/** The withdrawals that are still to be paid to an account. */
export async function openWithdrawalsTo(
  tx: Transaction,
  memberId: bigint,
  accountId: bigint,
): Promise<readonly string[]> {
  const rows = await tx<{ withdrawalNo: string }[]>`
    SELECT withdrawal_no FROM withdrawals
    WHERE member_id = ${memberId} AND account_id = ${accountId} AND status IN ('requested', 'approved', 'paying')
    ORDER BY withdrawal_id`;
  return rows.map(({ withdrawalNo }) => withdrawalNo);
}
