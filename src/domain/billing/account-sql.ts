import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";

/**
 * What merchants owe is never written down but on bills: it follows from the last bill, what was contributed on the
 * closed dates after it, and what was collected, written off and corrected since. Money pays the oldest bills first,
 * and so does what is written off; so what is open is the newest part of what was billed.
 */

/** One at a time: what one act matches, writes off or corrects is no longer open to the next. */
export async function takeMatchingTurn(tx: Transaction): Promise<void> {
  await tx`SELECT pg_advisory_xact_lock(hashtext('accrue reconcile'), 0)`;
}

/** The last date that is billed; without bills, before all dates. */
const billedTo = (sql: Sql): Fragment => sql`(SELECT coalesce(max(period_to), '-infinity') FROM billing_periods)`;

/** One merchant, or a query for the merchant_id of some; all where it is not given. */
type Whose = bigint | Fragment | undefined;

/** Restricts a relation that has merchant_id to some merchants. */
const ofMerchant = (sql: Sql, whose: Whose): Fragment => {
  if (whose === undefined) return sql``;
  return typeof whose === "bigint" ? sql`AND merchant_id = ${whose}` : sql`AND merchant_id IN (${whose})`;
};

/**
 * What each merchant stands at: a query for merchant_id, billed_fen (what is left of the bills; below zero a
 * prepayment) and unbilled_fen (contributed on closed dates after them). Merchants without a bill of the last period
 * that nothing was booked for since are missing: they owe nothing.
 */
export const merchantStandings = (sql: Sql, whose?: Whose): Fragment => sql`
  SELECT merchant_id, sum(closing_fen - collected_fen)::bigint AS billed_fen,
    sum(contributed_fen)::bigint AS unbilled_fen
  FROM (
    SELECT merchant_id, closing_fen, 0::bigint AS contributed_fen, 0::bigint AS collected_fen FROM merchant_bills
      WHERE period_from = (SELECT max(period_from) FROM billing_periods) ${ofMerchant(sql, whose)}
    UNION ALL SELECT merchant_id, 0, contributed_fen + clawed_back_fen, 0 FROM merchant_contributions
      WHERE business_date > ${billedTo(sql)} ${ofMerchant(sql, whose)}
    UNION ALL SELECT merchant_id, 0, 0, amount_fen FROM collections
      WHERE state = 'confirmed' AND business_date > ${billedTo(sql)} ${ofMerchant(sql, whose)}
    UNION ALL SELECT merchant_id, 0, 0, -amount_fen FROM merchant_adjustments
      WHERE business_date > ${billedTo(sql)} ${ofMerchant(sql, whose)}
  ) moves GROUP BY merchant_id`;

/**
 * What is open of each bill: a query for the columns of the bills, charge_fen, open_fen, and charged_from, the first
 * date that it charges. A merchant's first bill charges what its opening balance was, too: nobody had billed that. What
 * corrects a bill changes what that one charges, and not the next, which only says it.
 */
export const openBills = (sql: Sql, whose?: Whose): Fragment => sql`
  SELECT b.*, least(charge_fen, greatest(0, coalesce(s.billed_fen, 0) - later_fen)) AS open_fen
  FROM (
    SELECT c.*, coalesce(sum(charge_fen) OVER later_bills, 0)::bigint AS later_fen
    FROM (
      SELECT m.*, greatest(0, contributed_fen + clawed_back_fen + coalesce(corrected_fen, 0)
        + CASE WHEN is_first THEN opening_fen ELSE 0 END) AS charge_fen,
        CASE WHEN is_first AND opening_fen > 0 THEN '-infinity' ELSE period_from END AS charged_from
      FROM (
        SELECT *, period_from = min(period_from) OVER (PARTITION BY merchant_id) AS is_first FROM merchant_bills
        WHERE true ${ofMerchant(sql, whose)}
      ) m
      LEFT JOIN (SELECT bill_no, sum(amount_fen)::bigint AS corrected_fen FROM merchant_adjustments
        WHERE kind = 'correction' GROUP BY bill_no) a USING (bill_no)
    ) c
    WINDOW later_bills AS (PARTITION BY merchant_id ORDER BY period_from DESC ROWS BETWEEN UNBOUNDED PRECEDING
      AND 1 PRECEDING)
  ) b LEFT JOIN (${merchantStandings(sql, whose)}) s USING (merchant_id)`;

/**
 * Up to which business date each merchant has paid: a query for merchant_id and cleared_to. While a bill is open that
 * is the day before what the oldest such charges; else the last closed date that the prepayment covers. Merchants that
 * nothing was booked for since the last bills, and that have none of those, are missing: they owe nothing.
 */
export const clearedMerchants = (sql: Sql, whose?: Whose): Fragment => sql`
  WITH standings AS MATERIALIZED (${merchantStandings(sql, whose)}), open AS (
    SELECT merchant_id, min(charged_from) AS charged_from FROM (${openBills(sql, whose)}) b WHERE open_fen > 0
    GROUP BY merchant_id
  ), covered AS (
    SELECT merchant_id, max(business_date) AS covered_to
    FROM (
      SELECT merchant_id, business_date,
        sum(sum(contributed_fen + clawed_back_fen)) OVER (PARTITION BY merchant_id ORDER BY business_date) AS owed_fen
      FROM merchant_contributions WHERE business_date > ${billedTo(sql)} ${ofMerchant(sql, whose)}
      GROUP BY merchant_id, business_date
    ) days JOIN standings USING (merchant_id)
    WHERE owed_fen + billed_fen <= 0 GROUP BY merchant_id
  )
  SELECT merchant_id, CASE
      WHEN charged_from IS NOT NULL THEN charged_from - 1
      WHEN billed_fen + unbilled_fen <= 0 THEN (SELECT max(business_date) FROM business_dates WHERE state = 'closed')
      ELSE coalesce(covered_to, ${billedTo(sql)}) END AS cleared_to
  FROM standings LEFT JOIN open USING (merchant_id) LEFT JOIN covered USING (merchant_id)`;

/** A merchant's bill of a period. */
export interface Bill extends Omit<Row<"merchantBills">, "merchantId"> {
  readonly merchantCode: string;
  readonly merchantName: string;
}

/** What one merchant stands at, in fen. */
export interface MerchantStanding {
  /** What is left of its bills; below zero a prepayment. */
  readonly billedFen: Fen;
  /** What it contributed on closed dates that are not billed yet. */
  readonly unbilledFen: Fen;
  /** Up to which date it has paid; null where it has not for any. */
  readonly clearedTo: BusinessDate | null;
}

/** What one merchant stands at. */
export async function standingOf(sql: Sql, merchantId: bigint): Promise<MerchantStanding> {
  const [row] = await sql<MerchantStanding[]>`
    SELECT s.billed_fen, s.unbilled_fen, nullif(c.cleared_to, '-infinity') AS cleared_to
    FROM (${merchantStandings(sql, merchantId)}) s JOIN (${clearedMerchants(sql, merchantId)}) c USING (merchant_id)`;
  return row ?? { billedFen: 0n, unbilledFen: 0n, clearedTo: null };
}
