import type { Transaction } from "../../db/database.ts";
import { rejectOf } from "../../imports/staged.ts";
import { RowsContradict } from "../../imports/kind.ts";
import type { FileMerge, Merged, MergeFacts, Unwritten } from "../../imports/kind.ts";
import { clear, createTable, rejectedRows } from "../../imports/sql.ts";
import type { OrderColumn } from "./columns.ts";
import { reasons } from "./import-rejects.ts";
import {
  contradictsOwnFile,
  judgeStaged,
  noteTouched,
  updateKnown,
  writeNew,
  type OutcomeCount,
} from "./import-sql.ts";
import { stagedOrder } from "./row-reader.ts";

/**
 * How many orders are buffered at most: enough that a page of a table of a hundred million takes several of them at
 * once.
 */
const defaultMostBuffered = 1_000_000;

/**
 * Writing an order that was buffered takes about half of what reading and judging it took: 11 s after 17 s of a
 * million, 10 s after 38 s on a busy machine.
 */
const writingWeight = 0.5;

const merged = [
  "member_id bigint",
  "order_id bigint",
  "merchant_id bigint",
  "order_no text",
  "source text",
  "refunded_fen bigint",
  "status text",
  "paid_at timestamptz",
  "business_date date",
  "skus text[]",
] as const;

/** Orders as they are staged; those that are changed or not taken; and the new ones, until they are written. */
const tables: Readonly<Record<string, readonly string[]>> = {
  // Ids are given to rows as they are copied in, never by a default of the table that keeps them.
  staged_orders: [
    "record integer",
    "line integer",
    "rows integer DEFAULT 1",
    "order_id bigint DEFAULT nextval('id_seq')",
    ...stagedOrder,
  ],
  judged_orders: [
    "record integer",
    "outcome text",
    "detail text",
    ...merged,
    "net_fen bigint",
    "row_hash bigint",
    "stored_status text",
    "is_money_changed boolean",
    "known_import_id bigint",
  ],
  new_orders: [...merged, "amount_fen bigint"],
  // What this import has changed of older orders.
  touched_orders: ["order_id bigint"],
};

/** How orders are merged. */
export interface OrderMergeOptions {
  /** Whether members that orders name and nobody knows are registered first. */
  readonly createsMembers: boolean;
  readonly mostBuffered?: number;
}

/** Registers members whom staged orders name and nobody knows; gives how many. */
type RegisterMembers = (tx: Transaction, facts: MergeFacts) => Promise<number>;

/** What became of staged orders, in rows; `rejected` of them say why in `judged_orders`. */
export type JudgedOrders = Required<Omit<Merged, "rejects">> & { readonly rejected: number };

/**
 * The merge of one file of orders, chunk by chunk. New orders are buffered, and written many at once; `finish` writes
 * the last of them.
 */
export class OrderMerge implements FileMerge<OrderColumn> {
  readonly #tx: Transaction;
  readonly #facts: MergeFacts;
  readonly #register: RegisterMembers | undefined;
  readonly #mostBuffered: number;
  #buffered = 0;

  private constructor(tx: Transaction, facts: MergeFacts, mostBuffered: number, register: RegisterMembers | undefined) {
    this.#tx = tx;
    this.#facts = facts;
    this.#mostBuffered = mostBuffered;
    this.#register = register;
  }

  /** Begins a merge: creates its temporary tables. */
  static async begin(
    tx: Transaction,
    facts: MergeFacts,
    { createsMembers, mostBuffered = defaultMostBuffered }: OrderMergeOptions,
  ): Promise<OrderMerge> {
    for (const [table, columns] of Object.entries(tables)) await createTable(tx, table, columns);
    if (!createsMembers) return new OrderMerge(tx, facts, mostBuffered, undefined);
    const { createUnknownMembers, registerUnknownMembers } = await import("./unknown-members.ts");
    await createUnknownMembers(tx);
    return new OrderMerge(tx, facts, mostBuffered, registerUnknownMembers);
  }

  async merge(): Promise<Merged<OrderColumn>> {
    const { rejected, ...merged } = await this.judge();
    const [contradicts, refused] = await Promise.all([
      rejected > 0 && contradictsOwnFile(this.#tx, this.#facts),
      rejected > 0 ? rejectedRows(this.#tx, "judged_orders") : [],
      merged.updated > 0 && noteTouched(this.#tx),
    ]);
    if (contradicts) throw new RowsContradict();
    const rejects = refused.map((one) => rejectOf(reasons, one));
    await this.clear();
    return { ...merged, rejects };
  }

  /** Judges the staged orders, and takes those that can be; what was judged stays until `clear`. */
  async judge(): Promise<JudgedOrders> {
    const [tx, facts] = [this.#tx, this.#facts];
    const membersCreated = (await this.#register?.(tx, facts)) ?? 0;
    const found = await judgeStaged(tx, this.#buffered === 0 ? "all" : "others", facts);
    this.#buffered += ordersOf("new", found);
    const outcomes = [
      ...found.filter(({ outcome }) => outcome !== "revised"),
      ...(ordersOf("revised", found) === 0 ? [] : await this.#judgeRevised()),
    ];
    const updated = ordersOf("updated", outcomes);
    if (updated > 0) {
      const [orders, keys] = await updateKnown(tx, facts);
      if (orders !== updated || keys !== updated)
        throw new Error(`orders changed under the merge: ${orders} of ${updated} updated with ${keys} keys`);
    }
    if (this.#buffered >= this.#mostBuffered) await this.finish();
    const rowsOf = (outcome: string) =>
      outcomes.reduce((sum, one) => (one.outcome === outcome ? sum + one.rows : sum), 0);
    const counts = { inserted: rowsOf("new"), updated: rowsOf("updated"), duplicate: rowsOf("duplicate") };
    const all = outcomes.reduce((sum, { rows }) => sum + rows, 0);
    return { ...counts, membersCreated, rejected: all - counts.inserted - counts.updated - counts.duplicate };
  }

  /** Makes room for the next orders. */
  async clear(): Promise<void> {
    await clear(this.#tx, ["staged_orders", "judged_orders"]);
  }

  unwritten(): Unwritten {
    return { rows: this.#buffered, weight: writingWeight };
  }

  /** Writes the orders that are still buffered. */
  async finish(): Promise<undefined> {
    if (this.#buffered === 0) return;
    const written = await writeNew(this.#tx, this.#facts);
    if (written !== this.#buffered)
      throw new Error(`orders changed under the merge: ${written} of ${this.#buffered} written`);
    this.#buffered = 0;
  }

  /** Judges those that say something else of an order which is only buffered so far. */
  async #judgeRevised(): Promise<readonly OutcomeCount[]> {
    await this.finish();
    return judgeStaged(this.#tx, "revised", this.#facts);
  }
}

const ordersOf = (outcome: string, counts: readonly OutcomeCount[]): number =>
  counts.reduce((sum, one) => (one.outcome === outcome ? sum + one.orders : sum), 0);
