import { sql } from "drizzle-orm";
import { boolean, check, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { big, instant } from "./columns.ts";

export const members = pgTable(
  "members",
  {
    memberId: big("member_id").primaryKey(),
    memberNo: text("member_no").notNull(),
    name: text("name").notNull(),
    email: text("email"),
    phone: text("phone"),
    passwordHash: text("password_hash"),
    status: text("status", { enum: ["active", "frozen", "closed"] }).notNull(),
    identityVerifiedAt: instant("identity_verified_at"),
    importId: big("import_id"),
    registeredBy: text("registered_by").notNull(),
    registeredAt: instant("registered_at").notNull(),
  },
  (t) => [
    check("members_status", sql`${t.status} in ('active', 'frozen', 'closed')`),
    // Closed members are few, and every grant chunk asks which of its orders are theirs.
    index("members_closed")
      .on(t.memberId)
      .where(sql`${t.status} = 'closed'`),
  ],
);

/**
 * Keeps member numbers unique over all members, and finds a member by its number: the key of the table includes the id.
 */
export const memberNumbers = pgTable("member_numbers", {
  memberNo: text("member_no").primaryKey(),
  memberId: big("member_id").notNull(),
});

/** Keeps phones and (lower-cased) e-mail addresses unique over all members. */
export const memberContacts = pgTable(
  "member_contacts",
  {
    value: text("value").notNull(),
    kind: text("kind", { enum: ["phone", "email"] }).notNull(),
    memberId: big("member_id").notNull(),
  },
  (t) => [
    primaryKey({ name: "member_contacts_pkey", columns: [t.value, t.kind] }),
    check("member_contacts_kind", sql`${t.kind} in ('phone', 'email')`),
  ],
);

/**
 * What a member has: derived from the points entries and rebuildable from them. `clawed_back_points` is the sum of all
 * clawbacks so far; it bounds how far below zero `available` can go, so the database itself refuses any other debt.
 */
export const balances = pgTable(
  "balances",
  {
    memberId: big("member_id").primaryKey(),
    availablePoints: big("available_points")
      .notNull()
      .default(sql`0`),
    heldPoints: big("held_points")
      .notNull()
      .default(sql`0`),
    clawedBackPoints: big("clawed_back_points")
      .notNull()
      .default(sql`0`),
    /**
     * Whether the member is below zero. A column of its own: an index that depended on the points themselves would have
     * every move of them rewrite indexes.
     */
    inDebt: boolean("in_debt")
      .notNull()
      .generatedAlwaysAs(sql`available_points < 0`),
  },
  (t) => [
    // Debtors are few: what they owe is summed up from here, and never by reading all balances.
    index("balances_in_debt")
      .on(t.memberId)
      .where(sql`${t.inDebt}`),
    check("balances_held", sql`${t.heldPoints} >= 0`),
    check("balances_available", sql`${t.availablePoints} + ${t.clawedBackPoints} >= 0`),
  ],
);
