import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { memberClosed, memberUnknown } from "./member-errors.ts";
import { findMember, markIdentityVerified, type MemberRow } from "./sql.ts";

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
export async function verifyIdentity(context: Context, memberNo: string): Promise<VerifiedMember> {
  return inTransaction(
    context.db,
    async (tx) => {
      const found = await findMember(tx, memberNo);
      if (found === undefined) throw memberUnknown(memberNo);
      const at = context.clock();
      if (!(await markIdentityVerified(tx, found.memberId, at))) {
        const present = (await findMember(tx, memberNo))!;
        if (present.status === "closed") throw memberClosed(memberNo);
        return { member: present, isChanged: false };
      }
      await recordAction(tx, context, { action: "member.verify-identity", subjectKind: "member", subject: memberNo });
      return { member: { ...found, identityVerifiedAt: at }, isChanged: true };
    },
    context.ending,
  );
}
