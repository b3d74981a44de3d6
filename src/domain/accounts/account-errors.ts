import { memberClosed, memberUnknown } from "../members/member-errors.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import type { Holder } from "./add-sql.ts";

/** Why nobody can add an account to a member, or undefined. */
export function memberRefusal(memberNo: string, member: Holder | undefined): AccrueError | undefined {
  if (member === undefined) return memberUnknown(memberNo);
  if (member.status === "closed") return memberClosed(memberNo);
  if (member.isVerified) return undefined;
  return refusedError(
    "identity_unverified",
    `the identity of member ${memberNo} is not verified, so nobody knows whose account it may be`,
    { hint: `verify it, then \`accrue member verify-identity ${memberNo}\``, details: { member_no: memberNo } },
  );
}

/** The refusal of an account in another name than the member's. */
export const holderMismatch = (memberNo: string): AccrueError =>
  refusedError("account_holder_mismatch", `the account holder's name is not the verified name of member ${memberNo}`, {
    hint: "points are paid out to the member only; check the name on the account",
    details: { member_no: memberNo },
  });

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
