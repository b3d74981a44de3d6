import type { Database, Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { OrderState, OrderStatus } from "./model.ts";

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
      status: OrderState;
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

/** The archive that the order of a number is in; undefined where no order has the number. */
export async function findArchive(
  sql: Sql,
  orderNo: string,
  source: string | undefined,
): Promise<Row<"historyArchives", "archiveNo" | "directory" | "host"> | undefined> {
  const [row] = await sql<Row<"historyArchives", "archiveNo" | "directory" | "host">[]>`
    SELECT a.archive_no, a.directory, a.host FROM order_keys k
    JOIN history_archives a ON a.attached_at IS NULL AND k.order_id >= a.first_id AND k.order_id < a.end_id
    WHERE ${where(sql, [sql`k.order_no = ${orderNo}`, source !== undefined && sql`k.source = ${source}`])}
    ORDER BY a.archive_no LIMIT 1`;
  return row;
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

/** What an order was until an import or a proposal made it another. */
export interface OrderVersion {
  readonly memberNo: string;
  readonly merchantCode: string;
  readonly amountFen: bigint;
  readonly refundedFen: bigint;
  readonly status: OrderStatus;
  readonly paidAt: Date | null;
  /** What ended it: an import, or a proposal. */
  readonly importId: bigint | null;
  readonly proposalNo: string | null;
  readonly until: Date;
  readonly by: string;
}

/** What the order of a number was, the oldest first. What was corrected twice was that long ago twice. */
export async function orderHistory(
  { sql }: Pick<Database, "sql">,
  { orderNo, source, memberId, orderId }: { orderNo: string; source: string; memberId: bigint; orderId: bigint },
): Promise<readonly OrderVersion[]> {
  return sql<OrderVersion[]>`
    WITH versions AS (
      SELECT v.member_id, v.order_id, v.status, v.proposal_no FROM order_voids v
      WHERE v.order_no = ${orderNo} AND v.source = ${source}
    )
    SELECT m.member_no, s.merchant_code, h.amount_fen, h.refunded_fen, h.status, h.paid_at, h.import_id, h.proposal_no,
      h.until, h.by
    FROM (
      SELECT o.member_id, o.order_id, o.merchant_id, o.amount_fen, o.refunded_fen, v.status, o.paid_at, NULL::bigint AS import_id,
        v.proposal_no, c.applied_at AS until, c.applied_by AS by
      FROM versions v
      JOIN orders o ON o.member_id = v.member_id AND o.order_id = v.order_id
      JOIN corrections c ON c.proposal_no = v.proposal_no
      UNION ALL
      SELECT o.member_id, o.order_id, o.merchant_id, o.amount_fen, u.refunded_fen, u.status, u.paid_at, u.import_id, NULL,
        i.finished_at, i.operator
      FROM (SELECT member_id, order_id FROM versions UNION SELECT ${memberId}::bigint, ${orderId}::bigint) x
      JOIN orders o ON o.member_id = x.member_id AND o.order_id = x.order_id
      JOIN order_updates u ON u.member_id = x.member_id AND u.order_id = x.order_id
      JOIN imports i ON i.import_id = u.import_id
    ) h
    JOIN members m ON m.member_id = h.member_id
    JOIN merchants s ON s.merchant_id = h.merchant_id
    ORDER BY h.until, h.order_id, h.import_id`;
}
