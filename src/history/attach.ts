import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, reading, type Transaction } from "../db/database.ts";
import { copyIn } from "../db/driver/copy.ts";
import { tuneWhole } from "../db/planner.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../shared/page.ts";
import { archivedTables } from "./archive-sql.ts";
import { keepWritersOut, requireOwner } from "./archive.ts";
import { createReturning, differenceOf, findArchive, putBack, selectArchives, type Archive } from "./attach-sql.ts";
import { readManifest, rowsOf } from "./files.ts";
import { closePartition, openPartition, selectPartitions } from "./partitions-sql.ts";
import { archiveAttached, archiveDiffers, archiveUnknown, partitionGone } from "./refusals.ts";

/** Lists archives, the newest first, a page at a time. */
export const listArchives = async (
  { db }: Pick<Context, "db">,
  query: PageQuery<number>,
): Promise<Page<Archive, number>> =>
  pageOf(await reading(() => selectArchives(db.sql, oneMore(query))), query.limit, ({ archiveNo }) => archiveNo);

/**
 * Puts the orders and entries of an archive back where they were, in one transaction: only what comes to the same, member
 * by member and date by date, as what is carried of it, which goes then. The files stay.
 *
 * @param from the directory that the archive is in now; undefined where it was written to
 * @throws refused `history_needs_owner`, `archive_unknown`, `archive_attached`, `history_files_missing`,
 *   `history_files_changed`, `history_partition_missing`; busy `settlement_busy`, `orders_busy`, `grant_run_busy`
 */
export async function attachArchive(context: Context, archiveNo: number, from: string | undefined): Promise<Archive> {
  await requireOwner(context);
  return inTransaction(
    context.db,
    async (tx) => {
      await tuneWhole(tx);
      await keepWritersOut(tx);
      const archive = await findArchive(tx, archiveNo);
      if (archive === undefined) throw archiveUnknown(archiveNo);
      if (archive.attachedBy !== null) throw archiveAttached(archiveNo, archive.attachedBy);
      const partition = (await selectPartitions(tx)).find(
        ({ firstId, endId }) => firstId === archive.firstId && endId === archive.endId,
      );
      if (partition === undefined) throw partitionGone(archiveNo);
      await readFiles(tx, context, archive, from ?? archive.directory);
      const difference = await differenceOf(tx, archive);
      if (difference !== undefined) throw archiveDiffers(archiveNo, difference);
      const [by, at] = [context.operator.name, context.clock()];
      await openPartition(tx, partition);
      if ((await putBack(tx, partition, archiveNo, { by, at })) !== 1) throw archiveAttached(archiveNo, "another");
      await closePartition(tx, partition);
      await recordAction(tx, context, {
        action: "history.attach",
        subjectKind: "history",
        subject: `${archiveNo}`,
        details: { orders: `${archive.orders}`, entries: `${archive.entries}` },
      });
      return { ...archive, attachedBy: by, attachedAt: at };
    },
    context.ending,
  );
}

async function readFiles(
  tx: Transaction,
  { signal, onProgress }: Context,
  archive: Archive,
  directory: string,
): Promise<void> {
  const { files } = await readManifest(directory, archive.manifestSha256);
  await createReturning(tx);
  const targets = { orders: "returning_orders", points_entries: "returning_entries" } as const;
  for (const [index, table] of archivedTables.entries()) {
    signal.throwIfAborted();
    onProgress({ phase: `reading ${table}`, done: index, total: archivedTables.length, unit: "files" });
    const file = files[table];
    await copyIn(tx, `${targets[table]} (${file.columns.join(", ")})`, rowsOf(directory, file));
  }
}
