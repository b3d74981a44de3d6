import { sql } from "drizzle-orm";
import { boolean, check, integer, json, jsonb, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { importKinds } from "../../shared/file-kinds.ts";
import { big, businessDate, instant, isOneOf } from "./columns.ts";

/** One file imported. */
export const imports = pgTable(
  "imports",
  {
    importId: big("import_id").primaryKey(),
    kind: text("kind", { enum: importKinds }).notNull(),
    file: text("file").notNull(),
    sha256: text("sha256").notNull(),
    byteSize: big("byte_size").notNull(),
    encoding: text("encoding").notNull(),
    profile: text("profile").notNull(),
    operator: text("operator").notNull(),
    host: text("host").notNull(),
    startedAt: instant("started_at").notNull(),
    finishedAt: instant("finished_at").notNull(),
    read: integer("read").notNull(),
    inserted: integer("inserted").notNull(),
    updated: integer("updated").notNull(),
    duplicate: integer("duplicate").notNull(),
    rejected: integer("rejected").notNull(),
    reasons: jsonb("reasons").notNull().default({}),
    /** What the report says beside its counts, under the keys of its JSON form. */
    notes: jsonb("notes").notNull().default({}),
    /** How the file was read (`src/imports/reading.ts`); null of imports from before it was recorded. */
    reading: jsonb("reading"),
    /**
     * Header cells as they stand in the file: what the cells of its rejects stand under. As text, for cells may hold
     * what jsonb refuses.
     */
    header: json("header").$type<readonly string[]>(),
    /** An absolute path on `host`. */
    rejectsFile: text("rejects_file"),
    rejectsSha256: text("rejects_sha256"),
    /** Whether it is kept what it, and later ones, changed of orders: not so of imports from before that was. */
    changesKept: boolean("changes_kept").notNull().default(true),
  },
  (t) => [
    index("imports_sha256").on(t.kind, t.sha256),
    check("imports_kind", isOneOf(t.kind, importKinds)),
    check("imports_balanced", sql`${t.read} = ${t.inserted} + ${t.updated} + ${t.duplicate} + ${t.rejected}`),
  ],
);

/** The first rejected rows of an import, kept as long as it is: its rejects file may be mended, moved or gone. */
export const importRejects = pgTable(
  "import_rejects",
  {
    importId: big("import_id")
      .notNull()
      .references(() => imports.importId),
    record: integer("record").notNull(),
    line: integer("line").notNull(),
    /** The heading of the cell that is to blame; null where it is the whole row. */
    heading: text("heading"),
    code: text("code").notNull(),
    message: text("message").notNull(),
    cells: json("cells").$type<readonly string[]>().notNull(),
  },
  (t) => [primaryKey({ name: "import_rejects_pkey", columns: [t.importId, t.record] })],
);

/** Keeps (order_no, source) unique over all members, finds an order by it, and says which line brought it in. */
export const orderKeys = pgTable(
  "order_keys",
  {
    orderNo: text("order_no").notNull(),
    source: text("source").notNull(),
    memberId: big("member_id").notNull(),
    orderId: big("order_id").notNull(),
    importId: big("import_id").notNull(),
    line: integer("line").notNull(),
    /** Of the row that was taken last: a row with the same hash is a duplicate without a look at the order. */
    rowHash: big("row_hash").notNull(),
  },
  (t) => [
    primaryKey({ name: "order_keys_pkey", columns: [t.orderNo, t.source] }),
    // Keys come import by import, so a block range index finds those of one, and costs it next to nothing.
    index("order_keys_import_id").using("brin", t.importId),
  ],
);

/**
 * No foreign keys and one B-tree, on purpose: each costs more than the rest of an import. The merge joins members and
 * merchants, the database refuses to delete either, and `verify` proves that there is no orphan. Cut into partitions by
 * order_id, as entries are by ref_id: a night writes to the keys of the newest one only, however many years of orders
 * there are, and a member's orders are looked up in each.
 */
export const orders = pgTable(
  "orders",
  {
    memberId: big("member_id").notNull(),
    orderId: big("order_id").notNull(),
    merchantId: big("merchant_id").notNull(),
    amountFen: big("amount_fen").notNull(),
    refundedFen: big("refunded_fen").notNull(),
    paidAt: instant("paid_at"),
    businessDate: businessDate("business_date"),
    /** `void` is an order that counts as never been; `order_voids` says by which proposal. */
    status: text("status", { enum: ["pending", "paid", "closed", "void"] }).notNull(),
    source: text("source").notNull(),
    orderNo: text("order_no").notNull(),
    skus: text("skus").array(),
  },
  (t) => [
    primaryKey({ name: "orders_pkey", columns: [t.memberId, t.orderId] }),
    // Orders arrive by date, so a block range index finds those of a period, and costs an import next to nothing.
    index("orders_business_date").using("brin", t.businessDate),
    check("orders_amount_fen", sql`${t.amountFen} between 0 and 10000000000`),
    check("orders_refunded_fen", sql`${t.refundedFen} between 0 and ${t.amountFen}`),
    check("orders_status", sql`${t.status} in ('pending', 'paid', 'closed', 'void')`),
    check("orders_refunded_when_paid", sql`${t.refundedFen} = 0 or ${t.paidAt} is not null`),
    check("orders_paid_at", sql`${t.status} <> 'paid' or ${t.paidAt} is not null`),
    check("orders_business_date", sql`(${t.paidAt} is null) = (${t.businessDate} is null)`),
  ],
);

/**
 * The feed of the points-grant batch: what an import added or changed and no grant run has settled yet, with all that
 * settling needs to know. An import appends to it in its own transaction, a run takes rows out, so a night costs what
 * that night brought, and never looks at the history. Rows are per import, and imports of orders go one after the
 * other: of several rows of one order, the one of the highest import is how it stands. An import and a run never wait
 * for each other.
 */
export const orderChanges = pgTable(
  "order_changes",
  {
    memberId: big("member_id").notNull(),
    orderId: big("order_id").notNull(),
    importId: big("import_id").notNull(),
    merchantId: big("merchant_id").notNull(),
    /** What the order stands at: amount less refunds while it is paid, nothing once it is closed. */
    netFen: big("net_fen").notNull(),
    businessDate: businessDate("business_date").notNull(),
    /** No run can have seen the order before: it was not there, or not paid. */
    isFirst: boolean("is_first").notNull(),
  },
  (t) => [primaryKey({ name: "order_changes_pkey", columns: [t.memberId, t.orderId, t.importId] })],
);

/**
 * Refunds that came as rows of their own, each with its own number: one counts once, whatever files repeat it. An
 * order's `refunded_fen` is what its rows here add up to, its amount where that is less, and more where a file stated
 * more.
 */
export const orderRefunds = pgTable(
  "order_refunds",
  {
    memberId: big("member_id").notNull(),
    orderId: big("order_id").notNull(),
    refundNo: text("refund_no").notNull(),
    refundedFen: big("refunded_fen").notNull(),
    importId: big("import_id").notNull(),
  },
  (t) => [
    primaryKey({ name: "order_refunds_pkey", columns: [t.memberId, t.orderId, t.refundNo] }),
    check("order_refunds_refunded_fen", sql`${t.refundedFen} between 0 and 10000000000`),
  ],
);

/** What an order was before an import changed it that had not brought it: once for each such import. */
export const orderUpdates = pgTable(
  "order_updates",
  {
    memberId: big("member_id").notNull(),
    orderId: big("order_id").notNull(),
    importId: big("import_id").notNull(),
    refundedFen: big("refunded_fen").notNull(),
    paidAt: instant("paid_at"),
    businessDate: businessDate("business_date"),
    status: text("status", { enum: ["pending", "paid", "closed"] }).notNull(),
    skus: text("skus").array(),
  },
  (t) => [
    primaryKey({ name: "order_updates_pkey", columns: [t.memberId, t.orderId, t.importId] }),
    index("order_updates_import_id").using("brin", t.importId),
    check("order_updates_status", sql`${t.status} in ('pending', 'paid', 'closed')`),
  ],
);
