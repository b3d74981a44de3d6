import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { Bps } from "../../shared/rates.ts";
import type { MerchantStatus } from "./model.ts";

export type MerchantRow = Row<"merchants">;

/** The merchant with a code, or undefined. */
export async function findMerchant(sql: Sql, merchantCode: string): Promise<MerchantRow | undefined> {
  const [row] = await sql<MerchantRow[]>`
    SELECT merchant_id, merchant_code, name, contact, status, suspended_at, import_id, registered_by, registered_at
    FROM merchants WHERE merchant_code = ${merchantCode}`;
  return row;
}

/** The same, locked until the transaction ends: all changes of a merchant or its rates lock this row first. */
export async function lockMerchant(tx: Transaction, merchantCode: string): Promise<MerchantRow | undefined> {
  await tx`SELECT 1 FROM merchants WHERE merchant_code = ${merchantCode} FOR UPDATE`;
  return findMerchant(tx, merchantCode);
}

/** Makes a pending or suspended merchant active; false when it is neither. */
export async function activate(tx: Transaction, merchantId: bigint): Promise<boolean> {
  const { count } = await tx`
    UPDATE merchants SET status = 'active', suspended_at = NULL
    WHERE merchant_id = ${merchantId} AND status IN ('pending', 'suspended')`;
  return count === 1;
}

/**
 * Suspends a merchant from an instant on.
 *
 * @param from a text that PostgreSQL reads as one instant whatever the session's zone
 * @returns that instant; undefined when the merchant was suspended already
 */
export async function suspend(tx: Transaction, merchantId: bigint, from: string): Promise<Date | undefined> {
  const [row] = await tx<{ suspendedAt: Date }[]>`
    UPDATE merchants SET status = 'suspended', suspended_at = (${from}::text)::timestamptz
    WHERE merchant_id = ${merchantId} AND status IN ('pending', 'active')
    RETURNING suspended_at`;
  return row?.suspendedAt;
}

/** Whether a merchant is suspended from just this instant on, written as for `suspend`. */
export async function isSuspendedFrom(sql: Sql, merchantId: bigint, from: string): Promise<boolean> {
  const [row] = await sql<{ isSame: boolean }[]>`
    SELECT suspended_at = (${from}::text)::timestamptz AS is_same FROM merchants WHERE merchant_id = ${merchantId}`;
  return row!.isSame;
}

/** One of a merchant's own rates, in force from a business date until the next one; null for the platform's rate. */
export type RateRow = Row<"contributionRates", "effectiveFrom" | "contributionBps" | "setBy" | "setAt">;

/** The latest revision of each of a merchant's own rates, the earliest date first. */
export async function ratesOf(sql: Sql, merchantId: bigint): Promise<readonly RateRow[]> {
  return sql<RateRow[]>`
    SELECT DISTINCT ON (effective_from) effective_from, contribution_bps, set_by, set_at FROM contribution_rates
    WHERE merchant_id = ${merchantId} ORDER BY effective_from, revision DESC`;
}

/**
 * Writes a merchant's rate from a business date on; for a date that has one, as a new revision, which is in force from
 * now on.
 *
 * @param proposalNo the proposal that it is applied of
 */
export async function putRate(tx: Transaction, merchantId: bigint, rate: RateRow, proposalNo: string): Promise<void> {
  await tx`
    INSERT INTO contribution_rates
      (merchant_id, effective_from, contribution_bps, set_by, set_at, proposal_no, revision)
    VALUES (${merchantId}, (${rate.effectiveFrom}::text)::date, ${rate.contributionBps}, ${rate.setBy}, ${rate.setAt},
      ${proposalNo},
      (SELECT coalesce(max(revision), 0) + 1 FROM contribution_rates
       WHERE merchant_id = ${merchantId} AND effective_from = (${rate.effectiveFrom}::text)::date))`;
}

export async function countProducts(sql: Sql, merchantId: bigint): Promise<number> {
  const [row] = await sql<
    { products: number }[]
  >`SELECT count(*)::int AS products FROM products WHERE merchant_id = ${merchantId}`;
  return row!.products;
}

/** Number and net amount of a merchant's orders, but for archived ones, which are counted apart. Reads all orders of the platform, which are stored by member. */
export interface OrderTotals {
  readonly orders: bigint;
  readonly netFen: bigint;
  readonly archivedOrders: bigint;
  readonly paidOrders: bigint;
  /** How many of the paid ones no channel shows the payment of; none where no evidence is kept. */
  readonly unevidencedOrders: bigint;
}

/** @param lacksEvidence whether an order `o` lacks evidence of its payment */
export async function countOrders(sql: Sql, merchantId: bigint, lacksEvidence: Fragment): Promise<OrderTotals> {
  const [row] = await sql<OrderTotals[]>`
    SELECT count(*) AS orders, coalesce(sum(amount_fen - refunded_fen), 0)::bigint AS net_fen,
      (SELECT coalesce(sum(first_entries), 0)::bigint FROM carried_entries WHERE merchant_id = ${merchantId})
        AS archived_orders,
      count(*) FILTER (WHERE paid_at IS NOT NULL) AS paid_orders,
      count(*) FILTER (WHERE paid_at IS NOT NULL AND ${lacksEvidence}) AS unevidenced_orders
    FROM orders o WHERE merchant_id = ${merchantId} AND status <> 'void'`;
  return row!;
}

/** One merchant of a list. `ownBps` is null where the platform's rate is in force. */
export interface ListedMerchant extends Row<
  "merchants",
  "merchantCode" | "name" | "contact" | "status" | "suspendedAt" | "registeredAt"
> {
  readonly ownBps: Bps | null;
}

/** The filters of a list. */
export interface MerchantFilter {
  readonly status?: MerchantStatus | undefined;
  /** Part of the name, case-insensitive. */
  readonly name?: string | undefined;
}

/**
 * One page of merchants in the order of their codes.
 *
 * @param date the business date whose rates are given
 */
export async function selectMerchants(
  sql: Sql,
  filter: MerchantFilter,
  page: PageQuery,
  date: BusinessDate,
): Promise<readonly ListedMerchant[]> {
  const wanted = where(sql, [
    page.after !== undefined && sql`m.merchant_code > ${page.after}`,
    filter.status !== undefined && sql`m.status = ${filter.status}`,
    filter.name !== undefined && sql`strpos(lower(m.name), lower(${filter.name})) > 0`,
  ]);
  return sql<ListedMerchant[]>`
    SELECT m.merchant_code, m.name, m.contact, m.status, m.suspended_at, m.registered_at,
           (SELECT r.contribution_bps FROM contribution_rates r
            WHERE r.merchant_id = m.merchant_id AND r.effective_from <= (${date}::text)::date
            ORDER BY r.effective_from DESC, r.revision DESC LIMIT 1) AS own_bps
    FROM merchants m WHERE ${wanted}
    ORDER BY m.merchant_code LIMIT ${page.limit}`;
}
