import { sql } from "drizzle-orm";
import { boolean, check, index, pgTable, primaryKey, text, unique, uniqueIndex } from "drizzle-orm/pg-core";
import { big, bytes, instant } from "./columns.ts";
import { members } from "./members.ts";

/**
 * Where a member's withdrawals are paid to. What is private (the number and the holder's name) is sealed under the key
 * that `key_id` names; the digest, made with that key too, finds the same number again without telling it. An account
 * is never rewritten: it is closed, and another one added. Only the default, closing, and sealing it anew ever change a
 * row.
 */
export const payoutAccounts = pgTable(
  "payout_accounts",
  {
    memberId: big("member_id")
      .notNull()
      .references(() => members.memberId),
    accountId: big("account_id").notNull(),
    channel: text("channel", { enum: ["alipay", "wechat", "bank", "stripe"] }).notNull(),
    numberMasked: text("number_masked").notNull(),
    bankName: text("bank_name"),
    branchCode: text("branch_code"),
    keyId: text("key_id").notNull(),
    numberSealed: bytes("number_sealed").notNull(),
    holderSealed: bytes("holder_sealed").notNull(),
    numberDigest: bytes("number_digest").notNull(),
    isDefault: boolean("is_default").notNull(),
    /** When it last became the default: that, too, starts the cooling-off. */
    defaultAt: instant("default_at"),
    addedBy: text("added_by").notNull(),
    addedAt: instant("added_at").notNull(),
    closedBy: text("closed_by"),
    closedAt: instant("closed_at"),
  },
  (t) => [
    primaryKey({ name: "payout_accounts_pkey", columns: [t.memberId, t.accountId] }),
    // What a withdrawal's account and channel refer to together.
    unique("payout_accounts_channel_of").on(t.memberId, t.accountId, t.channel),
    uniqueIndex("payout_accounts_default")
      .on(t.memberId)
      .where(sql`${t.isDefault}`),
    uniqueIndex("payout_accounts_number")
      .on(t.memberId, t.numberDigest)
      .where(sql`${t.closedAt} is null`),
    // One number on many members is a risk, so it has to be found whoever has it.
    index("payout_accounts_number_digest").on(t.numberDigest),
    // Which keys are in use, and what is left to be sealed anew.
    index("payout_accounts_key_id").on(t.keyId, t.memberId, t.accountId),
    check("payout_accounts_channel", sql`${t.channel} in ('alipay', 'wechat', 'bank', 'stripe')`),
    check(
      "payout_accounts_bank",
      sql`(${t.channel} = 'bank') = (${t.bankName} is not null) and (${t.branchCode} is null or (${t.channel} = 'bank' and ${t.branchCode} ~ '^[0-9]{12}$'))`,
    ),
    check("payout_accounts_key_id", sql`${t.keyId} ~ '^[0-9a-f]{16}$'`),
    // A nonce of 12 bytes, the text, a tag of 16: nothing shorter was ever sealed.
    check(
      "payout_accounts_sealed",
      sql`octet_length(${t.numberSealed}) > 28 and octet_length(${t.holderSealed}) > 28 and octet_length(${t.numberDigest}) = 32`,
    ),
    check("payout_accounts_default", sql`not ${t.isDefault} or (${t.defaultAt} is not null and ${t.closedAt} is null)`),
    check("payout_accounts_closed", sql`(${t.closedBy} is null) = (${t.closedAt} is null)`),
  ],
);
