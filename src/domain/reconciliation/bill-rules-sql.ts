import type { Fragment, Transaction } from "../../db/database.ts";
import type { OpenBills } from "./sql.ts";

/*
 * Which lines are money of merchants, for bills. Their merchants are known by the number of a bill or by the payer's account, and the
 * amount is what is open of bills: never by amount and date alone.
 */

/**
 * Gathers the merchants that open lines may be of: of bills that they name, and of payers' accounts. Gives whether
 * there is any.
 */
export async function gatherPayingMerchants(tx: Transaction): Promise<boolean> {
  await tx`
    CREATE TEMP TABLE paying_merchants ON COMMIT DROP AS
    SELECT b.merchant_id FROM named_numbers n JOIN merchant_bills b ON b.bill_no = n.number
    UNION SELECT payer_id FROM work_lines WHERE payer_id IS NOT NULL`;
  await tx`ANALYZE paying_merchants`;
  await tx`CREATE TEMP TABLE claimed_money (line_id bigint, merchant_id bigint, amount_fen bigint) ON COMMIT DROP`;
  const [row] = await tx<{ found: boolean }[]>`SELECT EXISTS (SELECT FROM paying_merchants) AS found`;
  return row!.found;
}

/**
 * What is open of each bill of those merchants (open_fen), of it and all older ones (up_to_fen) and of all the
 * merchant's bills (owed_fen).
 */
const owedBills = (tx: Transaction, openBills: OpenBills): Fragment => tx`(
  SELECT b.merchant_id, b.bill_no, b.period_from, b.open_fen,
    sum(b.open_fen) OVER (PARTITION BY b.merchant_id ORDER BY b.period_from)::bigint AS up_to_fen,
    sum(b.open_fen) OVER (PARTITION BY b.merchant_id)::bigint AS owed_fen,
    (p.issued_at AT TIME ZONE (SELECT time_zone FROM platform))::date AS issued_on
  FROM (${openBills(tx`SELECT merchant_id
    FROM paying_merchants`)}) b JOIN billing_periods p ON p.period_from = b.period_from)`;

/** The lines `lines` with the bills that each names. */
const billsNamed = (tx: Transaction, lines: Fragment, openBills: OpenBills): Fragment => tx`(
  SELECT w.line_id, w.open_fen AS line_fen, w.payer_id, b.*, count(*) OVER (PARTITION BY b.bill_no) AS lines_of_bill,
    count(*) OVER (PARTITION BY w.line_id) AS bills_of_line, w.business_date >= b.issued_on AS is_in_time,
    b.period_from = max(b.period_from) OVER (PARTITION BY w.line_id, b.merchant_id) AS is_newest
  FROM ${lines} w JOIN named_numbers n ON n.line_id = w.line_id
  JOIN ${owedBills(tx, openBills)} b ON b.bill_no = n.number)`;

/** Whether a collection of an amount that somebody recorded for a merchant waits for another operator. */
const isWaiting = (tx: Transaction, merchantId: Fragment, amountFen: Fragment): Fragment =>
  tx`EXISTS (SELECT FROM collections c
    WHERE c.merchant_id = ${merchantId} AND c.state = 'recorded' AND c.amount_fen = ${amountFen})`;

/**
 * Puts claims into `claimed_money`, but for those of merchants whose claims come to more than they owe, or one of whom
 * waits as a collection that was recorded by hand.
 *
 * @param claims a query for line_id, merchant_id, amount_fen and owed_fen
 */
const claim = (tx: Transaction, claims: Fragment): Fragment => tx`
  INSERT INTO claimed_money
  SELECT line_id, merchant_id, amount_fen
  FROM (
    SELECT *, bool_and(all_fen <= owed_fen AND NOT waits) OVER (PARTITION BY line_id) AS is_owed
    FROM (
      SELECT *, sum(amount_fen) OVER (PARTITION BY merchant_id) AS all_fen,
        bool_or(${isWaiting(tx, tx`x.merchant_id`, tx`x.amount_fen`)}) OVER (PARTITION BY merchant_id) AS waits
      FROM (${claims}) x
    ) x
  ) x WHERE is_owed`;

/**
 * Claims lines by the bills that they name: one line for one or several bills that no other line names, or several
 * lines for one bill that name no other. Together they come to what is open of the bills, or of those and all older
 * ones.
 */
