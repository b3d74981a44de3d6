import { sql } from "drizzle-orm";
import { check, integer, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";
import { proposals } from "./proposals.ts";

export const merchants = pgTable(
  "merchants",
  {
    merchantId: big("merchant_id").primaryKey(),
    merchantCode: text("merchant_code").notNull(),
    name: text("name").notNull(),
    contact: text("contact"),
    status: text("status", { enum: ["pending", "active", "suspended"] }).notNull(),
    suspendedAt: instant("suspended_at"),
    importId: big("import_id"),
    registeredBy: text("registered_by").notNull(),
    registeredAt: instant("registered_at").notNull(),
  },
  (t) => [
    uniqueIndex("merchants_merchant_code").on(t.merchantCode),
    check("merchants_status", sql`${t.status} in ('pending', 'active', 'suspended')`),
    check("merchants_suspended_at", sql`(${t.status} = 'suspended') = (${t.suspendedAt} is not null)`),
  ],
);

/**
 * A merchant's own contribution rate from a business date on; without one, or with one of null, the policy's is in
 * force. Set again for the same date it is another revision, as policies are.
 */
export const contributionRates = pgTable(
  "contribution_rates",
  {
    merchantId: big("merchant_id")
      .notNull()
      .references(() => merchants.merchantId),
    effectiveFrom: businessDate("effective_from").notNull(),
    contributionBps: integer("contribution_bps"),
    setBy: text("set_by").notNull(),
    setAt: instant("set_at").notNull(),
    revision: integer("revision").notNull().default(1),
    /** What it was applied of; null for the first one of a merchant whom an import brought. */
    proposalNo: text("proposal_no").references(() => proposals.proposalNo),
  },
  (t) => [
    primaryKey({ name: "contribution_rates_pkey", columns: [t.merchantId, t.effectiveFrom, t.revision] }),
    uniqueIndex("contribution_rates_proposal_no")
      .on(t.proposalNo)
      .where(sql`${t.proposalNo} is not null`),
    check("contribution_rates_bps", sql`${t.contributionBps} between 0 and 10000`),
  ],
);

export const products = pgTable(
  "products",
  {
    merchantId: big("merchant_id")
      .notNull()
      .references(() => merchants.merchantId),
    sku: text("sku").notNull(),
    name: text("name").notNull(),
    priceFen: big("price_fen").notNull(),
    importId: big("import_id"),
  },
  (t) => [
    primaryKey({ name: "products_pkey", columns: [t.merchantId, t.sku] }),
    check("products_price_fen", sql`${t.priceFen} between 0 and 10000000000`),
  ],
);
