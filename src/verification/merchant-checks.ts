import type { Fragment, Sql } from "../db/database.ts";
import { merchantStandings } from "../domain/billing/account-sql.ts";
import { formatYuan } from "../shared/money.ts";
import { formatRate } from "../shared/rates.ts";
import { areSame, newWeight } from "./fingerprints.ts";
import { findingsOf, namedViolations, noneOf, yuanOrNull, type Findings } from "./model.ts";

/**
 * What each merchant is said to have contributed on a closed date, at each rate, is what the entries of its orders add
 * up to. A date that is reopened may have entries that its next closing will count, and is looked at then.
 */
export async function contributionsMatchEntries(sql: Sql): Promise<Findings> {
  type Row = {
    businessDate: string;
    merchantCode: string | null;
    contributionBps: number;
    contributedFen: bigint;
    clawedBackFen: bigint;
    entriesFen: bigint;
    clawbacksFen: bigint;
    found: bigint;
  };
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM merchant_contributions`;
  if (await contributionsWeighTheSame(sql)) return noneOf(all!.count);
  const rows = await sql<Row[]>`
    SELECT business_date, s.merchant_code, contribution_bps, coalesce(c.contributed_fen, 0) AS contributed_fen,
      coalesce(c.clawed_back_fen, 0) AS clawed_back_fen, coalesce(e.contributed_fen, 0) AS entries_fen,
      coalesce(e.clawed_back_fen, 0) AS clawbacks_fen, count(*) OVER () AS found
    FROM (
      SELECT business_date, merchant_id, contribution_bps, sum(orders)::bigint AS orders,
        sum(contributed_fen)::bigint AS contributed_fen, sum(clawed_back_fen)::bigint AS clawed_back_fen,
        coalesce(sum(unevidenced_orders), 0) AS unevidenced_orders
      FROM ${countedContributions(sql)} GROUP BY business_date, merchant_id, contribution_bps
    ) c
    FULL JOIN (
      SELECT business_date, merchant_id, contribution_bps, sum(orders)::bigint AS orders,
        sum(contributed_fen)::bigint AS contributed_fen, sum(clawed_back_fen)::bigint AS clawed_back_fen
      FROM (
        SELECT business_date, merchant_id, contribution_bps, count(*) FILTER (WHERE entry_no = 1) AS orders,
          coalesce(sum(contribution_fen) FILTER (WHERE contribution_fen > 0), 0) AS contributed_fen,
          coalesce(sum(contribution_fen) FILTER (WHERE contribution_fen < 0), 0) AS clawed_back_fen
        FROM ${countedEntries(sql)} WHERE merchant_id IS NOT NULL
        GROUP BY business_date, merchant_id, contribution_bps
        UNION ALL
        SELECT business_date, merchant_id, contribution_bps, first_entries, contributed_fen, clawed_back_fen
        FROM carried_entries -- of closed dates, which stay so
      ) x GROUP BY business_date, merchant_id, contribution_bps
    ) e USING (business_date, merchant_id, contribution_bps)
    LEFT JOIN merchants s USING (merchant_id)
    WHERE (coalesce(c.orders, 0), coalesce(c.contributed_fen, 0), coalesce(c.clawed_back_fen, 0))
      <> (coalesce(e.orders, 0), coalesce(e.contributed_fen, 0), coalesce(e.clawed_back_fen, 0))
      OR c.unevidenced_orders NOT BETWEEN 0 AND c.orders
    ORDER BY business_date, s.merchant_code, contribution_bps LIMIT ${namedViolations}`;
  return findingsOf(all!.count, rows, (row) => ({
    business_date: row.businessDate,
    merchant_code: row.merchantCode,
    contribution_rate: formatRate(row.contributionBps),
    contributed: formatYuan(row.contributedFen),
    clawed_back: formatYuan(row.clawedBackFen),
    entries: formatYuan(row.entriesFen),
    clawbacks: formatYuan(row.clawbacksFen),
  }));
}

/** What merchants contributed on closed dates, as it was written down. */
const countedContributions = (sql: Sql): Fragment => sql`(
  SELECT * FROM merchant_contributions
  WHERE business_date NOT IN (SELECT business_date FROM business_dates WHERE state <> 'closed')) c`;

/**
 * The entries of orders on closed dates, each with its merchant; null where there is no such order. Of an inner join by
 * two columns the planner would expect a row or two.
 */
const countedEntries = (sql: Sql): Fragment => sql`(
  SELECT e.business_date, o.merchant_id, e.contribution_bps, e.entry_no, e.contribution_fen
  FROM points_entries e LEFT JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
  WHERE e.run_id IS NOT NULL
    AND e.business_date <= (SELECT max(business_date) FROM business_dates WHERE state = 'closed')
    AND e.business_date NOT IN (SELECT business_date FROM business_dates WHERE state <> 'closed')) e`;

/**
 * Whether both say the same of each date, merchant and rate, by their fingerprints. Of orders without evidence entries
 * say nothing.
 */
export async function contributionsWeighTheSame(sql: Sql): Promise<boolean> {
  const ofKey = () =>
    newWeight(
      sql,
      { number: sql`(business_date - date '2000-01-01')::bigint` },
      { number: sql`merchant_id` },
      { number: sql`contribution_bps::bigint` },
    );
  const [orders, contributed, clawedBack] = [ofKey(), ofKey(), ofKey()];
  return areSame(
    sql,
    sql`
    SELECT (
      SELECT coalesce(sum(orders * ${orders} + contributed_fen * ${contributed}), 0)
        + coalesce(sum(clawed_back_fen * ${clawedBack}) FILTER (WHERE clawed_back_fen <> 0), 0)
      FROM ${countedContributions(sql)}
    ) AS one, (
      SELECT coalesce(sum(${orders}) FILTER (WHERE entry_no = 1), 0)
        + coalesce(sum(contribution_fen * ${contributed}) FILTER (WHERE contribution_fen > 0), 0)
        + coalesce(sum(contribution_fen * ${clawedBack}) FILTER (WHERE contribution_fen < 0), 0)
      FROM ${countedEntries(sql)}
    ) + (
      SELECT coalesce(sum(first_entries * ${orders} + contributed_fen * ${contributed}), 0)
        + coalesce(sum(clawed_back_fen * ${clawedBack}) FILTER (WHERE clawed_back_fen <> 0), 0)
      FROM carried_entries
    ) AS other
    UNION ALL SELECT count(*), 0 FROM merchant_contributions WHERE unevidenced_orders <> 0`,
  );
}

/**
 * Each bill says what was contributed, clawed back, collected and adjusted in its period, and opens with what the merchant's bill
 * before closed with; every merchant that something moved for, or that had a balance, has one; and each period says
 * what its bills add up to.
 */
export async function billsMatchBooks(sql: Sql): Promise<Findings> {
  type Row = {
    periodFrom: string;
    merchantCode: string | null;
    billNo: string | null;
    billed: string | null;
    booked: string | null;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    WITH periods AS MATERIALIZED (
      SELECT *, lag(period_from) OVER (ORDER BY period_from) AS previous_from FROM billing_periods
    ), moves AS (
      SELECT p.period_from, b.merchant_id, b.closing_fen AS opening_fen, 0::bigint AS contributed_fen,
        0::bigint AS clawed_back_fen, 0::bigint AS collected_fen, 0::bigint AS adjusted_fen
        FROM periods p JOIN merchant_bills b ON b.period_from = p.previous_from
      UNION ALL SELECT p.period_from, c.merchant_id, c.contributed_fen + c.clawed_back_fen, 0, 0, 0, 0
        FROM periods p JOIN merchant_contributions c ON c.business_date < p.period_from WHERE p.previous_from IS NULL
      UNION ALL SELECT p.period_from, c.merchant_id, -c.amount_fen, 0, 0, 0, 0
        FROM periods p JOIN collections c ON c.state = 'confirmed' AND c.business_date < p.period_from
        WHERE p.previous_from IS NULL
      UNION ALL SELECT p.period_from, c.merchant_id, 0, c.contributed_fen, c.clawed_back_fen, 0, 0
        FROM periods p JOIN merchant_contributions c ON c.business_date BETWEEN p.period_from AND p.period_to
      UNION ALL SELECT p.period_from, c.merchant_id, 0, 0, 0, c.amount_fen, 0
        FROM periods p JOIN collections c ON c.state = 'confirmed'
          AND c.business_date BETWEEN p.period_from AND p.period_to
      UNION ALL SELECT p.period_from, a.merchant_id, 0, 0, 0, 0, a.amount_fen
        FROM periods p JOIN merchant_adjustments a ON a.business_date BETWEEN p.period_from AND p.period_to
    ), booked AS (
      SELECT period_from, merchant_id,
        concat_ws(' ', sum(opening_fen), sum(contributed_fen), sum(clawed_back_fen), sum(collected_fen),
          sum(adjusted_fen)) AS booked
      FROM moves GROUP BY period_from, merchant_id
      HAVING (sum(opening_fen), sum(contributed_fen), sum(clawed_back_fen), sum(collected_fen), sum(adjusted_fen))
        <> (0, 0, 0, 0, 0)
    ), compared AS (
      SELECT period_from, merchant_id, b.bill_no,
        concat_ws(' ', b.opening_fen, b.contributed_fen, b.clawed_back_fen, b.collected_fen, b.adjusted_fen) AS billed,
        k.booked,
        (b.period_to, b.due_on) IS NOT DISTINCT FROM (p.period_to, p.due_on) AS is_of_period
      FROM merchant_bills b FULL JOIN booked k USING (period_from, merchant_id) LEFT JOIN periods p USING (period_from)
      UNION ALL
      SELECT period_from, NULL, NULL,
        concat_ws(' ', p.opening_fen, p.contributed_fen, p.clawed_back_fen, p.collected_fen, p.adjusted_fen,
          p.closing_fen, p.bills), (SELECT concat_ws(' ', coalesce(sum(b.opening_fen), 0),
            coalesce(sum(b.contributed_fen), 0), coalesce(sum(b.clawed_back_fen), 0), coalesce(sum(b.collected_fen), 0),
            coalesce(sum(b.adjusted_fen), 0), coalesce(sum(b.closing_fen), 0), count(*)) FROM merchant_bills b
            WHERE b.period_from = p.period_from), true
      FROM periods p
    )
    SELECT period_from, s.merchant_code, bill_no, billed, booked, count(*) OVER () AS found
    FROM compared LEFT JOIN merchants s USING (merchant_id)
    WHERE nullif(billed, '') IS DISTINCT FROM booked OR NOT is_of_period
    ORDER BY period_from, s.merchant_code LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM merchant_bills`;
  return findingsOf(all!.count, rows, ({ periodFrom, merchantCode, billNo, billed, booked }) => ({
    period_from: periodFrom,
    merchant_code: merchantCode,
    bill_no: billNo,
    billed_fen: billed,
    booked_fen: booked,
  }));
}