export const claimByBills = (tx: Transaction, lines: Fragment, openBills: OpenBills): Promise<unknown> => tx`
  WITH named AS MATERIALIZED (SELECT * FROM ${billsNamed(tx, lines, openBills)} n WHERE line_fen > 0), alone AS (
    SELECT line_id, line_fen = sum(open_fen) AS is_of_bills FROM named GROUP BY line_id, line_fen, payer_id
    HAVING max(lines_of_bill) = 1 AND line_fen IN (sum(open_fen), sum(up_to_fen) FILTER (WHERE is_newest))
      AND bool_and(is_in_time AND open_fen > 0) AND (payer_id IS NULL OR bool_or(merchant_id = payer_id))
  ), together AS (
    SELECT bill_no FROM named GROUP BY bill_no, open_fen, up_to_fen
    HAVING count(*) > 1 AND max(bills_of_line) = 1 AND sum(line_fen) IN (open_fen, up_to_fen)
      AND bool_and(is_in_time AND open_fen > 0 AND coalesce(merchant_id = payer_id, true))
  )
  ${claim(
    tx,
    tx`
    SELECT n.line_id, n.merchant_id,
      (CASE WHEN a.is_of_bills THEN sum(n.open_fen) ELSE max(n.up_to_fen) END)::bigint AS amount_fen, n.owed_fen
    FROM named n JOIN alone a ON a.line_id = n.line_id GROUP BY n.line_id, n.merchant_id, a.is_of_bills, n.owed_fen
    UNION ALL SELECT n.line_id, n.merchant_id, n.line_fen, n.owed_fen FROM named n
    JOIN together t ON t.bill_no = n.bill_no`,
  )}`;

/** The lines `lines` of payers' accounts that are known, and whether each comes to what is open of bills. */
const linesOfPayers = (tx: Transaction, lines: Fragment, openBills: OpenBills): Fragment => tx`(
  SELECT w.line_id, w.payer_id AS merchant_id, w.open_fen AS line_fen, coalesce(o.owed_fen, 0) AS owed_fen,
    sum(w.open_fen) OVER (PARTITION BY w.payer_id) = coalesce(o.owed_fen, 0) AS is_all,
    count(*) OVER (PARTITION BY w.payer_id, w.open_fen) = 1 AS is_only,
    coalesce(w.open_fen = ANY(o.amounts), false) AS is_due
  FROM ${lines} w LEFT JOIN (
    SELECT merchant_id, owed_fen, array_agg(open_fen) || array_agg(up_to_fen) AS amounts
    FROM ${owedBills(tx, openBills)} b GROUP BY merchant_id, owed_fen
  ) o ON o.merchant_id = w.payer_id
  WHERE w.open_fen > 0 AND w.payer_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM named_numbers n JOIN merchant_bills b ON b.bill_no = n.number
    WHERE n.line_id = w.line_id AND b.merchant_id <> w.payer_id))`;

/**
 * Claims lines by the accounts of their payers: all of a merchant's come to all that it owes on bills; or one comes to
 * what is open of a bill, or of it and all older ones, and no other line does.
 */
export const claimByPayers = (tx: Transaction, lines: Fragment, openBills: OpenBills): Promise<unknown> =>
  claim(
    tx,
    tx`SELECT line_id, merchant_id, line_fen AS amount_fen, owed_fen FROM ${linesOfPayers(tx, lines, openBills)} p
      WHERE is_all OR is_only AND is_due`,
  );

/**
 * What differs of lines that name a bill, or whose payer is known: a query for line_id and differs. A bill that is paid,
 * and a collection that waits for another operator, are another state; a line that only differs by what other lines
 * claim is a repeated one.
 */
export const differencesFromBills = (tx: Transaction, lines: Fragment, openBills: OpenBills): Fragment => tx`
  SELECT line_id, CASE WHEN cardinality(differs) = 0 THEN ARRAY['repeated'] ELSE differs END AS differs
  FROM (
    SELECT n.line_id, array_remove(ARRAY[
      CASE WHEN n.line_fen < 0 THEN 'direction' END,
      CASE WHEN abs(n.line_fen) NOT IN (sum(n.open_fen), sum(n.up_to_fen) FILTER (WHERE n.is_newest)) THEN 'amount' END,
      CASE WHEN NOT bool_or(n.merchant_id = n.payer_id) THEN 'account' END,
      CASE WHEN NOT bool_and(n.is_in_time) THEN 'date' END,
      CASE WHEN bool_or(n.open_fen = 0 OR ${isWaiting(tx, tx`n.merchant_id`, tx`n.line_fen`)}) THEN 'state' END,
      CASE WHEN max(n.lines_of_bill) > 1 THEN 'repeated' END], NULL) AS differs
    FROM ${billsNamed(tx, lines, openBills)} n GROUP BY n.line_id, n.line_fen
    UNION ALL
    SELECT p.line_id, array_remove(ARRAY[
      CASE WHEN NOT p.is_due AND NOT p.is_all THEN 'amount' END,
      CASE WHEN ${isWaiting(tx, tx`p.merchant_id`, tx`p.line_fen`)} THEN 'state' END,
      CASE WHEN NOT p.is_only THEN 'repeated' END], NULL)
    FROM ${linesOfPayers(tx, lines, openBills)} p
    WHERE NOT EXISTS (SELECT FROM named_numbers n JOIN merchant_bills b ON b.bill_no = n.number
      WHERE n.line_id = p.line_id)
  ) x`;
