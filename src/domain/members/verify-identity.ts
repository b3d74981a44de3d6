import { recordAction, type OperatorAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { memberClosed, memberUnknown } from "./member-errors.ts";
import { findMember, markIdentityVerified, unmarkIdentityVerified, type MemberRow } from "./sql.ts";

export interface VerifiedMember {
  readonly member: MemberRow;
  /** False when it was verified already, and nothing was written. */
  readonly isChanged: boolean;
}

/**
 * Records that an operator has verified a member's identity. After that, imports cannot change the member's name.
 * Repeating it changes nothing.
 *
 * @throws a refusal: `member_unknown`, `member_closed`
 */
export function verifyIdentity(context: Context, memberNo: string): Promise<VerifiedMember> {
  const at = context.clock();
  return change(context, memberNo, { action: "member.verify-identity", at }, (tx, memberId) =>
    markIdentityVerified(tx, memberId, at),
  );
}

/**
 * Takes back that a member's identity was verified: from then on they cannot withdraw. Repeating it changes nothing.
 *
 * @throws a refusal: `member_unknown`, `member_closed`
 */
export const unverifyIdentity = (context: Context, memberNo: string, reason: string): Promise<VerifiedMember> =>
  change(context, memberNo, { action: "member.unverify", at: null, details: { reason } }, unmarkIdentityVerified);

function change(
  context: Context,
  memberNo: string,
  { at, ...words }: Pick<OperatorAction, "action" | "details"> & { readonly at: Date | null },
  mark: (tx: Transaction, memberId: bigint) => Promise<boolean>,
): Promise<VerifiedMember> {
  return inTransaction(
    context.db,
    async (tx) => {
      const found = await findMember(tx, memberNo);
      if (found === undefined) throw memberUnknown(memberNo);
      if (!(await mark(tx, found.memberId))) {
        const present = (await findMember(tx, memberNo))!;
        if (present.status === "closed") throw memberClosed(memberNo);
        return { member: present, isChanged: false };
      }
      await recordAction(tx, context, { ...words, subjectKind: "member", subject: memberNo });
      return { member: { ...found, identityVerifiedAt: at }, isChanged: true };
    },
    context.ending,
  );
}
