import type { Database } from "../../db/database.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { OrderStatus } from "./model.ts";

/** The order with a number, with its origin and ids; two rows where the number is not unique. */
export async function findOrder({ sql }: Pick<Database, "sql">, orderNo: string, source: string | undefined) {
  return sql<
    {
      memberId: bigint;
      orderId: bigint;
      source: string;
      orderNo: string;
      memberNo: string;
      merchantCode: string;
      merchantName: string;
      amountFen: bigint;
      refundedFen: bigint;
      status: OrderStatus;
      paidAt: Date | null;
      businessDate: BusinessDate | null;
      skus: string[] | null;
      importId: bigint;
      line: number;
      importFile: string | null;
      importedBy: string | null;
      importedAt: Date | null;
      isInFeed: boolean;
      /** Since which business date its points wait for its merchant's money; null where they do not. */
      waitsSince: BusinessDate | null;
      /** Whether it is kept from a grant run, for no channel has shown its payment. */
      waitsForEvidence: boolean;
    }[]
  >`
    SELECT o.member_id, o.order_id, o.source, o.order_no, m.member_no, r.merchant_code, r.name AS merchant_name,
      o.amount_fen, o.refunded_fen, o.status, o.paid_at, o.business_date, o.skus,
      k.import_id, k.line, i.file AS import_file, i.operator AS imported_by, i.finished_at AS imported_at,
      EXISTS (SELECT FROM order_changes c WHERE c.member_id = o.member_id AND c.order_id = o.order_id) AS is_in_feed,
      (SELECT u.booked_on FROM uncollected_orders u WHERE u.member_id = o.member_id AND u.order_id = o.order_id) AS waits_since,
      EXISTS (SELECT FROM unevidenced_orders u WHERE u.member_id = o.member_id AND u.order_id = o.order_id) AS waits_for_evidence
    FROM order_keys k
    JOIN orders o ON o.member_id = k.member_id AND o.order_id = k.order_id
    JOIN members m ON m.member_id = o.member_id
    JOIN merchants r ON r.merchant_id = o.merchant_id
    LEFT JOIN imports i ON i.import_id = k.import_id
    WHERE ${where(sql, [sql`k.order_no = ${orderNo}`, source !== undefined && sql`k.source = ${source}`])}
    ORDER BY k.source LIMIT 2`;
}

/** An entry of one order. */
export interface OrderEntry {
  readonly entryNo: number;
  readonly kind: string;
  readonly points: bigint;
  readonly businessDate: BusinessDate;
  readonly runId: bigint;
  readonly operator: string;
  readonly netFen: bigint;
  readonly contributionBps: number;
  readonly pointsBps: number;
  readonly contributionFen: bigint;
  readonly createdAt: Date;
}

export async function orderEntries(
  { sql }: Pick<Database, "sql">,
  memberId: bigint,
  orderId: bigint,
): Promise<readonly OrderEntry[]> {
  return sql<OrderEntry[]>`
    SELECT e.entry_no, e.kind, e.available_points AS points, e.business_date, e.run_id, g.operator, e.net_fen,
      e.contribution_bps, e.points_bps, e.contribution_fen, e.created_at
    FROM points_entries e LEFT JOIN grant_runs g ON g.run_id = e.run_id
    WHERE e.member_id = ${memberId} AND e.ref_id = ${orderId}
    ORDER BY e.entry_no`;
}

/** What an order of a closed member would have earned. */
export async function orderSkips({ sql }: Pick<Database, "sql">, memberId: bigint, orderId: bigint) {
  return sql<{ runId: bigint; points: bigint; reason: string }[]>`
    SELECT run_id, points, reason FROM grant_skips WHERE member_id = ${memberId} AND order_id = ${orderId} ORDER BY run_id`;
}
