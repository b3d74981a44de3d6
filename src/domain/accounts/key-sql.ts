import type { Sql, Transaction } from "../../db/database.ts";
import type { AccountRow } from "./sql.ts";

/**
 * Keeps keys from being changed until the transaction ends; many sessions may add accounts at once. Locked before the
 * keys in use are read, so that no account is added under a key that is being replaced.
 */
export async function holdKeys(tx: Transaction): Promise<void> {
  await tx`INSERT INTO run_slots (name) VALUES ('secret_key') ON CONFLICT DO NOTHING`;
  await tx`SELECT FROM run_slots WHERE name = 'secret_key' FOR SHARE`;
}

/** Keeps everybody else from adding accounts or changing keys until the transaction ends. */
export async function takeKeys(tx: Transaction): Promise<void> {
  await tx`INSERT INTO run_slots (name) VALUES ('secret_key') ON CONFLICT (name) DO UPDATE SET name = excluded.name`;
}

/** A key, other than the given one, that some account is sealed under. */
export async function otherKeyInUse(sql: Sql, keyId: string): Promise<string | undefined> {
  // Each half reads one row of the index.
  const [row] = await sql<{ keyId: string }[]>`
    (SELECT key_id FROM payout_accounts WHERE key_id < ${keyId} LIMIT 1) UNION ALL
    (SELECT key_id FROM payout_accounts WHERE key_id > ${keyId} LIMIT 1) LIMIT 1`;
  return row?.keyId;
}

/** Every key in use, and how many accounts are sealed under it. */
export async function keysInUse(sql: Sql): Promise<readonly { readonly keyId: string; readonly accounts: bigint }[]> {
  return sql<{ keyId: string; accounts: bigint }[]>`
    SELECT key_id, count(*) AS accounts FROM payout_accounts GROUP BY key_id ORDER BY key_id`;
}

/** An account as a change of keys sees it. */
export type SealedAccount = Pick<AccountRow, "memberId" | "accountId" | "channel" | "numberSealed" | "holderSealed">;

/** The next accounts under a key after a given one, in the order of the index. */
export async function accountsUnder(
  sql: Sql,
  keyId: string,
  after: Pick<SealedAccount, "memberId" | "accountId">,
  limit: number,
): Promise<readonly SealedAccount[]> {
  return sql<SealedAccount[]>`
    SELECT member_id, account_id, channel, number_sealed, holder_sealed FROM payout_accounts
    WHERE key_id = ${keyId} AND (member_id, account_id) > (${after.memberId}, ${after.accountId})
    ORDER BY member_id, account_id LIMIT ${limit}`;
}

/** An account sealed anew. */
export type ResealedAccount = Pick<
  AccountRow,
  "memberId" | "accountId" | "numberSealed" | "holderSealed" | "numberDigest"
>;

/**
 * Puts accounts under another key, those of them that still are under the old one.
 *
 * @returns how many were
 */
export async function putUnderKey(
  tx: Transaction,
  accounts: readonly ResealedAccount[],
  from: string,
  to: string,
): Promise<number> {
  const hex = (pick: (account: ResealedAccount) => Buffer): string[] =>
    accounts.map((account) => pick(account).toString("hex"));
  const { count } = await tx`
    UPDATE payout_accounts a
    SET key_id = ${to}, number_sealed = decode(n.number, 'hex'), holder_sealed = decode(n.holder, 'hex'),
      number_digest = decode(n.digest, 'hex')
    FROM unnest(${accounts.map(({ memberId }) => memberId.toString())}::bigint[],
                ${accounts.map(({ accountId }) => accountId.toString())}::bigint[],
                ${hex((one) => one.numberSealed)}::text[], ${hex((one) => one.holderSealed)}::text[],
                ${hex((one) => one.numberDigest)}::text[])
      AS n (member_id, account_id, number, holder, digest)
    WHERE a.member_id = n.member_id AND a.account_id = n.account_id AND a.key_id = ${from}`;
  return count;
}
