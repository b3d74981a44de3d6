import type { SlotHolder } from "../db/run-slots.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { MissingFile } from "./expected.ts";
import type { FailedFile } from "./files-sql.ts";
import { busyError, refusedError, type AccrueError } from "../shared/errors.ts";

export const dateIsNotOver = (until: BusinessDate, yesterday: BusinessDate, zone: string): AccrueError =>
  refusedError(
    "business_date_not_over",
    `${until} is not over: the last whole business date in ${zone} is ${yesterday}`,
    { hint: `settle up to ${yesterday} at most` },
  );

/** Keeps a clock that jumped forward from closing a year of future dates. */
export const tooManyDates = (
  count: number,
  first: BusinessDate,
  last: BusinessDate,
  file: string | undefined,
): AccrueError =>
  refusedError(
    "too_many_dates",
    `${count} business dates from ${first}${file === undefined ? "" : `, the oldest order of ${file},`} to ${last} are not closed: more than a night may catch up unasked`,
    {
      hint: `check the clock of this machine${file === undefined ? "" : " and that file"}; if it is right, give --until ${last}`,
      details: { dates: count, first, last, file: file ?? null },
    },
  );

const maxNamed = 10;

const named = (lines: readonly string[]): string =>
  [...lines.slice(0, maxNamed), ...(lines.length > maxNamed ? [`  … and ${lines.length - maxNamed} more`] : [])].join(
    "\n",
  );

/** Thrown before the import. The dates before the first missing file can be settled alone. */
export const expectedFilesMissing = (missing: readonly MissingFile[], dates: readonly BusinessDate[]): AccrueError => {
  const before = dates[dates.indexOf(missing[0]!.businessDate) - 1];
  const lines = missing.map(
    ({ businessDate, pattern, waits }) =>
      `  ${businessDate}: ${pattern}${waits === undefined ? "" : `; there is ${waits}`}`,
  );
  const wholeDates = before === undefined ? "" : `--until ${before} settles the dates before; `;
  return refusedError("expected_files_missing", `files that have to come for a date have not:\n${named(lines)}`, {
    hint: `run it again when they have come; ${wholeDates}--incomplete settles and closes without them`,
    details: {
      missing: missing.map(({ businessDate, pattern, waits }) => ({
        business_date: businessDate,
        pattern,
        waits: waits ?? null,
      })),
    },
  });
};

/** The other files stay imported; no date is settled. */
export const filesFailed = (failed: readonly FailedFile[]): AccrueError =>
  refusedError(
    "files_failed",
    `nothing of these files was imported, so no date is settled:\n${named(failed.map(({ folder, name, reason }) => `  ${folder}/${name}: ${reason}`))}`,
    {
      hint: "mend each and put it into the inbox again under its name; --incomplete settles and closes without them",
      details: {
        files: failed.map(({ folder, name, reason, runId }) => ({
          file: `${folder}/${name}`,
          reason,
          run_id: Number(runId),
        })),
      },
    },
  );

export const settlementBusy = ({ runId, operator, host, takenAt }: SlotHolder): AccrueError =>
  busyError(
    "settlement_busy",
    `another settlement is at work: run ${runId} of ${operator} on ${host}, since ${takenAt.toISOString()}`,
    {
      hint: "nothing has to be done: it settles what there is; --wait 10m waits for its end",
      details: { run_id: Number(runId), operator, host },
    },
  );

export const settlementBusyNow = (): AccrueError =>
  busyError("settlement_busy", "another settlement is beginning or ending", { hint: "try again, or give --wait 10m" });

export const settlementLost = (runId: bigint): AccrueError =>
  busyError(
    "settlement_lost",
    `run ${runId} is not the one settlement any more: its connection was replaced or another run took over`,
    { hint: "what it committed stays; run the same command again to finish the rest" },
  );

export const dateNotClosed = (date: BusinessDate, state: string): AccrueError =>
  refusedError("date_not_closed", `business date ${date} is ${state}: there is nothing to reopen`, {
    hint: "`accrue settle status` shows which dates are closed",
  });

export const laterDateClosed = (date: BusinessDate, later: BusinessDate): AccrueError =>
  refusedError("later_date_closed", `business date ${date} cannot be reopened: ${later} after it is closed`, {
    hint: `reopen ${later} first: dates are reopened from the newest back`,
  });

export const reopenedByCloser = (date: BusinessDate, closedBy: string): AccrueError =>
  refusedError("reopened_by_closer", `business date ${date} was closed by ${closedBy}, who cannot reopen it too`, {
    hint: "another operator has to reopen it (--operator says who is at work)",
  });

/** The refusal to reopen a date that merchants were billed for. */
export const dateArchived = (date: BusinessDate, until: BusinessDate): AccrueError =>
  refusedError("date_archived", `entries up to ${until} are archived, so ${date} cannot be reopened`, {
    hint: "`accrue history attach` brings them back",
    details: { business_date: date, archived_until: until },
  });

export const dateBilled = (date: BusinessDate, billedTo: BusinessDate): AccrueError =>
  refusedError("date_billed", `business date ${date} cannot be reopened: merchants are billed up to ${billedTo}`, {
    hint: "what came late is settled in the next open date, and is on the bills of its period",
    details: { business_date: date, billed_to: billedTo },
  });
