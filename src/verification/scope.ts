import type { Fragment, Sql, Transaction } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { dueOf } from "./due-sql.ts";
import { ownRatePeriods, ownRatesOn, policyInForce, policyPeriods } from "./rates-sql.ts";

/** The rows that a check reads: relations for FROM. */
export interface Scope {
  /** The entries to check one by one: all entries of the orders and withdrawals concerned, of any date. */
  readonly entries: Fragment;
  /** The orders that those entries may be of. */
  readonly orders: Fragment;
  /** The orders that must have entries if they are due something. */
  readonly dueOrders: Fragment;
  readonly withdrawals: Fragment;
  /**
   * One row with the number of `entries`, `settled_orders` and `paid_orders` in scope, whether checked one by one or
   * not.
   */
  readonly counted: Fragment;
  /** The entries whose sums journal, runs and balances must equal. */
  readonly ownEntries: Fragment;
  /** Their sums by `run_id`, `kind` and `business_date`, and those of archived entries. */
  readonly sums: Fragment;
  /** The paid withdrawals whose sums the journal must equal. */
  readonly paidWithdrawals: Fragment;
  /** The collections whose sums the journal must equal. */
  readonly collections: Fragment;
  /** The opening collections that a statement of their account settled, each with the date on which it did. */
  readonly openings: Fragment;
  /** The statements of money accounts that the journal has to say. */
  readonly statements: Fragment;
  /**
   * What matching moved: one row for each match and for each that was taken back, with `recon_no`, `business_date`,
   * `thing` and `amount_fen`.
   */
  readonly matched: Fragment;
  /** What adjustments came to, one row for each proposal that was applied. */
  readonly adjusted: Fragment;
  /** What merchants owe more or less, by what was written off and corrected. */
  readonly owedAdjusted: Fragment;
  readonly runs: Fragment;
  readonly transactions: Fragment;
  readonly lines: Fragment;
  /** The records of the withdrawals. */
  readonly withdrawalActions: Fragment;
  /** Whether a date is among those that `transactions` are of. */
  readonly isCovered: (date: Fragment) => Fragment;
}

/** Sums of entries, and of archived ones of the same dates. @param isOfDates whether a row of either is of those dates */
const sumsOf = (sql: Sql, entries: Fragment, isOfDates: Fragment): Fragment => sql`
  SELECT run_id, kind, business_date, false AS is_archived, count(*) AS entries, count(*) FILTER (WHERE entry_no = 1) AS first_entries,
    sum(available_points)::bigint AS available_points, sum(held_points)::bigint AS held_points,
    coalesce(sum(available_points) FILTER (WHERE available_points > 0), 0)::bigint AS points_granted,
    coalesce(-sum(available_points) FILTER (WHERE available_points < 0), 0)::bigint AS points_clawed_back,
    coalesce(sum(contribution_fen), 0)::bigint AS contribution_fen
  FROM ${entries} x GROUP BY run_id, kind, business_date
  UNION ALL
  SELECT run_id, kind, business_date, true, sum(entries)::bigint, sum(first_entries)::bigint,
    sum(available_points)::bigint, 0, coalesce(sum(available_points) FILTER (WHERE kind = 'grant'), 0)::bigint,
    coalesce(-sum(available_points) FILTER (WHERE kind = 'clawback'), 0)::bigint,
    sum(contributed_fen + clawed_back_fen)::bigint
  FROM carried_entries WHERE ${isOfDates} GROUP BY run_id, kind, business_date`;

const matchedLinesOn = (sql: Sql, condition: Fragment): Fragment => sql`
  SELECT r.recon_no, r.business_date, m.thing, m.amount_fen FROM reconciliations r
  JOIN line_matches m ON m.recon_no = r.recon_no WHERE ${condition}
  UNION ALL
  SELECT r.recon_no, r.business_date, m.thing, -m.amount_fen FROM reconciliations r
  JOIN line_matches m ON m.undone_by = r.recon_no WHERE ${condition}`;

