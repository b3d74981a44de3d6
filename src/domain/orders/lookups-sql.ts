import type { Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";

/** What of a profile decides whom an order belongs to. One file has one way: no row asks which. */
export type Lookups = Pick<MergeFacts["profile"], "memberBy" | "merchantBy">;
type MemberBy = Lookups["memberBy"];
type MerchantBy = Lookups["merchantBy"];

/** The id of the member that a staged row `s` names. */
export function memberOf(tx: Transaction, { memberBy }: Lookups) {
  const lookups: Record<MemberBy, () => ReturnType<Transaction>> = {
    number: () => tx`SELECT n.member_id FROM member_numbers n WHERE n.member_no = s.member_no OFFSET 0`,
    alias: () => tx`SELECT a.member_id FROM member_aliases a WHERE a.alias = s.member_no AND a.source = s.source OFFSET 0`,
    email: () => tx`SELECT c.member_id FROM member_contacts c WHERE c.value = s.member_no AND c.kind = 'email' OFFSET 0`,
    phone: () => tx`SELECT c.member_id FROM member_contacts c WHERE c.value = s.member_no AND c.kind = 'phone' OFFSET 0`,
  };
  return lookups[memberBy]();
}

/** The join of merchants `r` to the staged rows `s` that name them. */
export const joinedMerchants = (tx: Transaction, { merchantBy }: Lookups) =>
  merchantBy === "code"
    ? tx`LEFT JOIN merchants r ON r.merchant_code = s.merchant_code`
    : tx`
      LEFT JOIN merchant_aliases b ON b.alias = s.merchant_code AND b.source = s.source
      LEFT JOIN merchants r ON r.merchant_id = b.merchant_id`;

const memberWays: readonly MemberBy[] = ["number", "alias", "email", "phone"];
const merchantWays: readonly MerchantBy[] = ["code", "alias"];

/** The seed of a row's hash: the same text means somebody else when it is an alias, so it may not pass for the same row. */
export const hashSeed = ({ memberBy, merchantBy }: Lookups): number =>
  memberWays.indexOf(memberBy) + memberWays.length * merchantWays.indexOf(merchantBy);

const unknownMembers = {
  number: "unknown_member", alias: "unknown_member_alias", email: "unknown_member_email", phone: "unknown_member_phone",
} as const satisfies Record<MemberBy, string>;

const unknownMerchants = { code: "unknown_merchant", alias: "unknown_merchant_alias" } as const satisfies Record<MerchantBy, string>;

/** What a row is rejected as whose member or merchant is not known. */
export type UnknownOutcome = (typeof unknownMembers)[MemberBy] | (typeof unknownMerchants)[MerchantBy];

/** The outcome of a row whose member is not known. */
export const unknownMember = ({ memberBy }: Lookups): UnknownOutcome => unknownMembers[memberBy];

/** The outcome of a row whose merchant is not known. */
export const unknownMerchant = ({ merchantBy }: Lookups): UnknownOutcome => unknownMerchants[merchantBy];
