import { recordAction } from "../db/audit.ts";
import { isDry, type Context } from "../db/context.ts";
import { inTransaction, reading, type Transaction } from "../db/database.ts";
import { copyOut } from "../db/driver/copy.ts";
import { tuneWhole } from "../db/planner.ts";
import { keepSlotFree } from "../db/run-slots.ts";
import { holdKind } from "../domain/corrections/hold.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { verify } from "../verification/verify.ts";
import {
  archivedRows,
  archivedTables,
  columnsOf,
  emptyPartition,
  insertArchive,
  nextArchiveNo,
  selectArchived,
  totalsOf,
  type ArchivedTable,
  type ArchivedTotals,
} from "./archive-sql.ts";
import { ArchiveDirectory, type ArchiveFile, type Manifest } from "./files.ts";
import {
  closePartition,
  firstOpenDate,
  openPartition,
  otherOwner,
  selectPartitions,
  sizeOf,
  type Partition,
} from "./partitions-sql.ts";
import { notAllClosed, notTheOwner, notVerified, settlementAtWork } from "./refusals.ts";

/** What is wanted: everything that is over before a date, into files in a directory. */
export interface ArchiveOrder {
  readonly before: BusinessDate;
  readonly directory: string;
}

/** What became of one partition. */
export interface ArchivedPartition extends ArchivedTotals {
  readonly firstId: bigint;
  readonly endId: bigint;
  /** Why nothing was archived of it; null where something was. */
  readonly left: "later_orders" | "nothing_over" | null;
  /** How many orders stay in it. */
  readonly staying: bigint;
  /** The newest date of its orders; null where none has one. */
  readonly newestDate: BusinessDate | null;
  /** Null where nothing was archived, or this is a dry run. */
  readonly archiveNo: number | null;
  readonly directory: string | null;
  readonly bytes: number | null;
}

/**
 * Archives what is over of each partition that has no orders of a date or later: orders and entries are moved into
 * files, and what they come to is carried. Each partition is one transaction: one that was archived stays so whatever
 * happens to the next. The books are verified first, whole, for what is carried is what they say.
 *
 * The files have their last name before the transaction commits. Killed in between, they are left and nobody's: the same
 * command again archives anew.
 *
 * @throws refused `history_needs_owner`, `history_not_closed`, `history_not_verified`; busy `settlement_busy`,
 *   `orders_busy`, `grant_run_busy`; a usage error `history_unwritable`
 */
export async function archiveHistory(context: Context, order: ArchiveOrder): Promise<readonly ArchivedPartition[]> {
  const { db } = context;
  await requireOwner(context);
  const firstOpen = await reading(() => firstOpenDate(db.sql));
  if (firstOpen === null || order.before > firstOpen) throw notAllClosed(order.before, firstOpen);
  const { checks } = await verify(context);
  const wrong = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  if (wrong.length > 0) throw notVerified(wrong);
  const partitions = await reading(() => selectPartitions(db.sql));
  const archived: ArchivedPartition[] = [];
  for (const [index, partition] of partitions.entries()) {
    context.signal.throwIfAborted();
    context.onProgress({ phase: "archiving", done: index, total: partitions.length, unit: "partitions" });
    archived.push(await archivePartition(context, partition, order));
  }
  return archived;
}

const archivePartition = (context: Context, partition: Partition, order: ArchiveOrder): Promise<ArchivedPartition> =>
  inTransaction(
    context.db,
    async (tx) => {
      await tuneWhole(tx);
      await keepWritersOut(tx);
      const { firstId, endId } = partition;
      const size = await sizeOf(tx, partition);
      const isOver = size.newestDate === null || size.newestDate < order.before;
      if (isOver) await selectArchived(tx, partition, order.before);
      const totals = isOver ? await totalsOf(tx) : nothing;
      const report = { ...totals, firstId, endId, newestDate: size.newestDate, staying: size.orders - totals.orders };
      const none = { ...report, archiveNo: null, directory: null, bytes: null };
      if (totals.orders === 0n) return { ...none, left: isOver ? "nothing_over" : "later_orders" };
      if (isDry(context)) return { ...none, left: null };
      const archiveNo = await nextArchiveNo(tx);
      const { directory, bytes } = await moveOut(tx, context, { partition, order, archiveNo, totals });
      return { ...report, left: null, archiveNo, directory, bytes };
    },
    context.ending,
  );

