import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, type Ending } from "../db/database.ts";
import { refusedError } from "../shared/errors.ts";
import { memberClosed, memberUnknown } from "./member-errors.ts";
import { findMember, markIdentityVerified, type MemberRow } from "./sql.ts";

/**
 * Records that an operator has verified who a member is. From then on an import cannot change the member's name.
 *
 * @throws a refusal: `member_unknown`, `member_closed`, `member_already_verified`
 */
export async function verifyIdentity(context: Context, memberNo: string, ending: Ending): Promise<MemberRow> {
  return inTransaction(context.db.sql, async (tx) => {
    const found = await findMember(tx, memberNo);
    if (found === undefined) throw memberUnknown(memberNo);
    const at = context.clock();
    if (!(await markIdentityVerified(tx, found.memberId, at))) {
      const present = (await findMember(tx, memberNo))!;
      if (present.status === "closed") throw memberClosed(memberNo);
      throw refusedError("member_already_verified", `the identity of member ${memberNo} is verified already`, {
        hint: `\`accrue member show ${memberNo}\` says who did it and when`,
        details: { member_no: memberNo },
      });
    }
    await recordAction(tx, context, { action: "member.verify-identity", subjectKind: "member", subject: memberNo });
    return { ...found, identityVerifiedAt: at };
  }, ending);
}
