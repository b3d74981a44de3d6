import { sql } from "drizzle-orm";
import { boolean, check, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";

/**
 * Payments that channels' transaction bills show, each with the number that the merchant gave to its order. What a
 * payment says of an order is never written down: it follows from the two, whichever of them came first.
 */
export const orderEvidence = pgTable(
  "order_evidence",
  {
    /** What the channel calls the payment. */
    paymentNo: text("payment_no").notNull(),
    channel: text("channel").notNull(),
    orderNo: text("order_no").notNull(),
    source: text("source").notNull(),
    amountFen: big("amount_fen").notNull(),
    paidAt: instant("paid_at").notNull(),
    importId: big("import_id").notNull(),
    line: integer("line").notNull(),
  },
  (t) => [
    primaryKey({ name: "order_evidence_pkey", columns: [t.paymentNo, t.channel] }),
    index("order_evidence_order").on(t.orderNo, t.source),
    index("order_evidence_import_id").using("brin", t.importId),
    check("order_evidence_amount_fen", sql`${t.amountFen} between 0 and 10000000000`),
  ],
);

/**
 * Changes of orders that wait for evidence of their payment, where the policy grants nothing without it: rows of the
 * feed, as they stood there. A run takes an order's out of the feed, and puts all of them back once there is evidence.
 */
export const unevidencedOrders = pgTable(
  "unevidenced_orders",
  {
    memberId: big("member_id").notNull(),
    orderId: big("order_id").notNull(),
    importId: big("import_id").notNull(),
    merchantId: big("merchant_id").notNull(),
    netFen: big("net_fen").notNull(),
    businessDate: businessDate("business_date").notNull(),
    isFirst: boolean("is_first").notNull(),
  },
  (t) => [primaryKey({ name: "unevidenced_orders_pkey", columns: [t.memberId, t.orderId, t.importId] })],
);
