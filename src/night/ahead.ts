import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { oldestPaymentIn } from "../domain/orders/oldest-payment.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { AccrueError } from "../shared/errors.ts";
import { kindOfFolder } from "../shared/file-kinds.ts";
import { datesToSettle, isFirstSettlement, type OldestOrder } from "./dates.ts";
import { missingFiles, type ExpectedFile, type MissingFile } from "./expected.ts";
import { failedFiles, type FailedFile } from "./files-sql.ts";
import { lookAtInbox, type InboxFile } from "./inbox.ts";
import { expectedFilesMissing } from "./refusals.ts";

/** What a settlement is asked to do, as far as it can be told before it begins. */
export interface NightInput {
  /** The directory whose files are taken in first; none where there is no inbox. */
  readonly inbox?: string | undefined;
  /** The last date to settle; yesterday when not given. */
  readonly until?: BusinessDate | undefined;
  /** A file that was changed so shortly ago may still be being written. */
  readonly quietMs?: number;
  /** The files that have to come for every date. */
  readonly expected?: readonly ExpectedFile[];
  /** Settles and closes dates although files are missing, or failed. */
  readonly isIncomplete?: boolean;
}

/** What a settlement has before it: it does this, and a plan says it. */
export interface NightAhead {
  readonly files: readonly InboxFile[];
  readonly dates: readonly BusinessDate[];
  /** Files that should have come for those dates; only where that was said to be no matter. */
  readonly missing: readonly MissingFile[];
}

const defaultQuietMs = 10_000;

/**
 * Looks at all that can be known before anything is taken in, and refuses what a settlement would refuse: so what is refused has
 * changed nothing. The files are listed once, and these are taken in; the dates are decided once, and these are settled.
 *
 * @throws refused `business_date_not_over`, `too_many_dates`, `expected_files_missing`; a usage error for an inbox that
 *   cannot be read
 */
export async function lookAhead(context: Context, input: NightInput): Promise<NightAhead> {
  const { inbox, until, quietMs = defaultQuietMs, expected = [], isIncomplete = false } = input;
  const files = inbox === undefined ? [] : await lookAtInbox(inbox, quietMs);
  const oldestToCome = (await isFirstSettlement(context)) ? await oldestOrderIn(context, files) : undefined;
  const dates = await datesToSettle(context, until, oldestToCome);
  const missing = await missingFiles(context, expected, dates, files);
  if (missing.length > 0 && !isIncomplete) throw expectedFilesMissing(missing, dates);
  return { files, dates, missing };
}

/** Files that were set aside by earlier runs, have not come again, and will not with this settlement's files. */
export async function stillFailed({ db }: Context, files: readonly InboxFile[]): Promise<readonly FailedFile[]> {
  const failed = await reading(() => failedFiles(db.sql, kindOfFolder));
  const comesAgain = ({ folder, name }: FailedFile) =>
    files.some((file) => file.folder === folder && file.name === name && file.waitsFor === undefined);
  return failed.filter((file) => !comesAgain(file));
}

/** The oldest payment in the files of an inbox. A file that cannot be read has none: it is set aside when its turn comes. */
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
