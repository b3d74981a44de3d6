import type { Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";

/**
 * Reserves the numbers of the `wanted` members in `unknown_members`. A generated number that is taken gets the member's
 * id appended.
 *
 * @returns how many have a number now
 */
export async function claimNumbers(tx: Transaction, wanted: number, areMadeUp: boolean): Promise<number> {
  const claimed = await tx`
    INSERT INTO member_numbers (member_no, member_id) SELECT member_no, member_id FROM unknown_members
    ON CONFLICT DO NOTHING`;
  if (claimed.count === wanted || !areMadeUp) return claimed.count;
  await tx`
    UPDATE unknown_members u SET member_no = u.member_no || '-' || u.member_id
    WHERE NOT EXISTS (SELECT FROM member_numbers n WHERE n.member_no = u.member_no AND n.member_id = u.member_id)`;
  const others = await tx`
    INSERT INTO member_numbers (member_no, member_id)
    SELECT member_no, member_id FROM unknown_members WHERE member_no LIKE '%-' || member_id ON CONFLICT DO NOTHING`;
  return claimed.count + others.count;
}

/**
 * Stores the name by which a file called each of them as an alias, for the next file. @returns for how many it was free
 */
export async function giveNames(
  tx: Transaction,
  by: "alias" | "email" | "phone",
  { importId, operator, now }: MergeFacts,
): Promise<number> {
  const { count } =
    by === "alias"
      ? await tx`
        INSERT INTO member_aliases (alias, source, member_id, import_id, added_by, added_at)
        SELECT named, source, member_id, ${importId}, ${operator}, ${now} FROM unknown_members ON CONFLICT DO NOTHING`
      : await tx`
        INSERT INTO member_contacts (value, kind, member_id) SELECT named, ${by}, member_id FROM unknown_members
        ON CONFLICT DO NOTHING`;
  return count;
}

/** Writes the members, and the balance that every member has from the start. */
export async function insertUnknown(
  tx: Transaction,
  by: MergeFacts["profile"]["memberBy"],
  { importId, operator, now }: MergeFacts,
): Promise<void> {
  await tx`
    INSERT INTO members (member_id, member_no, name, email, phone, status, import_id, registered_by, registered_at)
    SELECT member_id, member_no, name, CASE WHEN ${by === "email"} THEN named END, CASE WHEN ${by === "phone"}
      THEN named END,
           'active', ${importId}, ${operator}, ${now}
    FROM unknown_members ORDER BY member_id`;
  await tx`INSERT INTO balances (member_id) SELECT member_id FROM unknown_members ORDER BY member_id`;
}
