import type { Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import { joinedMerchants, memberOf } from "./import-sql.ts";

/** Texts that can be what a new member is known by: a number has no spaces or commas, the others their own shape. */
const shapes = {
  number: "^[^\\s,，]{1,64}$",
  alias: ".",
  email: '^[^\\s@,;<>"]+@[^\\s@,;<>".]+(\\.[^\\s@,;<>".]+)+$',
  phone: "^\\+?[0-9]{5,20}$",
} as const satisfies Record<MergeFacts["profile"]["memberBy"], string>;

export async function createUnknownMembers(tx: Transaction): Promise<void> {
  await tx`CREATE TEMP TABLE unknown_members (member_id bigint, member_no text, source text, named text, name text)
    ON COMMIT DROP`;
}

/**
 * Finds whom the staged rows name and nobody knows, for rows that would otherwise be taken: of a merchant whose
 * orders are taken, and not known with somebody else. A number is taken as it is; others get one that follows from what
 * they are called, so that the same files give the same members in any order.
 *
 * @returns how many; they are in `unknown_members (member_id, member_no, source, named, name)`
 */
export async function findUnknownMembers(tx: Transaction, { profile }: MergeFacts): Promise<number> {
  const { memberBy } = profile;
  const [group, number] =
    memberBy === "alias"
      ? [
          tx`s.member_no, s.source`,
          tx`regexp_replace(left(source, 40), '[\\s,，]', '',
            'g') || '-' || left(encode(sha256(convert_to(named, 'UTF8')), 'hex'), 12)`,
        ]
      : [
          tx`s.member_no`,
          memberBy === "number"
            ? tx`named`
            : tx`${`${memberBy}-`} || left(encode(sha256(convert_to(named, 'UTF8')), 'hex'), 12)`,
        ];
  await tx`TRUNCATE unknown_members`;
  const { count } = await tx`
    INSERT INTO unknown_members
    SELECT nextval('id_seq') AS member_id, ${number} AS member_no, u.* FROM (
      SELECT min(s.source) AS source, s.member_no AS named, coalesce(min(s.member_name), s.member_no) AS name
      FROM staged_orders s
      ${joinedMerchants(tx, profile)}
      LEFT JOIN LATERAL (${memberOf(tx, profile)}) m ON true
      LEFT JOIN LATERAL (SELECT k.order_id FROM order_keys k
        WHERE k.order_no = s.order_no AND k.source = s.source OFFSET 0) k ON true
      WHERE m.member_id IS NULL AND k.order_id IS NULL AND s.member_no ~ ${shapes[memberBy]}
        AND r.status <> 'pending' AND coalesce(s.paid_at < r.suspended_at, true)
      GROUP BY ${group}
    ) u`;
  return count;
}
