import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { usageError } from "../../shared/errors.ts";
import { lockOpenMember } from "./lock.ts";
import { requireValid } from "./member-errors.ts";
import { contactKinds, contactKey, emailProblem, normalPhone, phoneProblem, type ContactKind } from "./model.ts";
import { contactTaken } from "./register.ts";
import { claimContact, releaseContact, setContacts, findShown, type ShownMember } from "./sql.ts";

/** A member's contacts as they are to be; null for none, undefined for what stays. */
export type ContactChange = { readonly [Kind in ContactKind]?: string | null | undefined };

export interface EditedMember {
  readonly member: ShownMember;
  /** What is another one now. */
  readonly changed: readonly ContactKind[];
}

/**
 * Gives a member another phone number or address, at once. Repeating it changes nothing.
 *
 * @throws a usage error `nothing_to_edit`, `invalid_phone`, `invalid_email`; refused `member_unknown`, `member_closed`,
 *   `phone_taken`, `email_taken`
 */
export async function editContacts(
  context: Context,
  memberNo: string,
  wanted: ContactChange,
  reason: string,
): Promise<EditedMember> {
  const change = tidiedChange(wanted);
  return inTransaction(
    context.db,
    async (tx) => {
      const was = await lockOpenMember(tx, memberNo);
      const wished = { ...was, ...change };
      const changed = contactKinds.filter((kind) => wished[kind] !== was[kind]);
      const edited = async () => ({ member: (await findShown(tx, memberNo))!, changed });
      if (changed.length === 0) return edited();
      for (const kind of changed) {
        const [before, after] = [was[kind], wished[kind]].map((value) => value && contactKey(kind, value));
        // The same address in other letters is the member's own already.
        if (before === after) continue;
        if (before) await releaseContact(tx, kind, before, was.memberId);
        if (after && !(await claimContact(tx, kind, after, was.memberId))) throw contactTaken(kind, wished[kind]!);
      }
      await setContacts(tx, wished);
      const details = { changed: changed.join(" "), reason };
      await recordAction(tx, context, { action: "member.edit", subjectKind: "member", subject: memberNo, details });
      return edited();
    },
    context.ending,
  );
}

function tidiedChange({ phone, email }: ContactChange): { phone?: string | null; email?: string | null } {
  if (phone === undefined && email === undefined)
    throw usageError("nothing_to_edit", "say what to change", { hint: "give --name, --phone or --email" });
  const change = {
    ...(phone === undefined ? {} : { phone: phone === null ? null : normalPhone(phone) }),
    ...(email === undefined ? {} : { email: email === null ? null : email.trim() }),
  };
  if (typeof change.phone === "string") requireValid("invalid_phone", "--phone", phoneProblem(change.phone));
  if (typeof change.email === "string") requireValid("invalid_email", "--email", emailProblem(change.email));
  return change;
}