/** What matching moved, and what payouts moved that no statement will show: as if a line of nothing had. */
const matchedOn = (sql: Sql, condition: Fragment): Fragment => sql`
  ${matchedLinesOn(sql, condition)}
  UNION ALL
  SELECT r.recon_no, r.business_date, x.thing, x.sign * v.net_fen FROM reconciliations r
  JOIN voided_payouts v ON v.recon_no = r.recon_no
  CROSS JOIN (VALUES ('payout', -1), ('write_off', 1)) x (thing, sign) WHERE ${condition}`;

const settledOpenings = (sql: Sql): Fragment => sql`
  SELECT c.collection_no, c.amount_fen, greatest(c.business_date, s.first_on) AS business_date
  FROM collections c JOIN (SELECT money_account, min(business_date) AS first_on FROM statements
    GROUP BY money_account) s ON s.money_account = c.money_account
  WHERE c.state = 'confirmed' AND c.is_opening`;

/** The whole database, read as it is: without temporary tables, which a standby cannot make. */
export const everything = (sql: Sql): Scope => ({
  entries: sql`points_entries`,
  orders: sql`orders`,
  dueOrders: sql`orders`,
  withdrawals: sql`withdrawals`,
  counted: sql`(
    SELECT (SELECT count(*) FROM points_entries) AS entries,
      (SELECT count(*) FROM points_entries WHERE run_id IS NOT NULL AND entry_no = 1) AS settled_orders,
      (SELECT count(*) FROM orders WHERE status = 'paid') AS paid_orders)`,
  ownEntries: sql`points_entries`,
  sums: sql`(${sumsOf(sql, sql`points_entries`, sql`true`)})`,
  paidWithdrawals: sql`(SELECT * FROM withdrawals WHERE status = 'paid')`,
  collections: sql`(SELECT * FROM collections WHERE state = 'confirmed')`,
  openings: sql`(${settledOpenings(sql)})`,
  statements: sql`statements`,
  matched: sql`(${matchedOn(sql, sql`true`)})`,
  adjusted: sql`adjustment_postings`,
  owedAdjusted: sql`merchant_adjustments`,
  runs: sql`grant_runs`,
  transactions: sql`journal_transactions`,
  lines: sql`journal_lines`,
  withdrawalActions: sql`operator_actions`,
  isCovered: () => sql`true`,
});

/**
 * The whole database, once more: fills temporary tables with the orders, entries and sums that are to be looked at, so
 * that orders and entries are joined once, not by each check.
 *
 * @returns what the checks then read
 */
export async function gatherEverything(tx: Transaction): Promise<Scope> {
  await gatherSums(tx, tx`points_entries`, tx`true`);
  // Of a query that numbers rows the planner does not know how many merchants it has, and joins the wrong way round.
  await tx`CREATE TEMP TABLE rate_periods ON COMMIT DROP AS ${ownRatePeriods(tx)}`;
  await tx`ANALYZE rate_periods`;
  await gatherDoubts(tx, {
    entries: tx`points_entries`,
    orders: tx`orders`,
    withRatesInForce: tx`
      LEFT JOIN rate_periods c ON c.merchant_id = o.merchant_id AND o.business_date >= c.from_date
        AND o.business_date < c.to_date
      LEFT JOIN (${policyPeriods(tx)}) p ON o.business_date >= p.from_date AND o.business_date < p.to_date`,
    areAllInDoubt: tx`false`,
  });
  await gatherDoubted(tx, {
    orders: tx`SELECT o.* FROM doubts d JOIN orders o ON o.member_id = d.member_id AND o.order_id = d.ref_id`,
    entries: tx`SELECT e.* FROM doubts d JOIN points_entries e ON e.member_id = d.member_id AND e.ref_id = d.ref_id`,
  });
  return {
    ...everything(tx),
    entries: tx`doubted_entries`,
    orders: tx`doubted_orders`,
    dueOrders: tx`doubted_orders`,
    counted: tx`(
      SELECT s.*, (SELECT count(*) FROM orders WHERE status = 'paid') AS paid_orders
      FROM (SELECT coalesce(sum(entries), 0)::bigint AS entries,
        coalesce(sum(first_entries) FILTER (WHERE run_id IS NOT NULL), 0)::bigint AS settled_orders
        FROM entry_sums WHERE NOT is_archived) s)`,
    sums: tx`entry_sums`,
  };
}

