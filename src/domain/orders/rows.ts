import type { Transaction } from "../../db/database.ts";
import type { FileMerge, MergedAtEnd, MergeEnd, MergeFacts, Unwritten } from "../../imports/kind.ts";
import { createTable } from "../../imports/sql.ts";
import type { OrderColumn } from "./columns.ts";
import { handOverRefused, mergingWeight, ordersPerChunk } from "./lines.ts";
import { orderStatuses } from "./model.ts";
import { OrderMerge, type OrderMergeOptions } from "./merge.ts";
import { stagedOrder } from "./row-reader.ts";
import { collectRefusedRows, noteRefusedRows, numberOrders, refuseContradicting, stageOpen } from "./rows-sql.ts";

/** Where all rows of a file wait for its end, and what is known of them. */
const tables: Readonly<Record<string, readonly string[]>> = {
  order_rows: ["record integer", "line integer", "is_refused boolean", ...stagedOrder],
  numbered_orders: ["seq bigint", "order_no text", "source text", "rows bigint"],
  settled_rows: ["record integer PRIMARY KEY", "outcome text", "detail text"],
};

/**
 * The merge of a file with rows that contradict each other: all of an order are judged together, so that it makes no
 * difference which of them comes first. Those that contradict each other are all rejected; of the others one says what
 * another leaves open.
 */
export class RowsMerge implements FileMerge<OrderColumn> {
  readonly #tx: Transaction;
  readonly #facts: MergeFacts;
  readonly #orders: OrderMerge;
  readonly #createsMembers: boolean;
  #share = 0;
  #rows = 0;

  private constructor(tx: Transaction, facts: MergeFacts, orders: OrderMerge, createsMembers: boolean) {
    this.#tx = tx;
    this.#facts = facts;
    this.#orders = orders;
    this.#createsMembers = createsMembers;
  }

  /** Begins a merge: creates its temporary tables. */
  static async begin(tx: Transaction, facts: MergeFacts, options: OrderMergeOptions): Promise<RowsMerge> {
    for (const [table, columns] of Object.entries(tables)) await createTable(tx, table, columns);
    return new RowsMerge(tx, facts, await OrderMerge.begin(tx, facts, options), options.createsMembers);
  }

  /** What is left of the merge once all rows are read; before that, none of them is merged. */
  unwritten(): Unwritten {
    return { rows: -this.#share * this.#rows, weight: mergingWeight };
  }

  async finish({ signal, reject, rows, tellProgress }: MergeEnd<OrderColumn>): Promise<MergedAtEnd> {
    const tx = this.#tx;
    this.#rows = rows;
    const orders = await numberOrders(tx);
    const total = { inserted: 0, updated: 0, membersCreated: 0 };
    for (let after = 0; after < orders; after += ordersPerChunk) {
      const stretch = [after, after + ordersPerChunk] as const;
      await refuseContradicting(tx, stretch, this.#facts, this.#createsMembers);
      await this.#orders.clear();
      // One after the other, as the rows would come that contradict nothing: the feed sees the payment of what is closed.
      for (const status of orderStatuses) {
        await stageOpen(tx, stretch, status);
        const { inserted, updated, membersCreated, rejected } = await this.#orders.judge();
        if (rejected > 0) await noteRefusedRows(tx);
        await this.#orders.clear();
        total.inserted += inserted;
        total.updated += updated;
        total.membersCreated += membersCreated;
      }
      this.#share = Math.min(1, stretch[1] / orders);
      tellProgress();
      signal.throwIfAborted();
    }
    await this.#orders.finish();
    const { readable, refused } = await collectRefusedRows(tx);
    await handOverRefused(tx, reject);
    return { ...total, duplicate: readable - refused - total.inserted - total.updated };
  }
}
