import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { ContactKind, MemberStatus } from "./model.ts";

/** A member without the password hash, which leaves the database only for a verification. */
export type MemberRow = Omit<Row<"members">, "passwordHash">;

/** A member as people see them: what is private is masked, unless it was revealed. */
export interface ShownMember extends MemberRow {
  readonly hasPassword: boolean;
}

/** The table of members, or the view of it in which what is private is masked. */
export const membersTable = (sql: Sql, isRevealed: boolean): Fragment =>
  isRevealed ? sql`members` : sql`masked_members`;

/** The member with a number, or undefined. */
export async function findMember(sql: Sql, memberNo: string): Promise<MemberRow | undefined> {
  const [row] = await sql<MemberRow[]>`
    SELECT m.member_id, m.member_no, m.name, m.email, m.phone, m.status, m.identity_verified_at, m.import_id,
           m.registered_by, m.registered_at
    FROM member_numbers n JOIN members m ON m.member_id = n.member_id
    WHERE n.member_no = ${memberNo}`;
  return row;
}

/** The member with a number to be shown, or undefined. */
export async function findShown(sql: Sql, memberNo: string, isRevealed = false): Promise<ShownMember | undefined> {
  const [row] = await sql<ShownMember[]>`
    SELECT m.member_id, m.member_no, m.name, m.email, m.phone, m.status, m.identity_verified_at, v.has_password,
           m.import_id, m.registered_by, m.registered_at
    FROM member_numbers n JOIN ${membersTable(sql, isRevealed)} m ON m.member_id = n.member_id
    JOIN masked_members v ON v.member_id = n.member_id
    WHERE n.member_no = ${memberNo}`;
  return row;
}

/** What a password verification needs. */
export type StoredPassword = Row<"members", "memberId" | "passwordHash" | "status">;

/** A member's password, or undefined. */
export async function findPassword(sql: Sql, memberNo: string): Promise<StoredPassword | undefined> {
  const [row] = await sql<StoredPassword[]>`
    SELECT m.member_id, m.password_hash, m.status
    FROM member_numbers n JOIN members m ON m.member_id = n.member_id
    WHERE n.member_no = ${memberNo}`;
  return row;
}

/**
 * Reserves a member number.
 *
 * @returns false when another member has it; of two registrations at once the key lets one have it
 */
export async function claimMemberNo(tx: Transaction, memberNo: string, memberId: bigint): Promise<boolean> {
  const { count } = await tx`
    INSERT INTO member_numbers (member_no, member_id) VALUES (${memberNo}, ${memberId}) ON CONFLICT DO NOTHING`;
  return count === 1;
}

/**
 * Moves the counter to the highest number of its own shape. Reads all numbers, once after a file that imported such
 * ones.
 */
export async function skipTakenMemberNos(tx: Transaction): Promise<void> {
  await tx`
    UPDATE number_counters SET last = greatest(last,
      (SELECT max(substr(member_no, 2)::bigint) FROM member_numbers WHERE member_no ~ '^M[0-9]{8}$'))
    WHERE kind = 'member'`;
}

/** Reserves a contact for a member; false when another member has it. */
export async function claimContact(
  tx: Transaction,
  kind: ContactKind,
  value: string,
  memberId: bigint,
): Promise<boolean> {
  const { count } = await tx`
    INSERT INTO member_contacts (kind, value, member_id) VALUES (${kind}, ${value}, ${memberId})
    ON CONFLICT DO NOTHING`;
  return count === 1;
}

/** Frees a contact that a member has. */
export async function releaseContact(
  tx: Transaction,
  kind: ContactKind,
  value: string,
  memberId: bigint,
): Promise<void> {
  await tx`DELETE FROM member_contacts WHERE kind = ${kind} AND value = ${value} AND member_id = ${memberId}`;
}

/** Writes the contacts of a member who is locked. */
export async function setContacts(
  tx: Transaction,
  { memberId, phone, email }: Pick<MemberRow, "memberId" | "phone" | "email">,
): Promise<void> {
  await tx`UPDATE members SET phone = ${phone}, email = ${email} WHERE member_id = ${memberId}`;
}

