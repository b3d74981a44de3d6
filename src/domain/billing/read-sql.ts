import type { Fragment, Sql } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import { rangeOfDays } from "../../db/ranges.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { PageQuery } from "../../shared/page.ts";
import { openBills, type Bill } from "./account-sql.ts";
import { ageingBuckets, type AgeingBucket, type Period } from "./model.ts";

/** A bill, what is open of it, and how long that is overdue. */
export interface OpenBill extends Bill {
  readonly openFen: Fen;
  /** Null where nothing is open. */
  readonly bucket: AgeingBucket | null;
}

/** The range of days that a bill `b` is overdue on a date; null where nothing of it is open. */
const bucketOf = (sql: Sql, today: BusinessDate): Fragment =>
  sql`CASE WHEN b.open_fen <> 0 THEN ${rangeOfDays(
    sql,
    sql`b.due_on`,
    today,
    ageingBuckets.map(({ bucket: word, lastDay }) => ({ word, lastDay })),
  )} END`;

/** What a list of bills can be narrowed to. */
export interface BillFilter {
  readonly merchantCode?: string | undefined;
  readonly period?: Period | undefined;
  readonly bucket?: AgeingBucket | undefined;
  /** Only bills of which something is open. */
  readonly isOpen?: boolean | undefined;
}

/** One page of bills in the order of their numbers. */
export async function selectBills(
  sql: Sql,
  { merchantCode, period, bucket, isOpen }: BillFilter,
  page: PageQuery,
  today: BusinessDate,
): Promise<readonly OpenBill[]> {
  const wanted = where(sql, [
    merchantCode !== undefined && sql`merchant_code = ${merchantCode}`,
    period !== undefined && sql`period_from >= ${period.from} AND period_to <= ${period.to}`,
    bucket !== undefined && sql`bucket = ${bucket}`,
    isOpen === true && sql`open_fen > 0`,
    page.after !== undefined && sql`bill_no > ${page.after}`,
  ]);
  return sql<OpenBill[]>`
    SELECT bill_no, merchant_code, merchant_name, period_from, period_to, due_on, opening_fen, contributed_fen,
      clawed_back_fen, collected_fen, adjusted_fen, closing_fen, open_fen, bucket
    FROM (
      SELECT b.*, s.merchant_code, s.name AS merchant_name, ${bucketOf(sql, today)} AS bucket
      FROM (${openBills(sql)}) b JOIN merchants s ON s.merchant_id = b.merchant_id
    ) x WHERE ${wanted}
    ORDER BY bill_no LIMIT ${page.limit}`;
}

/** What is open of bills of one range of days. */
export interface OpenByAge {
  readonly bucket: AgeingBucket;
  readonly bills: bigint;
  readonly openFen: Fen;
}

/** What is open of all bills on a date, by the days that it is overdue: every range, the empty ones too. */
export async function openByAge(sql: Sql, today: BusinessDate): Promise<readonly OpenByAge[]> {
  const rows = await sql<OpenByAge[]>`
    SELECT bucket, count(*) AS bills, sum(open_fen)::bigint AS open_fen
    FROM (SELECT ${bucketOf(sql, today)} AS bucket, b.open_fen FROM (${openBills(sql)}) b WHERE b.open_fen > 0) x
    GROUP BY bucket`;
  return ageingBuckets.map(
    ({ bucket }) => rows.find((row) => row.bucket === bucket) ?? { bucket, bills: 0n, openFen: 0n },
  );
}

/**
 * One line of a merchant's statement. Amounts that the merchant owes are above zero, what it paid or is let off is below.
 */
export interface StatementLine {
  readonly businessDate: BusinessDate;
  readonly kind: "contribution" | "clawback" | "collection" | Row<"merchantAdjustments">["kind"];
  /** The rate of what was contributed. */
  readonly contributionBps: number | null;
  readonly orders: bigint | null;
  readonly collectionNo: string | null;
  /** What two operators agreed on, where it was written off or corrects a bill. */
  readonly proposalNo: string | null;
  /** The bill that it corrects. */
  readonly billNo: string | null;
  readonly amountFen: Fen;
  /** What the merchant owes after it. */
  readonly balanceFen: Fen;
}

