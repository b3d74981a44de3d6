import type { Transaction } from "../../db/database.ts";
import type { GatheredOutcome, GatheredReject, Gathering, GatheringEnd, MergeFacts } from "../../imports/kind.ts";
import { canSay, type Profile } from "../../imports/profile.ts";
import type { OrderColumn } from "./columns.ts";
import { explainReject } from "./import-rejects.ts";
import {
  assembleOrders, clearStaged, collectRefused, countAssembled, countJudgedRows, createLineTables, noteRefused, refusedPage, stageAssembled, type RefusedLine,
} from "./lines-sql.ts";
import { OrderMerge } from "./merge.ts";
import { countRefunds, createRefundTables, judgeRefunds, overRefunded, takeRefunds } from "./refunds-sql.ts";
import { stagedLineColumns } from "./row-reader.ts";

const ordersPerChunk = 25_000;
const rejectsPerPage = 1000;
/** How many of the orders that are refunded by more than their amount are named. */
const overRefundedNamed = 10;
/** Merging a row takes so much of what reading and gathering it took, measured with three rows to an order. */
const mergingWeight = 4;
/** How much of the merge is done when orders have been made of the rows, and when those are judged and the new ones have to be written. */
const [assembled, judged] = [0.4, 0.75];

/**
 * How a file is taken in of which several rows make an order, or in which refunds have rows of their own: each order is
 * made of its rows, wherever they stand, and merged like one that came as a row; then the refunds, which find the orders
 * of this file and of all before it.
 */
export const orderGathering = (profile: Profile<OrderColumn>, createsMembers: boolean): Gathering<OrderColumn> => ({
  table: "order_lines",
  columns: stagedLineColumns,
  prepare: async (tx) => {
    await createLineTables(tx);
    await createRefundTables(tx);
  },
  weight: mergingWeight,
  finish: async (tx, facts, { signal, reject, onMerged }) => {
    await assembleOrders(tx, { ...profile, hasLineNos: canSay(profile, "line_no") });
    onMerged(assembled);
    signal.throwIfAborted();
    const merged = await mergeAssembled(tx, facts, { signal, onMerged }, createsMembers);
    const refunds = await mergeRefunds(tx, facts);
    signal.throwIfAborted();
    await collectRefused(tx);
    await handOver(tx, reject);
    const { updated, duplicate, ...more } = refunds;
    return { ...merged, ...more, updated: merged.updated + updated, duplicate: merged.duplicate + duplicate };
  },
});

async function mergeAssembled(
  tx: Transaction,
  facts: MergeFacts,
  { signal, onMerged }: Pick<GatheringEnd<OrderColumn>, "signal" | "onMerged">,
  createsMembers: boolean,
): Promise<Omit<GatheredOutcome, "overRefunded">> {
  const count = await countAssembled(tx);
  const merge = new OrderMerge(createsMembers);
  const total = { inserted: 0, updated: 0, duplicate: 0, membersCreated: 0 };
  for (let after = 0; after < count; after += ordersPerChunk) {
    signal.throwIfAborted();
    const upTo = after + ordersPerChunk;
    const rows = await stageAssembled(tx, after, upTo);
    const { looked: [found], membersCreated } = await merge.mergePass(tx, 0, facts, () =>
      Promise.all([countJudgedRows(tx, after, upTo), noteRefused(tx)]));
    await clearStaged(tx);
    const [inserted = 0, updated = 0, equal = 0] = [found.get("new"), found.get("updated"), found.get("duplicate")];
    const repeated = rows - [...found.values()].reduce((sum, count) => sum + count, 0);
    total.inserted += inserted;
    total.updated += updated;
    total.duplicate += equal + repeated;
    total.membersCreated += membersCreated;
    onMerged(assembled + (judged - assembled) * Math.min(1, upTo / count));
  }
  await merge.finish(tx, facts);
  return { ...total, orders: count };
}

async function mergeRefunds(tx: Transaction, facts: MergeFacts): Promise<Pick<GatheredOutcome, "updated" | "duplicate" | "overRefunded">> {
  await judgeRefunds(tx);
  const outcomes = await countRefunds(tx);
  const [fresh = 0, repeated = 0, known = 0] = [outcomes.get("new"), outcomes.get("repeated"), outcomes.get("known")];
  const duplicate = repeated + known;
  if (fresh === 0) return { updated: 0, duplicate, overRefunded: { orders: 0, such_as: [] } };
  const written = await takeRefunds(tx, facts);
  if (written !== fresh) throw new Error(`refunds changed under the merge: ${written} of ${fresh} written`);
  return { updated: fresh, duplicate, overRefunded: await overRefunded(tx, overRefundedNamed) };
}

async function handOver(tx: Transaction, reject: (rows: readonly GatheredReject<OrderColumn>[]) => Promise<void>): Promise<void> {
  for (let after = 0; ; ) {
    const page = await refusedPage(tx, after, rejectsPerPage);
    if (page.length === 0) return;
    await reject(page.map(gatheredReject));
    after = page.at(-1)!.record;
  }
}

function gatheredReject({ record, code, heading, message, outcome, detail }: RefusedLine): GatheredReject<OrderColumn> {
  if (code === null) return explainReject(record, outcome!, detail);
  return { record, code, column: heading === null ? undefined : { heading }, message: message! };
}
