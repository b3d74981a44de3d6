import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading } from "../../db/database.ts";
import { refusedError } from "../../shared/errors.ts";
import { memberClosed, memberUnknown, requireValid } from "./member-errors.ts";
import { passwordProblem } from "./model.ts";
import { hashPassword, isOutdated, verifyPassword } from "./password.ts";
import { findMember, findPassword, replacePasswordHash, storePassword } from "./sql.ts";

/**
 * Gives a member a new password.
 *
 * @throws a usage error for a password of a wrong length; a refusal: `member_unknown`, `member_closed`
 */
export async function setPassword(context: Context, memberNo: string, password: string): Promise<void> {
  requireValid("invalid_password", "--password-stdin", passwordProblem(password));
  const member = await reading(() => findMember(context.db.sql, memberNo));
  if (member === undefined) throw memberUnknown(memberNo);
  const passwordHash = await hashPassword(password);
  await inTransaction(
    context.db,
    async (tx) => {
      if (!(await storePassword(tx, member.memberId, passwordHash))) throw memberClosed(memberNo);
      await recordAction(tx, context, { action: "member.set-password", subjectKind: "member", subject: memberNo });
    },
    context.ending,
  );
}

/**
 * Verifies a member's password for a front end. An unknown member and one without a password take the same time and get
 * the same answer as a wrong password, so that the answer does not reveal which numbers exist.
 *
 * The right password for a hash with older parameters is hashed again with today's.
 *
 * @throws a refusal: `password_mismatch`; `member_closed` for the right password of a closed member
 */
export async function checkPassword(context: Context, memberNo: string, password: string): Promise<void> {
  const found = await reading(() => findPassword(context.db.sql, memberNo));
  const matches = await verifyPassword(password, found?.passwordHash ?? null);
  if (found?.passwordHash == null || !matches) {
    throw refusedError("password_mismatch", "member number and password do not match", {
      hint: "check both and try again",
    });
  }
  if (found.status === "closed") throw memberClosed(memberNo);
  if (isOutdated(found.passwordHash)) await renewHash(context, found.memberId, found.passwordHash, password);
}

/** Replaces the hash, unless the password was changed meanwhile. Not recorded: no operator did it. */
async function renewHash(context: Context, memberId: bigint, passwordHash: string, password: string): Promise<void> {
  const renewed = await hashPassword(password);
  await inTransaction(context.db, (tx) => replacePasswordHash(tx, memberId, passwordHash, renewed));
}
