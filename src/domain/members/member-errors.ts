import { busyError, refusedError, usageError, type AccrueError } from "../../shared/errors.ts";

/** The refusal for a member number that nobody has. */
export const memberUnknown = (memberNo: string): AccrueError =>
  refusedError("member_unknown", `there is no member ${memberNo}`, {
    hint: "`accrue member list` shows member numbers",
    details: { member_no: memberNo },
  });

/** The refusal to change a closed member. */
export const memberClosed = (memberNo: string): AccrueError =>
  refusedError("member_closed", `member ${memberNo} is closed, and closed is final`, {
    hint: `\`accrue member show ${memberNo}\` says who closed it and when`,
    details: { member_no: memberNo },
  });

/** Another session registered or changed members of a file during its import; the database's keys refused it. */
export const membersChangedMeanwhile = (): AccrueError =>
  busyError(
    "members_changed_meanwhile",
    "members of this file were registered or changed by somebody else while it was imported",
    { hint: "nothing of this file was kept; import it again" },
  );

/**
 * Checks a value by its rule.
 *
 * @param problem the rule's objection to the value, or undefined
 * @throws a usage error with the problem as its message
 */
export function requireValid(code: string, flag: string, problem: string | undefined): void {
  if (problem !== undefined)
    throw usageError(code, `${flag}: ${problem}`, { hint: `correct ${flag} and run the command again` });
}