/**
 * One business date: fills temporary tables with the sums of its entries, and the orders and entries to look at. Rows
 * of the date are found by the block range indexes, the rest by key, so the cost follows the date. OFFSET 0 keeps a
 * read by key from being planned as a join with the whole table.
 *
 * @returns what the checks then read
 */
export async function gatherDate(tx: Transaction, date: BusinessDate): Promise<Scope> {
  await gatherSums(tx, entriesOf(tx, date), tx`business_date = ${date}`);
  await gatherDoubts(tx, {
    entries: entriesOf(tx, date),
    orders: tx`(SELECT * FROM orders WHERE business_date = ${date})`,
    withRatesInForce: tx`
      LEFT JOIN (${ownRatesOn(tx, tx`${date}::date`)}) c ON c.merchant_id = o.merchant_id
      CROSS JOIN (${policyInForce(tx, tx`${date}::date`)}) p`,
    // An order has no entry beyond its first of this date unless a later run wrote one.
    areAllInDoubt: tx`EXISTS (SELECT FROM grant_runs WHERE business_date > ${date})`,
  });
  await gatherDoubted(tx, {
    orders: tx`SELECT o.* FROM doubts d
      CROSS JOIN LATERAL (SELECT * FROM orders o WHERE o.member_id = d.member_id AND o.order_id = d.ref_id OFFSET 0) o`,
    entries: tx`SELECT e.* FROM doubts d
      CROSS JOIN LATERAL (SELECT * FROM points_entries e
        WHERE e.member_id = d.member_id AND e.ref_id = d.ref_id OFFSET 0) e`,
  });
  return ofDate(tx, date);
}

/** One business date, by the temporary tables of `gatherDate`. */
function ofDate(sql: Sql, date: BusinessDate): Scope {
  const withdrawalsWith = (kinds: Fragment) => sql`(
    SELECT w.* FROM (SELECT DISTINCT member_id, ref_id FROM doubted_entries
      WHERE business_date = ${date} AND kind IN (${kinds})) d
    CROSS JOIN LATERAL (SELECT * FROM withdrawals w
      WHERE w.member_id = d.member_id AND w.withdrawal_id = d.ref_id OFFSET 0) w)`;
  const withdrawals = withdrawalsWith(sql`'hold', 'release', 'burn'`);
  return {
    entries: sql`doubted_entries`,
    orders: sql`doubted_orders`,
    dueOrders: sql`(SELECT * FROM doubted_orders WHERE business_date = ${date})`,
    withdrawals,
    counted: sql`(
      SELECT s.entries + o.entries AS entries, s.first_entries + o.first_entries AS settled_orders,
        (SELECT count(*) FROM orders WHERE business_date = ${date} AND status = 'paid') AS paid_orders
      FROM
        (SELECT coalesce(sum(entries), 0)::bigint AS entries,
        coalesce(sum(first_entries) FILTER (WHERE run_id IS NOT NULL), 0)::bigint AS first_entries
        FROM entry_sums WHERE NOT is_archived) s,
          (SELECT count(*) AS entries, count(*) FILTER (WHERE run_id IS NOT NULL AND entry_no = 1) AS first_entries
            FROM doubted_entries WHERE business_date <> ${date}) o)`,
    ownEntries: entriesOf(sql, date),
    sums: sql`entry_sums`,
    paidWithdrawals: withdrawalsWith(sql`'burn'`),
    collections: sql`(SELECT * FROM collections WHERE state = 'confirmed' AND business_date = ${date})`,
    openings: sql`(SELECT * FROM (${settledOpenings(sql)}) o WHERE business_date = ${date})`,
    statements: sql`(SELECT * FROM statements WHERE business_date = ${date})`,
    matched: sql`(${matchedOn(sql, sql`r.business_date = ${date}`)})`,
    adjusted: sql`(SELECT * FROM adjustment_postings WHERE business_date = ${date})`,
    owedAdjusted: sql`(SELECT * FROM merchant_adjustments WHERE business_date = ${date})`,
    runs: sql`(SELECT * FROM grant_runs WHERE business_date = ${date})`,
    transactions: sql`(SELECT * FROM journal_transactions WHERE business_date = ${date})`,
    lines: sql`(
      SELECT l.* FROM journal_transactions t
      CROSS JOIN LATERAL (SELECT * FROM journal_lines l WHERE l.journal_id = t.journal_id OFFSET 0) l
      WHERE t.business_date = ${date})`,
    withdrawalActions: sql`(
      SELECT a.* FROM ${withdrawals} w
      CROSS JOIN LATERAL (SELECT * FROM operator_actions a
        WHERE a.subject_kind = 'withdrawal' AND a.subject = w.withdrawal_no OFFSET 0) a)`,
    isCovered: (one) => sql`${one} = ${date}`,
  };
}

