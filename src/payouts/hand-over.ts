import type { SecretBox } from "../accounts/secret-box.ts";
import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, reading } from "../db/database.ts";
import { findBatch, markHandedOver, selectPart, selectParts, type BatchRow, type PartRow } from "./batch-sql.ts";
import { openPayee } from "./payee.ts";
import { batchUnknown, fileDiffers } from "./payout-errors.ts";
import type { BatchPart, PayoutAnswer, PayoutProvider } from "./provider.ts";

/** What was handed over. */
export interface HandedOver {
  readonly batch: BatchRow;
  readonly parts: readonly PartRow[];
  readonly answers: readonly PayoutAnswer[];
}

/** The recorded batch with a number. @throws refused `payout_batch_unknown` */
export async function requireBatch({ db }: Pick<Context, "db">, batchNo: string): Promise<BatchRow> {
  const batch = await reading(() => findBatch(db.sql, batchNo));
  if (batch === undefined) throw batchUnknown(batchNo);
  return batch;
}

/**
 * Hands a recorded batch over to its provider, part by part, out of the database alone: after a crash, or months later,
 * the same files come out byte for byte, and the same keys are sent.
 *
 * @throws refused `payout_file_differs` when a file would not be the recorded one; whatever the provider refuses
 */
export async function handOver(context: Context, box: SecretBox, provider: PayoutProvider, batchNo: string): Promise<HandedOver> {
  const { sql } = context.db;
  const batch = await requireBatch(context, batchNo);
  const parts = await reading(() => selectParts(sql, batchNo));
  const answers: PayoutAnswer[] = [];
  let done = 0;
  for (const part of parts) {
    context.signal.throwIfAborted();
    answers.push(...(await handOverPart(context, box, provider, batch, part)));
    done += part.rows;
    context.onProgress({ phase: `handing over ${batchNo}`, done, total: batch.details, unit: "rows" });
  }
  const at = context.clock();
  await inTransaction(sql, async (tx) => {
    if (!(await markHandedOver(tx, batchNo, at))) return;
    await recordAction(tx, context, {
      action: "payout.hand_over", subjectKind: "payout_batch", subject: batchNo, details: { channel: batch.channel, files: parts.filter(({ name }) => name !== null).length },
    });
  });
  return { batch: { ...batch, handedOverAt: batch.handedOverAt ?? at }, parts, answers };
}

async function handOverPart(context: Context, box: SecretBox, provider: PayoutProvider, batch: BatchRow, row: PartRow): Promise<readonly PayoutAnswer[]> {
  const rows = await reading(() => selectPart(context.db.sql, batch.batchNo, row));
  const part: BatchPart = { ...batch, fileNo: row.fileNo, payouts: rows.map((one) => Object.assign(openPayee(box, one), { detailNo: one.detailNo })) };
  const file = provider.fileOf(part);
  if (row.name !== null && file?.sha256 !== row.sha256) throw fileDiffers(row.name, batch.batchNo);
  return provider.submit(part);
}
