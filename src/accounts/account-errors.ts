import { refusedError, type AccrueError } from "../shared/errors.ts";

/** The refusal for an account that a member does not have. */
export const accountUnknown = (memberNo: string, accountId: bigint): AccrueError =>
  refusedError("account_unknown", `member ${memberNo} has no payout account ${accountId}`, {
    hint: `\`accrue account list ${memberNo}\` shows the member's accounts`,
    details: { member_no: memberNo, account_id: accountId },
  });

/** The refusal to change a closed account. */
export const accountClosed = (memberNo: string, accountId: bigint): AccrueError =>
  refusedError("account_closed", `payout account ${accountId} of member ${memberNo} is closed, and closed is final`, {
    hint: "add the account anew: `accrue account add`",
    details: { member_no: memberNo, account_id: accountId },
  });