/** Gives a member who is locked another name. */
export async function renameMember(tx: Transaction, memberId: bigint, name: string): Promise<void> {
  await tx`UPDATE members SET name = ${name} WHERE member_id = ${memberId}`;
}

/** A member as a registration writes it. */
export type NewMember = Omit<Row<"members">, "status" | "identityVerifiedAt" | "importId">;

/** Writes a member, active, and the balance that every member has from the start. */
export async function insertMember(tx: Transaction, member: NewMember): Promise<void> {
  await tx`
    INSERT INTO members (member_id, member_no, name, email, phone, password_hash, status, registered_by, registered_at)
    VALUES (${member.memberId}, ${member.memberNo}, ${member.name}, ${member.email}, ${member.phone},
            ${member.passwordHash}, 'active', ${member.registeredBy}, ${member.registeredAt})`;
  await tx`INSERT INTO balances (member_id) VALUES (${member.memberId})`;
}

/** A member's balance, in points. */
export type BalanceRow = Row<"balances", "availablePoints" | "heldPoints">;

export async function balanceOf(sql: Sql, memberId: bigint): Promise<BalanceRow> {
  const [row] = await sql<
    BalanceRow[]
  >`SELECT available_points, held_points FROM balances WHERE member_id = ${memberId}`;
  return row!;
}

/**
 * Locks the member's balance until the transaction ends, and reads it. All that decides about a member's points locks
 * this row first, so a status change and a withdrawal request of one member run one after the other.
 */
export async function lockBalance(tx: Transaction, memberId: bigint): Promise<BalanceRow> {
  const [row] = await tx<BalanceRow[]>`
    SELECT available_points, held_points FROM balances WHERE member_id = ${memberId} FOR UPDATE`;
  return row!;
}

/** Changes a member's status if it is one of `from`; false when it is not. */
export async function changeStatus(
  tx: Transaction,
  memberId: bigint,
  from: readonly MemberStatus[],
  to: MemberStatus,
): Promise<boolean> {
  const { count } = await tx`
    UPDATE members SET status = ${to} WHERE member_id = ${memberId} AND status IN ${tx(from)}`;
  return count === 1;
}

/** Marks the identity as verified; false when it was already, or the member is closed. */
export async function markIdentityVerified(tx: Transaction, memberId: bigint, at: Date): Promise<boolean> {
  const { count } = await tx`
    UPDATE members SET identity_verified_at = ${at}
    WHERE member_id = ${memberId} AND identity_verified_at IS NULL AND status <> 'closed'`;
  return count === 1;
}

/** Takes the mark back; false when there is none, or the member is closed. */
export async function unmarkIdentityVerified(tx: Transaction, memberId: bigint): Promise<boolean> {
  const { count } = await tx`
    UPDATE members SET identity_verified_at = NULL
    WHERE member_id = ${memberId} AND identity_verified_at IS NOT NULL AND status <> 'closed'`;
  return count === 1;
}

/** Stores a password hash; false when the member is closed. */
export async function storePassword(tx: Transaction, memberId: bigint, passwordHash: string): Promise<boolean> {
  const { count } = await tx`
    UPDATE members SET password_hash = ${passwordHash} WHERE member_id = ${memberId} AND status <> 'closed'`;
  return count === 1;
}

/** Replaces a password hash by another one of the same password, if it is still stored. */
export async function replacePasswordHash(
  tx: Transaction,
  memberId: bigint,
  presentHash: string,
  renewedHash: string,
): Promise<void> {
  await tx`UPDATE members SET password_hash = ${renewedHash}
    WHERE member_id = ${memberId} AND password_hash = ${presentHash}`;
}

/** A member's withdrawals that still hold points. */
export async function openWithdrawalsOf(
  sql: Sql,
  memberId: bigint,
): Promise<readonly { withdrawalNo: string; points: bigint }[]> {
  return sql<{ withdrawalNo: string; points: bigint }[]>`
    SELECT withdrawal_no, points FROM withdrawals
    WHERE member_id = ${memberId} AND status IN ('requested', 'approved', 'paying') ORDER BY withdrawal_id`;
}
