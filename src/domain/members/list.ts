import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading } from "../../db/database.ts";
import { selectMembers, type ListedMember, type MemberFilter } from "./list-sql.ts";
import { emailKey, masked, normalPhone } from "./model.ts";

/** Which page of which members, and whether their personal data is shown. */
export interface MemberQuery {
  readonly filter: MemberFilter;
  readonly after?: string | undefined;
  readonly limit: number;
  readonly reveal: boolean;
}

/** A page of members; `next` is the number to continue after, when there is more. */
export interface MemberPage {
  readonly members: readonly ListedMember[];
  readonly next?: string;
}

/**
 * Lists members by number, a page at a time. Names, phones and addresses are masked unless revealed, which is recorded before they are
 * returned.
 */
export async function listMembers(context: Context, query: MemberQuery): Promise<MemberPage> {
  const filter = {
    ...query.filter,
    ...(query.filter.phone === undefined ? {} : { phone: normalPhone(query.filter.phone) }),
    ...(query.filter.email === undefined ? {} : { email: emailKey(query.filter.email) }),
  };
  const { db, zone } = context;
  const page = { limit: query.limit + 1, ...(query.after === undefined ? {} : { after: query.after }) };
  if (!query.reveal) {
    const found = paged(await reading(() => selectMembers(db.sql, filter, page, zone)), query.limit);
    return { ...found, members: found.members.map(masked) };
  }
  return inTransaction(db, async (tx) => {
    const found = paged(await selectMembers(tx, filter, page, zone), query.limit);
    await recordAction(tx, context, {
      action: "member.list.reveal", subjectKind: "member", subject: "list",
      details: {
        members: found.members.length,
        first: found.members[0]?.memberNo ?? null,
        last: found.members.at(-1)?.memberNo ?? null,
        filter: Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [name])).join(" "), // what was looked for may be personal: the numbers say who was found
      },
    });
    return found;
  });
}

function paged(rows: readonly ListedMember[], limit: number): MemberPage {
  if (rows.length <= limit) return { members: rows };
  const members = rows.slice(0, limit);
  return { members, next: members.at(-1)!.memberNo };
}