const entriesOf = (sql: Sql, date: BusinessDate): Fragment =>
  sql`(SELECT * FROM points_entries WHERE business_date = ${date})`;

async function gatherSums(tx: Transaction, entries: Fragment, isOfDates: Fragment): Promise<void> {
  await tx`CREATE TEMP TABLE entry_sums ON COMMIT DROP AS ${sumsOf(tx, entries, isOfDates)}`;
}

/**
 * Nearly all orders are paid, and settled by one first entry with the points due: one join of orders and entries proves
 * that, at the rates that are in force on their dates now. The others are to be checked one by one: refunded, late or
 * without an entry, withdrawals, and whatever is wrong. Entries count up from 1 and a run settles an order once, so an
 * order that has more than one has them all looked at.
 *
 * @param among.withRatesInForce joins `c`, the merchant's own rate, and `p`, the policy, to an order `o`
 */
async function gatherDoubts(
  tx: Transaction,
  among: Readonly<Record<"entries" | "orders" | "withRatesInForce" | "areAllInDoubt", Fragment>>,
): Promise<void> {
  const due = dueOf(tx, tx`o`, tx`e`);
  await tx`
    CREATE TEMP TABLE doubts ON COMMIT DROP AS
    SELECT DISTINCT coalesce(e.member_id, o.member_id) AS member_id, coalesce(e.ref_id, o.order_id) AS ref_id
    FROM (
      SELECT member_id, ref_id, entry_no, kind, available_points, contribution_fen, contribution_bps, points_bps
      FROM ${among.entries} x
    ) e
    FULL JOIN (
      SELECT member_id, order_id, merchant_id, business_date, status, amount_fen - refunded_fen AS net_fen
      FROM ${among.orders} x
    ) o ON o.member_id = e.member_id AND o.order_id = e.ref_id
    LEFT JOIN uncollected_orders u ON u.member_id = e.member_id AND u.order_id = e.ref_id
    ${among.withRatesInForce}
    WHERE ${among.areAllInDoubt} OR CASE WHEN e.member_id IS NULL THEN o.status = 'paid' ELSE (
        o.status = 'paid' AND e.entry_no = 1 AND e.kind IN ('grant', 'contribution')
        AND e.available_points = CASE WHEN u.order_id IS NULL THEN ${due.points} ELSE 0 END
        AND e.contribution_fen = ${due.contributionFen}
        AND e.contribution_bps = coalesce(c.contribution_bps, p.contribution_bps) AND e.points_bps = p.points_bps
      ) IS NOT TRUE END`;
  await tx`ANALYZE doubts`;
}

/** Keeps the orders in doubt, and all entries of what is in doubt. */
async function gatherDoubted(
  tx: Transaction,
  { orders, entries }: Readonly<Record<"orders" | "entries", Fragment>>,
): Promise<void> {
  await tx`CREATE TEMP TABLE doubted_orders ON COMMIT DROP AS ${orders}`;
  await tx`CREATE TEMP TABLE doubted_entries ON COMMIT DROP AS ${entries}`;
  await tx`ANALYZE doubted_orders`;
  await tx`ANALYZE doubted_entries`;
}
