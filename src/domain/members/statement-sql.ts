import type { Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { AdjustmentClass } from "../../shared/adjustment-classes.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { archivedUntil, carriedOfMembers } from "../../db/archived.ts";

/**
 * One entry of a member's points, with the balance after it; or, of kind `archived`, what all archived entries come to,
 * on the newest of their dates. After older entries, of which only some are there, the balance is not known: null.
 */
export interface StatementEntry extends Row<"pointsEntries", "businessDate" | "availablePoints" | "heldPoints"> {
  readonly kind: Row<"pointsEntries", "kind">["kind"] | "archived";
  readonly at: Date;
  readonly source: string | null;
  readonly orderNo: string | null;
  readonly withdrawalNo: string | null;
  /** The proposal that an adjustment is of, with its class and reference. */
  readonly proposalNo: string | null;
  readonly reasonClass: AdjustmentClass | null;
  readonly reference: string | null;
  readonly availableAfter: bigint | null;
  readonly heldAfter: bigint | null;
}

/** A range of business dates, both included, of which the newest `limit` entries are wanted. */
export interface EntryRange {
  readonly from?: BusinessDate | undefined;
  readonly to?: BusinessDate | undefined;
  readonly limit: number;
}

/**
 * The newest entries of a member's points in a range, oldest first. The running balance counts all entries, by business
 * date and then in the order of writing, so it starts from the balance before the range. Entries that move no point
 * (`contribution`) are left out.
 */
export async function selectEntries(sql: Sql, memberId: bigint, range: EntryRange): Promise<readonly StatementEntry[]> {
  const { from, to, limit } = range;
  const wanted = where(sql, [
    from !== undefined && sql`e.business_date >= (${from}::text)::date`,
    to !== undefined && sql`e.business_date <= (${to}::text)::date`,
  ]);
  return sql<StatementEntry[]>`
    WITH moves AS (
      SELECT member_id, ref_id, entry_no, kind, business_date, created_at, available_points, held_points,
             CASE WHEN is_known THEN sum(available_points) OVER history END AS available_after,
             CASE WHEN is_known THEN sum(held_points) OVER history END AS held_after
      FROM (
        SELECT member_id, ref_id, entry_no, kind, business_date, created_at, available_points, held_points,
          (business_date <= ${archivedUntil(sql)}) IS NOT TRUE AS is_known
        FROM points_entries WHERE member_id = ${memberId} AND kind <> 'contribution'
        UNION ALL
        SELECT c.member_id, 0, 0, 'archived', ${archivedUntil(sql)}, max(a.archived_at), sum(c.available_points), 0, true
        FROM carried_points c JOIN history_archives a USING (archive_no)
        WHERE c.member_id = ${memberId} GROUP BY c.member_id
      ) e
      WINDOW history AS (ORDER BY business_date, created_at, ref_id, entry_no ROWS UNBOUNDED PRECEDING)
    ), newest AS (
      SELECT * FROM moves e WHERE ${wanted}
      ORDER BY business_date DESC, created_at DESC, ref_id DESC, entry_no DESC LIMIT ${limit}
    )
    SELECT e.created_at AS at, e.business_date, e.kind, o.source, o.order_no, w.withdrawal_no, a.proposal_no,
           a.reason_class, a.reference, e.available_points::bigint AS available_points, e.held_points,
           e.available_after::bigint AS available_after, e.held_after::bigint AS held_after
    FROM newest e
    LEFT JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
    LEFT JOIN withdrawals w ON w.member_id = e.member_id AND w.withdrawal_id = e.ref_id
    LEFT JOIN adjustments a ON a.adjustment_id = e.ref_id
    ORDER BY e.business_date, e.created_at, e.ref_id, e.entry_no`;
}

/** Number and net amount of a member's orders of one status. Of archived ones the amount is not at hand: null. */
export interface OrderCount {
  readonly status: "pending" | "paid" | "closed" | "archived";
  readonly orders: number;
  readonly netFen: bigint | null;
}

export async function countOrders(sql: Sql, memberId: bigint): Promise<readonly OrderCount[]> {
  return sql<OrderCount[]>`
    SELECT status, count(*)::int AS orders, sum(amount_fen - refunded_fen)::bigint AS net_fen
    FROM orders WHERE member_id = ${memberId} AND status <> 'void' GROUP BY status
    UNION ALL
    SELECT 'archived', orders::int, NULL FROM ${carriedOfMembers(sql)} c WHERE member_id = ${memberId}
    ORDER BY status`;
}
