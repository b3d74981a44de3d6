import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { selectMembers, type ListedMember, type MemberFilter } from "./list-sql.ts";
import { emailKey, normalPhone } from "./model.ts";

/**
 * Lists members by number, a page at a time. Names, phones and addresses are masked unless revealed; that they were
 * revealed is recorded, with each page, before anybody sees them.
 */
export async function listMembers(
  context: Context,
  wanted: MemberFilter,
  reveal: boolean,
  query: PageQuery,
): Promise<Page<ListedMember>> {
  const { phone, email } = wanted;
  const filter = { ...wanted, phone: phone && normalPhone(phone), email: email && emailKey(email) };
  const { db, zone } = context;
  const memberNo = (one: ListedMember) => one.memberNo;
  if (!reveal) {
    return pageOf(
      await reading(() => selectMembers(db.sql, filter, oneMore(query), { zone, reveal })),
      query.limit,
      memberNo,
    );
  }
  return inTransaction(db, async (tx) => {
    const page = pageOf(await selectMembers(tx, filter, oneMore(query), { zone, reveal }), query.limit, memberNo);
    const { rows } = page;
    const used = Object.entries(filter).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    await recordAction(tx, context, {
      action: "member.list.reveal",
      subjectKind: "member",
      subject: "list",
      // The filter may be personal data, so the record has the numbers found instead.
      details: {
        members: rows.length,
        first: rows[0]?.memberNo ?? null,
        last: rows.at(-1)?.memberNo ?? null,
        filter: used.join(" "),
      },
    });
    return page;
  });
}
