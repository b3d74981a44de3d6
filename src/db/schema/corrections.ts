import { check, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { sql } from "drizzle-orm";
import { big, instant } from "./columns.ts";
import { proposals } from "./proposals.ts";

/**
 * The proposals that put something right that came in wrong: an order, or a whole import. What they change, the
 * database lets nobody change without such a row, which it keeps only with an approval.
 */
export const corrections = pgTable(
  "corrections",
  {
    proposalNo: text("proposal_no")
      .primaryKey()
      .references(() => proposals.proposalNo),
    /** The import that was undone; null where it was one order. */
    importId: big("import_id"),
    appliedBy: text("applied_by").notNull(),
    appliedAt: instant("applied_at").notNull(),
  },
  (t) => [
    index("corrections_import_id")
      .on(t.importId)
      .where(sql`${t.importId} is not null`),
  ],
);

/**
 * Orders that count as never been, and what was put in their place: the same order as it should have been, or nothing.
 * Their own rows keep what they said.
 */
export const orderVoids = pgTable(
  "order_voids",
  {
    orderNo: text("order_no").notNull(),
    source: text("source").notNull(),
    orderId: big("order_id").notNull(),
    memberId: big("member_id").notNull(),
    proposalNo: text("proposal_no").notNull(),
    /** Before it became void. */
    status: text("status", { enum: ["pending", "paid", "closed"] }).notNull(),
    newOrderId: big("new_order_id"),
    newMemberId: big("new_member_id"),
  },
  (t) => [
    primaryKey({ name: "order_voids_pkey", columns: [t.orderNo, t.source, t.orderId] }),
    check("order_voids_status", sql`${t.status} in ('pending', 'paid', 'closed')`),
    check("order_voids_new", sql`(${t.newOrderId} is null) = (${t.newMemberId} is null)`),
  ],
);
