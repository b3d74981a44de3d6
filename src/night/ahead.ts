import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { oldestPaymentIn } from "../domain/orders/oldest-payment.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { AccrueError } from "../shared/errors.ts";
import { kindOfFolder } from "../shared/file-kinds.ts";
import { datesToSettle, isFirstSettlement, type OldestOrder } from "./dates.ts";
import { missingFiles, type ExpectedFile, type MissingFile } from "./expected.ts";
import { failedFiles, type FailedFile } from "./files-sql.ts";
import { listInbox, type InboxFile } from "./inbox.ts";
import { expectedFilesMissing } from "./refusals.ts";

/** The input of a settlement that its plan needs. */
export interface NightInput {
  /** The directory whose files are imported first; undefined without an inbox. */
  readonly inbox?: string | undefined;
  /** The last date to settle; yesterday when not given. */
  readonly until?: BusinessDate | undefined;
  /** A file that was changed less than this before may still be written, and waits. */
  readonly quietMs?: number;
  /** The files that have to arrive for every date. */
  readonly expected?: readonly ExpectedFile[];
  /** Settles and closes dates even if files are missing or failed. */
  readonly isIncomplete?: boolean;
}

/** What a settlement will do; a plan shows it. */
export interface NightAhead {
  readonly files: readonly InboxFile[];
  readonly dates: readonly BusinessDate[];
  /** Expected files that have not arrived for those dates; only with `isIncomplete`. */
  readonly missing: readonly MissingFile[];
}

const defaultQuietMs = 10_000;

/**
 * Reads all that is known before the import, and refuses what a settlement would refuse, so that a refusal has changed
 * nothing. The files listed here are those that are imported, and the dates those that are settled.
 *
 * @throws refused `business_date_not_over`, `too_many_dates`, `expected_files_missing`; usage errors of `listInbox`
 */
export async function lookAhead(context: Context, input: NightInput): Promise<NightAhead> {
  const { inbox, until, quietMs = defaultQuietMs, expected = [], isIncomplete = false } = input;
  const files = inbox === undefined ? [] : await listInbox(inbox, quietMs);
  const oldestToCome = (await isFirstSettlement(context)) ? await oldestOrderIn(context, files) : undefined;
  const dates = await datesToSettle(context, until, oldestToCome);
  const missing = await missingFiles(context, expected, dates, files);
  if (missing.length > 0 && !isIncomplete) throw expectedFilesMissing(missing, dates);
  return { files, dates, missing };
}

/** Files that earlier runs set aside, and that have not arrived again, not among this settlement's files either. */
export async function stillFailed({ db }: Context, files: readonly InboxFile[]): Promise<readonly FailedFile[]> {
  const failed = await reading(() => failedFiles(db.sql, kindOfFolder));
  const comesAgain = ({ folder, name }: FailedFile) =>
    files.some((file) => file.folder === folder && file.name === name && file.waitsFor === undefined);
  return failed.filter((file) => !comesAgain(file));
}

/** The oldest payment in the files of an inbox. Unreadable files count as none; the import sets them aside. */
async function oldestOrderIn(context: Context, files: readonly InboxFile[]): Promise<OldestOrder | undefined> {
  let oldest: OldestOrder | undefined;
  for (const file of files) {
    const { folder, name, path, waitsFor } = file;
    if (folder !== "orders" || waitsFor !== undefined) continue;
    const businessDate = await oldestPaymentIn(context, { path, found: file }).catch((error: unknown) => {
      if (error instanceof AccrueError && (error.kind === "usage" || error.kind === "refused")) return undefined;
      throw error;
    });
    if (businessDate === undefined || (oldest !== undefined && oldest.businessDate <= businessDate)) continue;
    oldest = { businessDate, file: `${folder}/${name}` };
  }
  return oldest;
}
