import type { Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { PageQuery } from "../../shared/page.ts";
import { payeeColumns, payeeJoin, type Payee } from "./payee-sql.ts";
import { withdrawalStatuses, type WithdrawalAmounts, type WithdrawalStatus } from "./model.ts";

/** A withdrawal as lists and its own page show it. */
export interface WithdrawalRow
  extends
    WithdrawalAmounts,
    Payee,
    Row<
      "withdrawals",
      | "memberId"
      | "withdrawalId"
      | "withdrawalNo"
      | "status"
      | "points"
      | "feeBps"
      | "businessDate"
      | "requestedBy"
      | "requestedAt"
      | "approvalsNeeded"
      | "firstApprovedBy"
      | "approvedBy"
      | "decidedBy"
      | "decidedAt"
      | "reason"
      | "requestNo"
    > {
  readonly memberNo: string;
  /** Masked. */
  readonly memberName: string;
}

/** The filters of a list. Dates are the business dates of the requests, both included; amounts are gross. */
export interface WithdrawalFilter {
  readonly status?: WithdrawalStatus | undefined;
  readonly memberNo?: string | undefined;
  readonly from?: BusinessDate | undefined;
  readonly to?: BusinessDate | undefined;
  readonly minGrossFen?: Fen | undefined;
  readonly maxGrossFen?: Fen | undefined;
  readonly requestedBy?: string | undefined;
  /** Of the payout account it is paid to. */
  readonly channel?: string | undefined;
}

const columns = (sql: Sql) => sql`
  w.member_id, w.withdrawal_id, w.withdrawal_no, m.member_no, m.name AS member_name, w.status, w.points, w.fee_bps,
  w.gross_fen, w.fee_fen, w.net_fen, w.business_date, w.requested_by, w.requested_at, w.approvals_needed,
  w.first_approved_by, w.approved_by, w.decided_by, w.decided_at, w.reason, w.request_no, ${payeeColumns(sql)}`;

/**
 * One page of withdrawals in the order of their numbers, oldest first. Each state is read from the index by itself and
 * the short results are merged, so a page costs the same however many withdrawals there are.
 *
 * @param page.after the last number of the page before
 */
export async function selectWithdrawals(
  sql: Sql,
  filter: WithdrawalFilter,
  page: PageQuery,
): Promise<readonly WithdrawalRow[]> {
  const { status, memberNo, from, to, minGrossFen, maxGrossFen, requestedBy, channel } = filter;
  const numbers = from === undefined && to === undefined ? undefined : await numbersBetween(sql, from, to);
  const wanted = where(sql, [
    page.after !== undefined && sql`withdrawal_no > ${page.after}`,
    memberNo !== undefined && sql`member_id = (SELECT member_id FROM member_numbers WHERE member_no = ${memberNo})`,
    // Withdrawals of the days are found by their numbers, in order; + 0 keeps the planner from the index of days, which
    // needs a sort.
    from !== undefined && sql`business_date + 0 >= ${from}`,
    to !== undefined && sql`business_date + 0 <= ${to}`,
    numbers !== undefined && sql`withdrawal_no BETWEEN ${numbers.firstNo} AND ${numbers.lastNo}`,
    minGrossFen !== undefined && sql`gross_fen >= ${minGrossFen}`,
    maxGrossFen !== undefined && sql`gross_fen <= ${maxGrossFen}`,
    channel !== undefined && sql`account_channel = ${channel}`,
    requestedBy !== undefined && sql`lower(requested_by) = lower(${requestedBy})`,
  ]);
  const statuses = status === undefined ? [...withdrawalStatuses] : [status];
  return sql<WithdrawalRow[]>`
    SELECT ${columns(sql)}
    FROM (SELECT one.* FROM unnest(${statuses}::text[]) AS s (wanted),
            LATERAL (SELECT * FROM withdrawals WHERE status = s.wanted AND ${wanted} ORDER BY withdrawal_no
              LIMIT ${page.limit}) one
          ORDER BY one.withdrawal_no LIMIT ${page.limit}) w
    JOIN masked_members m ON m.member_id = w.member_id
    ${payeeJoin(sql)}
    ORDER BY w.withdrawal_no`;
}

/** The lowest and highest numbers requested on some days, both included: numbers are nearly in the order of time. */
async function numbersBetween(
  sql: Sql,
  from: BusinessDate | undefined,
  to: BusinessDate | undefined,
): Promise<{ firstNo: string | null; lastNo: string | null }> {
  const [row] = await sql<{ firstNo: string | null; lastNo: string | null }[]>`
    SELECT min(n.first_no) AS first_no, max(n.last_no) AS last_no
    FROM (SELECT greatest(min(business_date), ${from ?? null}::date) AS first_day, least(max(business_date), ${to ?? null}::date) AS last_day FROM withdrawals) d
    CROSS JOIN LATERAL generate_series(0, d.last_day - d.first_day) AS days
    CROSS JOIN LATERAL (SELECT min(withdrawal_no) AS first_no, max(withdrawal_no) AS last_no FROM withdrawals WHERE business_date = d.first_day + days) n`;
  return row!;
}

/** The withdrawal with a number, or undefined. */
export async function findWithdrawal(sql: Sql, withdrawalNo: string): Promise<WithdrawalRow | undefined> {
  const [row] = await sql<WithdrawalRow[]>`
    SELECT ${columns(sql)}
    FROM withdrawal_keys k
    JOIN withdrawals w ON w.member_id = k.member_id AND w.withdrawal_id = k.withdrawal_id
    JOIN masked_members m ON m.member_id = w.member_id
    ${payeeJoin(sql)}
    WHERE k.withdrawal_no = ${withdrawalNo}`;
  return row;
}

/** The import and line that a request came from. */
export interface RequestOrigin {
  readonly importId: bigint;
  readonly line: number;
}

/** The origin of a request number, or undefined for one that came from no file. */
export async function originOfRequest(sql: Sql, requestNo: string): Promise<RequestOrigin | undefined> {
  const [row] = await sql<RequestOrigin[]>`
    SELECT import_id, line FROM withdrawal_request_keys WHERE request_no = ${requestNo} AND import_id IS NOT NULL`;
  return row;
}

/** A points entry of a withdrawal: signed moves of the two balances. */
export interface WithdrawalEntry extends Row<
  "pointsEntries",
  "entryNo" | "availablePoints" | "heldPoints" | "businessDate" | "createdAt"
> {
  readonly kind: "hold" | "release" | "burn";
}

/** The points entries of one withdrawal, oldest first. */
export async function entriesOf(sql: Sql, memberId: bigint, withdrawalId: bigint): Promise<readonly WithdrawalEntry[]> {
  return sql<WithdrawalEntry[]>`
    SELECT entry_no, kind, available_points, held_points, business_date, created_at
    FROM points_entries WHERE member_id = ${memberId} AND ref_id = ${withdrawalId} ORDER BY entry_no`;
}
