import type { BusinessDate } from "../shared/business-date.ts";
import { busyError, refusedError, type AccrueError } from "../shared/errors.ts";

export const settlementAtWork = (): AccrueError =>
  busyError("settlement_busy", "a settlement is at work", {
    hint: "nothing was archived or attached; try again when it has ended (`accrue settle status`)",
  });

export const notAllClosed = (before: BusinessDate, firstOpen: BusinessDate | null): AccrueError =>
  refusedError(
    "history_not_closed",
    firstOpen === null
      ? "no business date is closed yet, so nothing can be archived"
      : `only what is before ${firstOpen}, the newest closed date or the first that is not, can be archived, not up to ${before}`,
    { hint: firstOpen === null ? "`accrue settle` closes dates" : `--before ${firstOpen}, or an earlier date` },
  );

/** @param owner the role that the tables are of */
export const notTheOwner = (owner: string): AccrueError =>
  refusedError("history_needs_owner", `archives change tables, which their owner alone may do: ${owner}`, {
    hint: `nothing was changed; connect as ${owner}, as for \`accrue init\``,
    details: { owner },
  });

/** @param checks the names of the checks that do not hold */
export const notVerified = (checks: readonly string[]): AccrueError =>
  refusedError("history_not_verified", `the books do not add up: ${checks.join(", ")}`, {
    hint: "nothing was archived; `accrue verify` says what is wrong",
    details: { checks: [...checks] },
  });

export const archiveUnknown = (archiveNo: number): AccrueError =>
  refusedError("archive_unknown", `there is no archive ${archiveNo}`, { hint: "`accrue history list` shows them" });

export const archiveAttached = (archiveNo: number, by: string): AccrueError =>
  refusedError("archive_attached", `archive ${archiveNo} was attached again already, by ${by}`, {
    hint: "its orders and entries are where they were; nothing was changed",
    details: { archive_no: archiveNo },
  });

/** @param what what its rows and what is carried say differently */
export const archiveDiffers = (archiveNo: number, what: string): AccrueError =>
  refusedError("history_files_changed", `the rows of archive ${archiveNo} do not come to what is carried: ${what}`, {
    hint: "nothing was changed; take another copy of the archive: --from DIRECTORY",
    details: { archive_no: archiveNo },
  });

export const partitionGone = (archiveNo: number): AccrueError =>
  refusedError("history_partition_missing", `the partition that archive ${archiveNo} was taken out of is not there`, {
    hint: "nothing was changed; `accrue verify` says what is wrong with the schema",
    details: { archive_no: archiveNo },
  });
