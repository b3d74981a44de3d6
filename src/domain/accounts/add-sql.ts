import { send, type Sql, type Transaction } from "../../db/database.ts";
import { checkingKeysByOnePlan, joiningByIndex } from "../../db/planner.ts";
import type { Row } from "../../db/rows.ts";
import { accountColumns, type AccountRow } from "./sql.ts";

/** The member who is to have an account. */
export interface Holder extends Row<"members", "memberId" | "memberNo" | "name" | "status"> {
  readonly maskedName: string;
  readonly isVerified: boolean;
}

const asText = (ids: readonly bigint[]): string[] => ids.map(String);

/**
 * Keeps the balances of members from changing until the transaction ends: whatever works on their withdrawals or
 * accounts waits.
 */
export async function lockHolders(tx: Transaction, memberNos: readonly string[]): Promise<void> {
  // An update that changes nothing, in the order of members: every other statement over many balances goes in it too.
  await joiningByIndex(tx, () =>
    send(tx`
    UPDATE balances b SET held_points = b.held_points
    FROM (SELECT n.member_id FROM member_numbers n WHERE n.member_no = ANY(${[...memberNos]}::text[]) ORDER BY 1) s
    WHERE b.member_id = s.member_id`),
  );
}

/** The members with the given numbers; unknown ones are simply absent. */
export async function selectHolders(sql: Sql, memberNos: readonly string[]): Promise<readonly Holder[]> {
  return sql<Holder[]>`
    SELECT m.member_id, m.member_no, m.name, mask_name(m.name) AS masked_name, m.status,
      m.identity_verified_at IS NOT NULL AS is_verified
    FROM member_numbers n JOIN members m ON m.member_id = n.member_id
    WHERE n.member_no = ANY(${[...memberNos]}::text[])`;
}

/** Every open account of the members with the given numbers. */
export async function openAccountsOf(sql: Sql, memberNos: readonly string[]): Promise<readonly AccountRow[]> {
  return sql<AccountRow[]>`
    SELECT ${accountColumns(sql)} FROM payout_accounts
    WHERE closed_at IS NULL AND member_id IN (SELECT member_id FROM member_numbers
      WHERE member_no = ANY(${[...memberNos]}::text[]))`;
}

/** New ids out of the one sequence. */
export async function nextIds(tx: Transaction, count: number): Promise<readonly bigint[]> {
  const rows = await tx<{ id: bigint }[]>`SELECT nextval('id_seq') AS id FROM generate_series(1, ${count})`;
  return rows.map(({ id }) => id);
}

/** Takes the default off whichever stored accounts of some members have it. */
export async function takeDefaults(tx: Transaction, memberIds: readonly bigint[]): Promise<void> {
  if (memberIds.length === 0) return;
  await tx`UPDATE payout_accounts SET is_default = false
    WHERE is_default AND member_id = ANY(${asText(memberIds)}::bigint[])`;
}

/** Writes accounts, in one statement. */
export async function insertAccounts(tx: Transaction, accounts: readonly AccountRow[]): Promise<void> {
  if (accounts.length === 0) return;
  const hex = (pick: (account: AccountRow) => Buffer): string[] =>
    accounts.map((account) => pick(account).toString("hex"));
  const texts = <Value>(pick: (account: AccountRow) => Value): Value[] => accounts.map(pick);
  const instants = (pick: (account: AccountRow) => Date | null) => texts((one) => pick(one)?.toISOString() ?? null);
  await checkingKeysByOnePlan(tx, () =>
    send(tx`
    INSERT INTO payout_accounts (${accountColumns(tx)})
    SELECT a.member_id, a.account_id, a.channel, a.number_masked, a.bank_name, a.branch_code, a.key_id,
           decode(a.number_sealed, 'hex'), decode(a.holder_sealed, 'hex'), decode(a.number_digest, 'hex'),
           a.is_default::boolean, a.default_at, a.added_by, a.added_at, a.closed_by, a.closed_at
    FROM unnest(
      ${asText(texts((one) => one.memberId))}::bigint[], ${asText(texts((one) => one.accountId))}::bigint[],
      ${texts((one) => one.channel)}::text[], ${texts((one) => one.numberMasked)}::text[],
      ${texts((one) => one.bankName)}::text[], ${texts((one) => one.branchCode)}::text[],
      ${texts((one) => one.keyId)}::text[], ${hex((one) => one.numberSealed)}::text[],
      ${hex((one) => one.holderSealed)}::text[], ${hex((one) => one.numberDigest)}::text[],
      ${texts((one) => String(one.isDefault))}::text[], ${instants((one) => one.defaultAt)}::timestamptz[],
      ${texts((one) => one.addedBy)}::text[], ${instants((one) => one.addedAt)}::timestamptz[],
      ${texts((one) => one.closedBy)}::text[], ${instants((one) => one.closedAt)}::timestamptz[])
      AS a (member_id, account_id, channel, number_masked, bank_name, branch_code, key_id, number_sealed, holder_sealed,
            number_digest, is_default, default_at, added_by, added_at, closed_by, closed_at)`),
  );
}