const nothing: ArchivedTotals = { orders: 0n, entries: 0n, availablePoints: 0n, contributionFen: 0n, untilDate: null };

/** @throws refused `history_needs_owner` */
export async function requireOwner({ db }: Pick<Context, "db">): Promise<void> {
  const owner = await reading(() => otherOwner(db.sql));
  if (owner !== undefined) throw notTheOwner(owner);
}

/** Keeps settlements, grant runs, corrections and imports of orders out until the transaction ends. */
export async function keepWritersOut(tx: Transaction): Promise<void> {
  if (!(await keepSlotFree(tx, "settle"))) throw settlementAtWork();
  await holdKind(tx, "orders");
}

interface Moved {
  readonly partition: Partition;
  readonly order: ArchiveOrder;
  readonly archiveNo: number;
  readonly totals: ArchivedTotals;
}

/**
 * Writes the files of one archive, records it, and empties its partition. Files are removed where that fails, but not
 * where the commit does: whether it came through is not known then.
 */
async function moveOut(tx: Transaction, context: Context, moved: Moved) {
  const directory = await ArchiveDirectory.create(moved.order.directory, moved.archiveNo);
  try {
    return await moveInto(directory, tx, context, moved);
  } catch (error) {
    await directory.remove();
    throw error;
  }
}

async function moveInto(
  directory: ArchiveDirectory,
  tx: Transaction,
  context: Context,
  { partition, order, archiveNo, totals }: Moved,
) {
  const { operator, clock, signal, onProgress } = context;
  const archivedAt = clock();
  const { firstId, endId } = partition;
  const manifest: Manifest = {
    format: 1,
    archive_no: archiveNo,
    first_id: `${firstId}`,
    end_id: `${endId}`,
    before_date: order.before,
    archived_at: archivedAt.toISOString(),
    files: await writeFiles(tx, context, partition, totals, directory),
  };
  const written = await directory.finish(manifest);
  await insertArchive(
    tx,
    partition,
    {
      archiveNo,
      firstId,
      endId,
      beforeDate: order.before,
      directory: written.directory,
      manifestSha256: written.manifestSha256,
      host: operator.host,
      archivedBy: operator.name,
      archivedAt,
    },
    totals,
  );
  signal.throwIfAborted();
  onProgress({ phase: "taking what was written out of the database", done: 0, total: 1, unit: "partitions" });
  await openPartition(tx, partition);
  const size = await sizeOf(tx, partition);
  const staying = await emptyPartition(tx, partition);
  if (staying.orders !== size.orders - totals.orders || staying.entries !== size.entries - totals.entries)
    throw new Error(`archive ${archiveNo}: ${staying.orders} orders stay of ${size.orders} less ${totals.orders}`);
  await closePartition(tx, partition);
  await recordAction(
    tx,
    { operator },
    {
      action: "history.archive",
      subjectKind: "history",
      subject: `${archiveNo}`,
      details: { orders: `${totals.orders}`, entries: `${totals.entries}`, until: totals.untilDate },
    },
  );
  return written;
}

async function writeFiles(
  tx: Transaction,
  { signal, onProgress }: Context,
  partition: Partition,
  totals: ArchivedTotals,
  directory: ArchiveDirectory,
): Promise<Manifest["files"]> {
  const columns = await columnsOf(tx);
  const queries = archivedRows(partition);
  const counts = { orders: totals.orders, points_entries: totals.entries };
  const files: Partial<Record<ArchivedTable, ArchiveFile>> = {};
  for (const [done, table] of archivedTables.entries()) {
    signal.throwIfAborted();
    onProgress({ phase: `writing ${table}`, done, total: archivedTables.length, unit: "files" });
    files[table] = await directory.write(table, copyOut(tx, queries[table]), columns[table], counts[table]);
  }
  return files as Manifest["files"];
}
