import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { selectParts, type BatchRow, type PartRow } from "./batch-sql.ts";
import { requireBatch } from "./hand-over.ts";
import { detailUnknown } from "./payout-errors.ts";
import { countAnswers, findDetail, selectNotPaid, type AnswerCounts, type DetailRow } from "./read-sql.ts";

/** Everything about one batch. */
export interface BatchStory {
  readonly batch: BatchRow & AnswerCounts;
  readonly parts: readonly PartRow[];
  /** The first of those that are not paid. */
  readonly notPaid: readonly DetailRow[];
  readonly actions: readonly RecordedAction[];
}

const shownNotPaid = 100;

/**
 * Reads everything about one batch: figures, files, payouts that are not paid, and the actions of operators.
 *
 * @throws refused `payout_batch_unknown`
 */
export async function showBatch(context: Context, batchNo: string): Promise<BatchStory> {
  const { sql } = context.db;
  const batch = await requireBatch(context, batchNo);
  return reading(async () => ({
    batch: { ...batch, ...(await countAnswers(sql, batchNo)) },
    parts: await selectParts(sql, batchNo),
    notPaid: await selectNotPaid(sql, batchNo, shownNotPaid),
    actions: await actionsOf(context, "payout_batch", batchNo),
  }));
}

/** One payout, with the actions of operators on its withdrawal. */
export interface DetailStory {
  readonly detail: DetailRow;
  readonly actions: readonly RecordedAction[];
}

/** Reads everything about one payout. @throws refused `payout_unknown` */
export async function showDetail(context: Context, detailNo: string): Promise<DetailStory> {
  return reading(async () => {
    const detail = await findDetail(context.db.sql, detailNo);
    if (detail === undefined) throw detailUnknown(detailNo);
    return { detail, actions: await actionsOf(context, "withdrawal", detail.withdrawalNo) };
  });
}
