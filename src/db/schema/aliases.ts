import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { big, instant } from "./columns.ts";
import { merchants } from "./merchants.ts";

const columns = {
  alias: text("alias").notNull(),
  source: text("source").notNull(),
  /** The import that brought it; null for one that an operator added. */
  importId: big("import_id"),
  addedBy: text("added_by").notNull(),
  addedAt: instant("added_at").notNull(),
};

/** What a source calls a member: a buyer's name, an account, an openid. One source calls no two members alike. */
export const memberAliases = pgTable("member_aliases", { ...columns, memberId: big("member_id").notNull() }, (t) => [
  primaryKey({ name: "member_aliases_pkey", columns: [t.alias, t.source] }),
  index("member_aliases_member_id").on(t.memberId),
]);

/** What a source calls a merchant: a shop's id or name. */
export const merchantAliases = pgTable(
  "merchant_aliases",
  {
    ...columns,
    merchantId: big("merchant_id")
      .notNull()
      .references(() => merchants.merchantId),
  },
  (t) => [primaryKey({ name: "merchant_aliases_pkey", columns: [t.alias, t.source] })],
);
