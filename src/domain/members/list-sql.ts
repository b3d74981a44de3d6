import type { Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { MemberStatus } from "./model.ts";
import { membersTable } from "./sql.ts";

/** The filters of a list. Dates are business dates, both included. */
export interface MemberFilter {
  readonly status?: MemberStatus | undefined;
  readonly isVerified?: boolean | undefined;
  readonly registeredFrom?: BusinessDate | undefined;
  readonly registeredTo?: BusinessDate | undefined;
  /** Part of the name, case-insensitive. */
  readonly name?: string | undefined;
  /** The whole phone number, in its normal form. */
  readonly phone?: string | undefined;
  /** The whole address, in lower case. */
  readonly email?: string | undefined;
}

/** One member of a list. */
export interface ListedMember
  extends
    Row<"members", "memberNo" | "name" | "phone" | "email" | "status" | "registeredAt">,
    Row<"balances", "availablePoints" | "heldPoints"> {
  readonly isVerified: boolean;
}

/**
 * One page of members in the order of their numbers, masked unless they are revealed. Finding them by their names and
 * contacts takes the right to read those.
 *
 * @param page.after the last number of the page before
 * @param zone the zone that the filter's dates are in
 */
export async function selectMembers(
  sql: Sql,
  filter: MemberFilter,
  page: PageQuery,
  { zone, reveal }: { readonly zone: string; readonly reveal: boolean },
): Promise<readonly ListedMember[]> {
  const { status, isVerified, registeredFrom, registeredTo, name, phone, email } = filter;
  const wanted = where(sql, [
    page.after !== undefined && sql`n.member_no > ${page.after}`,
    status !== undefined && sql`m.status = ${status}`,
    isVerified !== undefined && sql`(m.identity_verified_at IS NOT NULL) = ${isVerified}`,
    registeredFrom !== undefined &&
      sql`m.registered_at >= (${registeredFrom}::text)::date::timestamp AT TIME ZONE ${zone}`,
    registeredTo !== undefined &&
      sql`m.registered_at < ((${registeredTo}::text)::date + 1)::timestamp AT TIME ZONE ${zone}`,
    name !== undefined &&
      sql`(SELECT strpos(lower(o.name), lower(${name})) > 0 FROM members o WHERE o.member_id = n.member_id)`,
    phone !== undefined &&
      sql`m.member_id = (SELECT member_id FROM member_contacts WHERE value = ${phone} AND kind = 'phone')`,
    email !== undefined &&
      sql`m.member_id = (SELECT member_id FROM member_contacts WHERE value = ${email} AND kind = 'email')`,
  ]);
  return sql<ListedMember[]>`
    SELECT m.member_no, m.name, m.phone, m.email, m.status, m.identity_verified_at IS NOT NULL AS is_verified,
           b.available_points, b.held_points, m.registered_at
    FROM member_numbers n
    JOIN ${membersTable(sql, reveal)} m ON m.member_id = n.member_id
    JOIN balances b ON b.member_id = m.member_id
    WHERE ${wanted}
    ORDER BY n.member_no LIMIT ${page.limit}`;
}
