import type { Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import { membersChangedMeanwhile } from "../members/member-errors.ts";
import { claimNumbers, giveNames, insertUnknown } from "../members/unknown-sql.ts";
import { findUnknownMembers } from "./unknown-members-sql.ts";

export { createUnknownMembers } from "./unknown-members-sql.ts";

/**
 * Registers the members whom staged orders name and nobody knows: active, identity not verified, with what the file
 * calls them and nothing else.
 *
 * @returns how many
 * @throws busy, `members_changed_meanwhile`, when another session registered one of them at the same time
 */
export async function registerUnknownMembers(tx: Transaction, facts: MergeFacts): Promise<number> {
  const { memberBy } = facts.profile;
  const unknown = await findUnknownMembers(tx, facts);
  if (unknown === 0) return 0;
  if ((await claimNumbers(tx, unknown, memberBy !== "number")) !== unknown) throw membersChangedMeanwhile();
  if (memberBy !== "number" && (await giveNames(tx, memberBy, facts)) !== unknown) throw membersChangedMeanwhile();
  await insertUnknown(tx, memberBy, facts);
  return unknown;
}
