import type { Transaction } from "../../db/database.ts";
import { rejectOf } from "../../imports/staged.ts";
import type { FileMerge, MergedAtEnd, MergeEnd, MergeFacts, Unwritten } from "../../imports/kind.ts";
import { canSay } from "../../imports/profile.ts";
import { countOutcomes, createTable } from "../../imports/sql.ts";
import type { OrderColumn } from "./columns.ts";
import { isOfRefunds } from "./import-row.ts";
import { reasons } from "./import-rejects.ts";
import {
  assembleOrders,
  collectRefused,
  countAssembled,
  noteRefused,
  refusedPage,
  stageAssembled,
} from "./lines-sql.ts";
import { OrderMerge, type OrderMergeOptions } from "./merge.ts";
import { judgeRefunds, overRefunded, takeRefunds } from "./refunds-sql.ts";
import { stagedLine, stagedOrder } from "./row-reader.ts";

/** How many orders are judged at once. */
export const ordersPerChunk = 25_000;
const rejectsPerPage = 1000;
/** How many of the orders that are refunded by more than their amount are named. */
const overRefundedNamed = 10;
/** Merging a row takes so much of what reading and staging it took, measured with three rows to an order. */
export const mergingWeight = 4;
/**
 * How much of the merge is done when orders have been made of the rows, and when those are judged and the new ones have
 * to be written.
 */
const [assembled, judged] = [0.4, 0.75];

/** Where all rows of a file wait for its end, and what is made of them. */
const tables: Readonly<Record<string, readonly string[]>> = {
  order_lines: ["record integer", "line integer", "is_refused boolean", ...stagedLine],
  assembled_orders: [
    "seq bigint",
    "record integer",
    "line integer",
    "rows integer",
    ...stagedOrder,
    "outcome text",
    "detail text",
  ],
  refused_orders: ["order_no text", "source text", "outcome text", "detail text"],
  judged_refunds: [
    "record integer",
    "member_id bigint",
    "order_id bigint",
    "refund_no text",
    "refunded_fen bigint",
    "outcome text",
    "detail text",
  ],
  refused_refunds: ["record integer", "outcome text", "detail text"],
};

/**
 * The merge of a file of which several rows make an order, or in which refunds have rows of their own: each order is
 * made of its rows, wherever they stand, and merged like one that came as a row; then the refunds, which find the
 * orders of this file and of all before it.
 */
export class LinesMerge implements FileMerge<OrderColumn> {
  readonly #tx: Transaction;
  readonly #facts: MergeFacts;
  readonly #orders: OrderMerge;
  #share = 0;
  #rows = 0;

  private constructor(tx: Transaction, facts: MergeFacts, orders: OrderMerge) {
    this.#tx = tx;
    this.#facts = facts;
    this.#orders = orders;
  }

  /** Begins a merge: creates its temporary tables. */
  static async begin(tx: Transaction, facts: MergeFacts, options: OrderMergeOptions): Promise<LinesMerge> {
    for (const [table, columns] of Object.entries(tables)) await createTable(tx, table, columns);
    return new LinesMerge(tx, facts, await OrderMerge.begin(tx, facts, options));
  }

  /** What is left of the merge once all rows are read; before that, none of them is merged. */
  unwritten(): Unwritten {
    return { rows: -this.#share * this.#rows, weight: mergingWeight };
  }

  async finish({ signal, reject, rows, tellProgress }: MergeEnd<OrderColumn>): Promise<MergedAtEnd> {
    const { rowsPerOrder, rowsPaidAt, rounding } = this.#facts.profile;
    this.#rows = rows;
    const hasLineNos = canSay(this.#facts.profile, "line_no");
    await assembleOrders(this.#tx, { rowsPerOrder, rowsPaidAt, rounding, hasLineNos });
    const merged = await this.#mergeAssembled((share) => {
      this.#share = share;
      tellProgress();
      signal.throwIfAborted();
    });
    const refunds = await this.#mergeRefunds();
    signal.throwIfAborted();
    await collectRefused(this.#tx);
    await handOverRefused(this.#tx, reject);
    return {
      ...merged,
      updated: merged.updated + refunds.updated,
      duplicate: merged.duplicate + refunds.duplicate,
      overRefunded: refunds.overRefunded,
    };
  }

  async #mergeAssembled(onMerged: (share: number) => void): Promise<Omit<MergedAtEnd, "overRefunded">> {
    const orders = await countAssembled(this.#tx);
    const total = { inserted: 0, updated: 0, duplicate: 0, membersCreated: 0 };
    onMerged(assembled);
    for (let after = 0; after < orders; after += ordersPerChunk) {
      await stageAssembled(this.#tx, after, after + ordersPerChunk);
      const { inserted, updated, duplicate, membersCreated, rejected } = await this.#orders.judge();
      if (rejected > 0) await noteRefused(this.#tx);
      await this.#orders.clear();
      total.inserted += inserted;
      total.updated += updated;
      total.duplicate += duplicate;
      total.membersCreated += membersCreated;
      onMerged(assembled + (judged - assembled) * Math.min(1, (after + ordersPerChunk) / orders));
    }
    await this.#orders.finish();
    return { ...total, orders: isOfRefunds(this.#facts.profile) ? undefined : orders };
  }

  async #mergeRefunds(): Promise<Pick<MergedAtEnd, "updated" | "duplicate" | "overRefunded">> {
    const [tx, facts] = [this.#tx, this.#facts];
    await judgeRefunds(tx);
    const outcomes = await countOutcomes(tx, "judged_refunds");
    const [updated = 0, repeated = 0, known = 0] = [
      outcomes.get("new"),
      outcomes.get("repeated"),
      outcomes.get("known"),
    ];
    const duplicate = repeated + known;
    if (updated === 0) return { updated, duplicate, overRefunded: { orders: 0, such_as: [] } };
    const written = await takeRefunds(tx, facts);
    if (written !== updated) throw new Error(`refunds changed under the merge: ${written} of ${updated} written`);
    return { updated, duplicate, overRefunded: await overRefunded(tx, overRefundedNamed) };
  }
}

/** Hands over all rows that were collected as not taken, a page at a time. */
export async function handOverRefused(tx: Transaction, reject: MergeEnd<OrderColumn>["reject"]): Promise<void> {
  for (let after = 0; ;) {
    const page = await refusedPage(tx, after, rejectsPerPage);
    if (page.length === 0) return;
    await reject(
      page.map((line) => (line.isRefused ? { record: line.record, refusal: undefined } : rejectOf(reasons, line))),
    );
    after = page.at(-1)!.record;
  }
}
