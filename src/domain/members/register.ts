import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { nextId, takeNumbers } from "../../db/numbers.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { normalId } from "../../shared/text.ts";
import { requireValid } from "./member-errors.ts";
import {
  contactKey,
  emailProblem,
  memberNoOf,
  memberNoProblem,
  nameProblem,
  normalPhone,
  passwordProblem,
  phoneProblem,
  type ContactKind,
} from "./model.ts";
import { hashPassword } from "./password.ts";
import { claimContact, claimMemberNo, insertMember, skipTakenMemberNos } from "./sql.ts";

/** A member to be registered. Without a number it gets the next free one. */
export interface Registration {
  readonly memberNo?: string;
  readonly name: string;
  readonly phone?: string;
  readonly email?: string;
  readonly password?: string;
}

export interface RegisteredMember {
  readonly memberNo: string;
  readonly name: string;
  readonly phone: string | null;
  readonly email: string | null;
  readonly hasPassword: boolean;
}

/** The form in which a registration is stored: numbers in NFC, without outer spaces, phones without hyphens. */
export function tidied(registration: Registration): Registration {
  const { memberNo, name, phone, email, password } = registration;
  return {
    name: name.trim(),
    ...(memberNo === undefined ? {} : { memberNo: normalId(memberNo) }),
    ...(phone === undefined ? {} : { phone: normalPhone(phone) }),
    ...(email === undefined ? {} : { email: email.trim() }),
    ...(password === undefined ? {} : { password }),
  };
}

/**
 * Registers one member: active, identity not verified, with a balance of 0.
 *
 * @throws a usage error for a value that breaks its rule; refused `member_no_taken`, `phone_taken`, `email_taken` when
 *   the database's keys find it with another member
 */
export async function registerMember(context: Context, registration: Registration): Promise<RegisteredMember> {
  const { memberNo, name, phone, email, password } = tidied(registration);
  if (memberNo !== undefined) requireValid("invalid_member_no", "--member-no", memberNoProblem(memberNo));
  requireValid("invalid_name", "--name", nameProblem(name));
  if (phone !== undefined) requireValid("invalid_phone", "--phone", phoneProblem(phone));
  if (email !== undefined) requireValid("invalid_email", "--email", emailProblem(email));
  if (password !== undefined) requireValid("invalid_password", "--password-stdin", passwordProblem(password));
  const passwordHash = password === undefined ? null : await hashPassword(password); // slow on purpose: before any lock is held
  return inTransaction(
    context.db,
    async (tx) => {
      const memberId = await nextId(tx);
      if (phone !== undefined && !(await claimContact(tx, "phone", phone, memberId)))
        throw contactTaken("phone", phone);
      if (email !== undefined && !(await claimContact(tx, "email", contactKey("email", email), memberId)))
        throw contactTaken("email", email);
      // After the contacts: a session that waits for one of those must not keep others from taking numbers.
      const claimed = await claimNumber(tx, memberNo, memberId);
      const member = { memberNo: claimed, name, phone: phone ?? null, email: email ?? null };
      await insertMember(tx, {
        ...member,
        memberId,
        passwordHash,
        registeredBy: context.operator.name,
        registeredAt: context.clock(),
      });
      await recordAction(tx, context, {
        action: "member.register",
        subjectKind: "member",
        subject: claimed,
        details: { has_password: passwordHash !== null },
      });
      return { ...member, hasPassword: passwordHash !== null };
    },
    context.ending,
  );
}

async function claimNumber(tx: Transaction, wished: string | undefined, memberId: bigint): Promise<string> {
  if (wished !== undefined) {
    if (await claimMemberNo(tx, wished, memberId)) return wished;
    throw refusedError("member_no_taken", `member number ${wished} is taken`, {
      hint: `\`accrue member show ${wished}\` says by whom; leave --member-no out to get the next free number`,
      details: { member_no: wished },
    });
  }
  for (let attempt = 1; ; attempt += 1) {
    const next = memberNoOf(await takeNumbers(tx, "member"));
    if (await claimMemberNo(tx, next, memberId)) return next;
    // A file may have imported numbers of this shape. One is skipped; after many, the counter is moved.
    if (attempt % 3 === 0) await skipTakenMemberNos(tx);
  }
}

const contactWords: Record<ContactKind, string> = { phone: "phone number", email: "e-mail address" };

/** The refusal of a contact that another member has. */
export const contactTaken = (kind: ContactKind, value: string): AccrueError =>
  refusedError(`${kind}_taken`, `another member has the ${contactWords[kind]} ${value}`, {
    hint: `\`accrue member list --${kind} ${value}\` shows which`,
    details: { [kind]: value },
  });
