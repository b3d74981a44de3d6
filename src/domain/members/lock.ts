import type { Transaction } from "../../db/database.ts";
import { memberClosed, memberUnknown } from "./member-errors.ts";
import { findMember, findShown, lockBalance, type BalanceRow, type MemberRow, type ShownMember } from "./sql.ts";

/** A member and their balance, which nobody else changes until the transaction ends. */
export interface LockedMember {
  readonly member: ShownMember;
  readonly balance: BalanceRow;
}

/** Locks a member of a number. @throws refused `member_unknown` */
export async function lockMember(tx: Transaction, memberNo: string): Promise<LockedMember> {
  const known = await findShown(tx, memberNo);
  if (known === undefined) throw memberUnknown(memberNo);
  const balance = await lockBalance(tx, known.memberId);
  const member = (await findShown(tx, memberNo))!; // again, under the lock: what was read before may be old
  return { member, balance };
}

/** Locks a member who may still change, and reads them in full. @throws refused `member_unknown`, `member_closed` */
export async function lockOpenMember(tx: Transaction, memberNo: string): Promise<MemberRow> {
  const { member } = await lockMember(tx, memberNo);
  if (member.status === "closed") throw memberClosed(memberNo);
  return (await findMember(tx, memberNo))!;
}