/**
 * What merchants owe, each by itself, adds up to what the journal says they owe together: what is left of their bills,
 * and what they contributed since, on dates that are closed and on those that are not.
 */
export async function merchantsOweReceivable(sql: Sql): Promise<Findings> {
  type Row = { journalFen: bigint; merchantsFen: bigint; merchants: bigint };
  const [row] = await sql<Row[]>`
    SELECT m.merchants, (m.owed_fen + e.contribution_fen - c.contribution_fen)::bigint AS merchants_fen, j.journal_fen
    FROM (SELECT count(*) AS merchants, coalesce(sum(billed_fen + unbilled_fen), 0)::bigint AS owed_fen
      FROM (${merchantStandings(sql)}) s) m,
      (SELECT (SELECT coalesce(sum(contribution_fen), 0) FROM points_entries WHERE run_id IS NOT NULL)
        + (SELECT coalesce(sum(contributed_fen + clawed_back_fen), 0) FROM carried_entries) AS contribution_fen) e,
      (SELECT coalesce(sum(contributed_fen + clawed_back_fen), 0)::bigint AS contribution_fen
        FROM merchant_contributions) c,
      (SELECT coalesce(sum(amount), 0)::bigint AS journal_fen FROM journal_lines
        WHERE account = 'contributions_receivable') j`;
  const { journalFen, merchantsFen, merchants } = row!;
  const isSame = journalFen === merchantsFen;
  return {
    checked: merchants,
    found: isSame ? 0n : 1n,
    violations: isSame ? [] : [{ receivable: formatYuan(journalFen), merchants_owe: formatYuan(merchantsFen) }],
  };
}