/** The balance of a merchant before a date, in fen, read off the last bill before it. */
export async function balanceBefore(sql: Sql, merchantId: bigint, date: BusinessDate): Promise<Fen> {
  const [row] = await sql<{ balanceFen: Fen }[]>`
    SELECT (coalesce((SELECT closing_fen FROM merchant_bills
      WHERE merchant_id = ${merchantId} AND period_from = p.period_from), 0)
      + coalesce((SELECT sum(contributed_fen + clawed_back_fen) FROM merchant_contributions
          WHERE merchant_id = ${merchantId} AND business_date > p.period_to AND business_date < ${date}), 0)
      - coalesce((SELECT sum(amount_fen) FROM collections
          WHERE merchant_id = ${merchantId} AND state = 'confirmed' AND business_date > p.period_to
            AND business_date < ${date}), 0)
      + coalesce((SELECT sum(amount_fen) FROM merchant_adjustments
          WHERE merchant_id = ${merchantId} AND business_date > p.period_to AND business_date < ${date}),
        0))::bigint AS balance_fen
    FROM (SELECT '-infinity'::date AS period_from, '-infinity'::date AS period_to UNION ALL
      SELECT period_from, period_to FROM billing_periods) p
    WHERE p.period_to < ${date} ORDER BY p.period_to DESC LIMIT 1`;
  return row!.balanceFen;
}

/**
 * What was booked for a merchant from one date to another, as far as dates are closed; collections and adjustments also
 * on those that are not.
 */
export async function statementLines(
  sql: Sql,
  merchantId: bigint,
  { from, to }: Period,
  openingFen: Fen,
): Promise<readonly StatementLine[]> {
  return sql<StatementLine[]>`
    SELECT business_date, kind, contribution_bps, orders, collection_no, proposal_no, bill_no, amount_fen,
      (${openingFen}::bigint + sum(amount_fen) OVER (ORDER BY business_date, place, contribution_bps,
        collection_no, proposal_no))::bigint AS balance_fen
    FROM (
      SELECT business_date, 1 AS place, 'contribution' AS kind, contribution_bps, sum(orders)::bigint AS orders,
        NULL AS collection_no, NULL AS proposal_no, NULL AS bill_no, sum(contributed_fen)::bigint AS amount_fen
        FROM merchant_contributions WHERE merchant_id = ${merchantId} AND business_date BETWEEN ${from} AND ${to}
        GROUP BY business_date, contribution_bps
      UNION ALL
      SELECT business_date, 2, 'clawback', contribution_bps, NULL, NULL, NULL, NULL, sum(clawed_back_fen)::bigint
        FROM merchant_contributions WHERE merchant_id = ${merchantId} AND business_date BETWEEN ${from} AND ${to}
          AND clawed_back_fen <> 0
        GROUP BY business_date, contribution_bps
      UNION ALL
      SELECT business_date, 3, 'collection', NULL, NULL, collection_no, NULL, NULL, -amount_fen
        FROM collections WHERE merchant_id = ${merchantId} AND state = 'confirmed'
          AND business_date BETWEEN ${from} AND ${to}
      UNION ALL
      SELECT business_date, 4, kind, NULL, NULL, NULL, proposal_no, bill_no, amount_fen
        FROM merchant_adjustments WHERE merchant_id = ${merchantId} AND business_date BETWEEN ${from} AND ${to}
    ) x WHERE amount_fen <> 0 ORDER BY business_date, place, contribution_bps, collection_no, proposal_no`;
}

/** The bills of one merchant whose periods touch a span, the oldest first, with what is open of each. */
export async function billsOfMerchant(
  sql: Sql,
  merchantId: bigint,
  { from, to }: Period,
  today: BusinessDate,
): Promise<readonly OpenBill[]> {
  return sql<OpenBill[]>`
    SELECT b.*, s.merchant_code, s.name AS merchant_name, ${bucketOf(sql, today)} AS bucket
    FROM (${openBills(sql, merchantId)}) b JOIN merchants s ON s.merchant_id = b.merchant_id
    WHERE b.period_from <= ${to} AND b.period_to >= ${from} ORDER BY b.period_from`;
}
