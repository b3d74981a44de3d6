import { sql } from "drizzle-orm";
import { check, integer, numeric, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { big, businessDate, instant } from "./columns.ts";

/**
 * Settled orders with their entries that were moved out of one partition into files. What they come to stays, in
 * `carried_points` and `carried_entries`, until they are attached again. Their numbers stay in `order_keys`.
 */
export const historyArchives = pgTable(
  "history_archives",
  {
    archiveNo: integer("archive_no").primaryKey(),
    /** The ids of the partition: from `first_id` to below `end_id`. */
    firstId: big("first_id").notNull(),
    endId: big("end_id").notNull(),
    /** All that is archived is of dates before this one; the newest is `until_date`. */
    beforeDate: businessDate("before_date").notNull(),
    untilDate: businessDate("until_date").notNull(),
    orders: big("orders").notNull(),
    entries: big("entries").notNull(),
    availablePoints: big("available_points").notNull(),
    contributionFen: big("contribution_fen").notNull(),
    /** The sum of the weights that the keys of its orders have under a random seed: which keys they are. */
    keysSeed: big("keys_seed").notNull(),
    keysWeight: numeric("keys_weight").notNull(),
    /** Where its files were written, on `host`, and the digest of their manifest. */
    directory: text("directory").notNull(),
    manifestSha256: text("manifest_sha256").notNull(),
    host: text("host").notNull(),
    archivedBy: text("archived_by").notNull(),
    archivedAt: instant("archived_at").notNull(),
    attachedBy: text("attached_by"),
    attachedAt: instant("attached_at"),
  },
  (t) => [
    check("history_archives_ids", sql`${t.firstId} < ${t.endId}`),
    check("history_archives_until_date", sql`${t.untilDate} < ${t.beforeDate}`),
    check("history_archives_orders", sql`${t.orders} > 0 and ${t.entries} >= ${t.orders}`),
    check("history_archives_attached", sql`(${t.attachedBy} is null) = (${t.attachedAt} is null)`),
  ],
);

/** What a member's archived entries come to: the opening of the entries that are there. */
export const carriedPoints = pgTable(
  "carried_points",
  {
    memberId: big("member_id").notNull(),
    archiveNo: integer("archive_no")
      .notNull()
      .references(() => historyArchives.archiveNo),
    orders: big("orders").notNull(),
    availablePoints: big("available_points").notNull(),
    clawedBackPoints: big("clawed_back_points").notNull(),
  },
  (t) => [primaryKey({ name: "carried_points_pkey", columns: [t.memberId, t.archiveNo] })],
);

/** What archived entries come to by date, run, merchant, rate and kind: what journal, runs and bills are held against. */
export const carriedEntries = pgTable(
  "carried_entries",
  {
    archiveNo: integer("archive_no")
      .notNull()
      .references(() => historyArchives.archiveNo),
    businessDate: businessDate("business_date").notNull(),
    merchantId: big("merchant_id").notNull(),
    runId: big("run_id").notNull(),
    contributionBps: integer("contribution_bps").notNull(),
    kind: text("kind", { enum: ["grant", "clawback", "contribution"] }).notNull(),
    entries: big("entries").notNull(),
    firstEntries: big("first_entries").notNull(),
    availablePoints: big("available_points").notNull(),
    contributedFen: big("contributed_fen").notNull(),
    clawedBackFen: big("clawed_back_fen").notNull(),
  },
  (t) => [
    primaryKey({
      name: "carried_entries_pkey",
      columns: [t.archiveNo, t.businessDate, t.merchantId, t.runId, t.contributionBps, t.kind],
    }),
    check("carried_entries_kind", sql`${t.kind} in ('grant', 'clawback', 'contribution')`),
  ],
);
