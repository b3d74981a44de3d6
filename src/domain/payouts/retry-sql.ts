import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { PayoutState } from "./model.ts";

/** A withdrawal to be retried, with the facts that decide about it. */
export interface RetriableRow {
  readonly withdrawalNo: string;
  readonly memberNo: string;
  readonly status: string;
  readonly detailNo: string | null;
  readonly detailState: PayoutState | null;
  readonly retriedAs: string | null;
  /** How many points the member is below zero. */
  readonly debtPoints: bigint;
}

/** The withdrawals with the given numbers, in their order; unknown numbers are left out. */
export async function selectRetriable(sql: Sql, withdrawalNos: readonly string[]): Promise<readonly RetriableRow[]> {
  return sql<RetriableRow[]>`
    SELECT w.withdrawal_no, m.member_no, w.status, d.detail_no, d.state AS detail_state, n.withdrawal_no AS retried_as,
           greatest(-b.available_points, 0) AS debt_points
    FROM withdrawal_keys k
    JOIN withdrawals w ON w.member_id = k.member_id AND w.withdrawal_id = k.withdrawal_id
    JOIN members m ON m.member_id = w.member_id
    JOIN balances b ON b.member_id = w.member_id
    LEFT JOIN payout_details d ON d.member_id = w.member_id AND d.withdrawal_id = w.withdrawal_id
    LEFT JOIN payout_retries r ON r.member_id = w.member_id AND r.failed_withdrawal_id = w.withdrawal_id
    LEFT JOIN withdrawals n ON n.member_id = r.member_id AND n.withdrawal_id = r.withdrawal_id
    WHERE k.withdrawal_no = ANY(${[...withdrawalNos]}::text[]) ORDER BY w.withdrawal_no`;
}

/**
 * A query for the requests that replace failed withdrawals: the same members and points, to their present default
 * accounts, in the order of the numbers.
 */
export const askedAgain = (tx: Transaction, withdrawalNos: readonly string[]): Fragment => tx`
  SELECT f.record::integer AS record, NULL::integer AS line, NULL::text AS request_no, m.member_no, w.points,
    NULL::bigint AS account_id, NULL::bytea AS account_digest, NULL::text AS holder_sealed
  FROM unnest(${[...withdrawalNos]}::text[]) WITH ORDINALITY AS f (withdrawal_no, record)
  JOIN withdrawal_keys k ON k.withdrawal_no = f.withdrawal_no
  JOIN withdrawals w ON w.member_id = k.member_id AND w.withdrawal_id = k.withdrawal_id
  JOIN members m ON m.member_id = w.member_id`;

/** A new withdrawal and the failed one that it replaces. */
export interface RetryPair {
  readonly withdrawalNo: string;
  readonly failedWithdrawalNo: string;
}

/** Links new withdrawals to the failed ones. The database refuses a second replacement of the same one. */
export async function insertRetries(tx: Transaction, pairs: readonly RetryPair[]): Promise<void> {
  await tx`
    INSERT INTO payout_retries (member_id, withdrawal_id, failed_withdrawal_id, failed_detail_no)
    SELECT n.member_id, n.withdrawal_id, f.withdrawal_id, d.detail_no
    FROM unnest(${pairs.map((one) => one.withdrawalNo)}::text[],
      ${pairs.map((one) => one.failedWithdrawalNo)}::text[]) AS p (withdrawal_no, failed_no)
    JOIN withdrawal_keys n ON n.withdrawal_no = p.withdrawal_no
    JOIN withdrawal_keys f ON f.withdrawal_no = p.failed_no
    JOIN payout_details d ON d.member_id = f.member_id AND d.withdrawal_id = f.withdrawal_id`;
}
