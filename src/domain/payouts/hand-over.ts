import type { SecretBox } from "../accounts/secret-box.ts";
import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading } from "../../db/database.ts";
import { findBatch, markHandedOver, selectPart, selectParts, type BatchRow, type PartRow } from "./batch-sql.ts";
import { openPayee } from "./payee.ts";
import { batchOtherwisePaid, batchUnknown, fileDiffers } from "./payout-errors.ts";
import type { BatchPart, Payout, PayoutConflict, PayoutProvider, ProviderAnswers } from "./provider.ts";
import { recordAnswers } from "./record-answers.ts";

export interface HandedOver {
  readonly batch: BatchRow;
  readonly parts: readonly PartRow[];
  /** Answers that contradict what was sent: how many, and the first of them. */
  readonly conflictCount: number;
  readonly conflicts: readonly PayoutConflict[];
}

const namedConflicts = 100;

/** The recorded batch with a number. @throws refused `payout_batch_unknown` */
export async function requireBatch({ db }: Pick<Context, "db">, batchNo: string): Promise<BatchRow> {
  const batch = await reading(() => findBatch(db.sql, batchNo));
  if (batch === undefined) throw batchUnknown(batchNo);
  return batch;
}

/**
 * Hands a recorded batch over to its provider, part by part, from the database alone: after a crash, or months later,
 * the same files are made byte for byte, and the same keys are sent. Answers of the provider are recorded part by part.
 *
 * @param isFirst no part can have been handed over before, so the provider need not be asked
 * @throws refused `payout_file_differs` when a file would not be the recorded one, `payout_batch_otherwise_paid`; what
 *   the provider throws. Answers up to then are recorded
 */
export async function handOver(
  context: Context,
  box: SecretBox,
  provider: PayoutProvider,
  batchNo: string,
  isFirst = false,
): Promise<HandedOver> {
  const batch = await requireBatch(context, batchNo);
  if (batch.channel !== provider.channel || batch.payer !== provider.payer)
    throw batchOtherwisePaid(batchNo, batch.channel, batch.payer, provider.payer);
  const parts = await reading(() => selectParts(context.db.sql, batchNo));
  const conflicts: PayoutConflict[] = [];
  let [done, conflictCount] = [0, 0];
  for (const row of parts) {
    context.signal.throwIfAborted();
    const part = await readPart(context, box, batch, row);
    requireSameFile(provider, part, row);
    const found = await handOverPart(context, provider, part, isFirst);
    conflictCount += found.length;
    conflicts.push(...found.slice(0, namedConflicts - conflicts.length));
    done += row.rows;
    context.onProgress({ phase: `handing over ${batchNo}`, done, total: batch.details, unit: "rows" });
  }
  const at = context.clock();
  await inTransaction(context.db, async (tx) => {
    if (!(await markHandedOver(tx, batchNo, at))) return;
    await recordAction(tx, context, {
      action: "payout.hand_over",
      subjectKind: "payout_batch",
      subject: batchNo,
      details: { channel: batch.channel, files: parts.filter(({ name }) => name !== null).length },
    });
  });
  return { batch: { ...batch, handedOverAt: batch.handedOverAt ?? at }, parts, conflictCount, conflicts };
}

async function readPart(context: Context, box: SecretBox, batch: BatchRow, row: PartRow): Promise<BatchPart> {
  const rows = await reading(() => selectPart(context.db.sql, batch.batchNo, row));
  return {
    ...batch,
    fileNo: row.fileNo,
    payouts: rows.map((one): Payout => Object.assign(openPayee(box, one), { detailNo: one.detailNo })),
  };
}

function requireSameFile(provider: PayoutProvider, part: BatchPart, { name, sha256 }: PartRow): void {
  if (name !== null && provider.fileOf(part)?.sha256 !== sha256) throw fileDiffers(name, part.batchNo);
}

/**
 * Asks for the state of each payout, and submits those that the provider does not know. Providers forget keys after a
 * time; a payout that is found is not sent again even then.
 */
async function handOverPart(
  context: Context,
  provider: PayoutProvider,
  part: BatchPart,
  isFirst: boolean,
): Promise<readonly PayoutConflict[]> {
  if (part.payouts.length === 0) return [];
  const asked: ProviderAnswers = isFirst ? { answers: [], conflicts: [] } : await provider.ask(part.payouts);
  const contradicted = await take(context, provider, asked);
  const answered = new Set([...asked.answers, ...asked.conflicts].map(({ detailNo }) => detailNo));
  const submitted = await provider.submit({
    ...part,
    payouts: part.payouts.filter(({ detailNo }) => !answered.has(detailNo)),
  });
  return [...contradicted, ...(await take(context, provider, submitted))];
}

/** Records the answers, and only then throws where nothing more can be sent. */
async function take(
  context: Context,
  provider: PayoutProvider,
  { answers, conflicts, stopped }: ProviderAnswers,
): Promise<readonly PayoutConflict[]> {
  const contradicting = await recordAnswers(context, provider.channel, answers);
  if (stopped !== undefined) throw stopped;
  context.signal.throwIfAborted();
  return [...conflicts, ...contradicting];
}