/**
 * The money of each confirmed collection is booked on the account that it came in on, once; that of an opening one only
 * as long as no statement says what stood there.
 */
export async function collectionsAreBanked(sql: Sql): Promise<Findings> {
  type Row = {
    collectionNo: string;
    moneyAccount: string | null;
    amountFen: bigint | null;
    booked: string | null;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT collection_no, c.money_account, c.amount_fen, l.booked, count(*) OVER () AS found
    FROM (
      SELECT c.*, CASE WHEN c.is_opening AND EXISTS (SELECT FROM statements s WHERE s.money_account = c.money_account)
        THEN concat_ws(' ', -c.amount_fen, c.amount_fen) ELSE c.amount_fen::text END AS moves
      FROM collections c WHERE c.state = 'confirmed'
    ) c
    FULL JOIN (
      SELECT t.document_no AS collection_no,
        concat_ws(' ', string_agg(DISTINCT l.money_account, ', '),
          string_agg(l.amount::text, ' ' ORDER BY l.amount)) AS booked
      FROM journal_transactions t JOIN journal_lines l ON l.journal_id = t.journal_id AND l.account = 'bank'
      WHERE t.kind = 'collection' GROUP BY t.document_no
    ) l USING (collection_no)
    WHERE l.booked IS DISTINCT FROM concat_ws(' ', c.money_account, c.moves) ORDER BY collection_no
    LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM collections WHERE state = 'confirmed'`;
  return findingsOf(all!.count, rows, ({ collectionNo, moneyAccount, amountFen, booked }) => ({
    collection_no: collectionNo,
    money_account: moneyAccount,
    amount: yuanOrNull(amountFen),
    booked_fen: booked,
  }));
}
