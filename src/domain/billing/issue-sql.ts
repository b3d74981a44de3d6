import { send, type Sql, type Transaction } from "../../db/database.ts";
import { numberTextOf } from "../../db/numbers.ts";
import { checkingKeysByOnePlan } from "../../db/planner.ts";
import type { Row } from "../../db/rows.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Period } from "./model.ts";

/** A period that was billed, and what its bills come to. */
export type BilledPeriod = Row<"billingPeriods">;

/** The last period that was billed, or undefined. */
export async function lastBilledPeriod(sql: Sql): Promise<BilledPeriod | undefined> {
  const [row] = await sql<BilledPeriod[]>`SELECT * FROM billing_periods ORDER BY period_from DESC LIMIT 1`;
  return row;
}

/** The last date that is closed, or undefined. */
export async function lastClosedDate(sql: Sql): Promise<BusinessDate | undefined> {
  const [row] = await sql<
    { date: BusinessDate | null }[]
  >`SELECT max(business_date) AS date FROM business_dates WHERE state = 'closed'`;
  return row!.date ?? undefined;
}

/** The first billed period that has a date in common with one. */
export async function billedWithin(sql: Sql, { from, to }: Period): Promise<BilledPeriod | undefined> {
  const [row] = await sql<BilledPeriod[]>`
    SELECT * FROM billing_periods WHERE period_from <= ${to} AND period_to >= ${from} ORDER BY period_from LIMIT 1`;
  return row;
}

/**
 * The first date of a period that is not closed, or undefined when all are. Until the transaction ends, nobody reopens
 * one of them.
 */
export async function firstUnclosed(tx: Transaction, { from, to }: Period): Promise<BusinessDate | undefined> {
  await tx`SELECT 1 FROM business_dates WHERE business_date BETWEEN ${from} AND ${to} FOR SHARE`;
  const [row] = await tx<{ date: BusinessDate | null }[]>`
    SELECT min(day::date) AS date
    FROM generate_series(greatest(${from}::date,
      coalesce((SELECT min(business_date) FROM business_dates), ${from}::date)), ${to}::date, interval '1 day') day
    LEFT JOIN business_dates d ON d.business_date = day AND d.state = 'closed'
    WHERE d.business_date IS NULL`;
  return row!.date ?? undefined;
}

/** What is written of all bills of a period alike. */
export interface Issue {
  readonly period: Period;
  /** The beginning of the period billed before; undefined for the first. */
  readonly previousFrom: BusinessDate | undefined;
  readonly dueOn: BusinessDate;
  /** The number before the first. */
  readonly numberBefore: bigint;
}

/**
 * Writes the bills of a period, in the order of merchants' codes: of every merchant that something moved for, or that
 * had a balance before. The first period that is billed opens with all that was contributed and collected before it.
 *
 * @returns how many bills there are
 */
export async function insertBills(
  tx: Transaction,
  { period: { from, to }, previousFrom, dueOn, numberBefore }: Issue,
): Promise<number> {
  const opening =
    previousFrom === undefined
      ? tx`
      SELECT merchant_id, contributed_fen + clawed_back_fen AS opening_fen, 0::bigint AS contributed_fen,
        0::bigint AS clawed_back_fen, 0::bigint AS collected_fen, 0::bigint AS adjusted_fen
      FROM merchant_contributions WHERE business_date < ${from}
      UNION ALL SELECT merchant_id, -amount_fen, 0, 0, 0, 0 FROM collections
      WHERE state = 'confirmed' AND business_date < ${from}`
      : tx`
      SELECT merchant_id, closing_fen AS opening_fen, 0::bigint AS contributed_fen, 0::bigint AS clawed_back_fen,
        0::bigint AS collected_fen, 0::bigint AS adjusted_fen
      FROM merchant_bills WHERE period_from = ${previousFrom}`;
  const { count } = await checkingKeysByOnePlan(tx, () =>
    send(tx`
    INSERT INTO merchant_bills (bill_no, merchant_id, period_from, period_to, due_on, opening_fen, contributed_fen,
      clawed_back_fen, collected_fen, adjusted_fen, closing_fen)
    SELECT ${numberTextOf(tx, "B", tx`no`)}, merchant_id, ${from}, ${to}, ${dueOn},
      opening_fen, contributed_fen, clawed_back_fen, collected_fen, adjusted_fen,
      opening_fen + contributed_fen + clawed_back_fen - collected_fen + adjusted_fen
    FROM (
      SELECT m.*, ${numberBefore}::bigint + row_number() OVER (ORDER BY s.merchant_code) AS no
      FROM (
        SELECT merchant_id, sum(opening_fen)::bigint AS opening_fen, sum(contributed_fen)::bigint AS contributed_fen,
          sum(clawed_back_fen)::bigint AS clawed_back_fen, sum(collected_fen)::bigint AS collected_fen,
          sum(adjusted_fen)::bigint AS adjusted_fen
        FROM (
          ${opening}
          UNION ALL SELECT merchant_id, 0, contributed_fen, clawed_back_fen, 0, 0 FROM merchant_contributions
          WHERE business_date BETWEEN ${from} AND ${to}
          UNION ALL SELECT merchant_id, 0, 0, 0, amount_fen, 0 FROM collections
          WHERE state = 'confirmed' AND business_date BETWEEN ${from} AND ${to}
          UNION ALL SELECT merchant_id, 0, 0, 0, 0, amount_fen FROM merchant_adjustments
          WHERE business_date BETWEEN ${from} AND ${to}
        ) moves GROUP BY merchant_id
      ) m JOIN merchants s ON s.merchant_id = m.merchant_id
      WHERE (opening_fen, contributed_fen, clawed_back_fen, collected_fen, adjusted_fen) <> (0, 0, 0, 0, 0)
    ) numbered ORDER BY no`),
  );
  return count;
}

/** Writes down that a period is billed, with what its bills come to: none is added to it from then on. */
export async function insertPeriod(
  tx: Transaction,
  { from, to }: Period,
  dueOn: BusinessDate,
  issuedBy: string,
  issuedAt: Date,
): Promise<BilledPeriod> {
  const [row] = await tx<BilledPeriod[]>`
    INSERT INTO billing_periods (period_from, period_to, due_on, bills, opening_fen, contributed_fen, clawed_back_fen,
      collected_fen, adjusted_fen, closing_fen, issued_by, issued_at)
    SELECT ${from}, ${to}, ${dueOn}, count(*), coalesce(sum(opening_fen), 0), coalesce(sum(contributed_fen), 0),
      coalesce(sum(clawed_back_fen), 0), coalesce(sum(collected_fen), 0), coalesce(sum(adjusted_fen), 0),
      coalesce(sum(closing_fen), 0), ${issuedBy}, ${issuedAt}
    FROM merchant_bills WHERE period_from = ${from}
    RETURNING *`;
  return row!;
}
