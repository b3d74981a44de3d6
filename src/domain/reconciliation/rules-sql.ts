import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { claimByBills, claimByPayers, differencesFromBills } from "./bill-rules-sql.ts";
import { collectClaimed, type Collecting } from "./collect-sql.ts";
import { payerSource } from "./model.ts";
import { expectedCollections, type OpenBills } from "./sql.ts";

/** A rule as it is in force from a date up to, and without, another. */
export interface RuleVersion extends Row<
  "reconRules",
  "rule" | "effectiveFrom" | "place" | "isOn" | "words" | "setBy" | "setAt"
> {
  readonly effectiveTo: BusinessDate | null;
}

/** Every version of every rule that is not replaced for its own date, by place. */
export const ruleVersions = (sql: Sql): Promise<readonly RuleVersion[]> => sql<RuleVersion[]>`
  SELECT r.*, lead(effective_from) OVER (PARTITION BY rule ORDER BY effective_from) AS effective_to
  FROM (SELECT DISTINCT ON (rule, effective_from) * FROM recon_rules ORDER BY rule, effective_from, revision DESC) r
  ORDER BY place, rule, effective_from`;

/** Writes a version of a rule; for a date that has one, as another revision of it. */
export async function insertRuleVersion(tx: Transaction, one: Omit<RuleVersion, "effectiveTo">): Promise<void> {
  await tx`
    INSERT INTO recon_rules (rule, effective_from, revision, place, is_on, words, set_by, set_at)
    VALUES (${one.rule}, ${one.effectiveFrom},
      (SELECT coalesce(max(revision), 0) + 1 FROM recon_rules
        WHERE rule = ${one.rule} AND effective_from = ${one.effectiveFrom}), ${one.place}, ${one.isOn},
          ${[...one.words]}::text[], ${one.setBy}, ${one.setAt})`;
}

/** An account's number without what it is set in groups by. */
const plainAccount = (sql: Sql, account: Fragment): Fragment => sql`translate(upper(${account}), ' -', '')`;

/** The accounts that are known of one merchant each; one that is written with stars may be anybody's. */
const payers = (sql: Sql): Fragment => sql`(
  SELECT ${plainAccount(sql, sql`alias`)} AS account, min(merchant_id) AS merchant_id FROM merchant_aliases
  WHERE source = ${payerSource} AND alias NOT LIKE '%*%' GROUP BY 1 HAVING count(DISTINCT merchant_id) = 1)`;

/**
 * Gathers the open lines with all that rules ask of them, and the numbers of payouts, batches, collections and bills
 * that each names. Both are read from the tables that stay, which several processes of the server can read at once, as
 * they cannot read temporary ones.
 */
export async function gatherOpenLines(tx: Transaction): Promise<number> {
  await tx`
    CREATE TEMP TABLE work_lines ON COMMIT DROP AS
    SELECT o.line_id, o.open_fen, o.differs, l.money_account, a.channel, l.business_date, l.kind, l.reference,
      l.channel_ref, l.line_key, p.merchant_id AS payer_id
    FROM open_lines o JOIN statement_lines l ON l.line_id = o.line_id
    JOIN money_accounts a ON a.money_account = l.money_account
    LEFT JOIN ${payers(tx)} p ON p.account = ${plainAccount(tx, tx`l.counterparty`)}`;
  await tx`
    CREATE TEMP TABLE named_numbers ON COMMIT DROP AS
    SELECT DISTINCT l.line_id, m.number[1] AS number FROM open_lines o JOIN statement_lines l ON l.line_id = o.line_id
    CROSS JOIN LATERAL regexp_matches(upper(concat_ws(' ', l.remark, l.reference, l.channel_ref)),
      '\\m[BCDP][0-9]{8,18}\\M', 'g') AS m (number)`;
  await tx`
    CREATE TEMP TABLE found_matches (line_id bigint, thing text, thing_no text, amount_fen bigint, rule text)
      ON COMMIT DROP`;
  await tx`ANALYZE work_lines`;
  await tx`ANALYZE named_numbers`;
  const [row] = await tx<{ lines: number }[]>`SELECT count(*)::integer AS lines FROM work_lines`;
  return row!.lines;
}

/** The open lines `w` for which a version of a rule is in force and that no rule before it has matched. */
const linesFor = (tx: Transaction, { effectiveFrom, effectiveTo }: RuleVersion): Fragment => tx`
  (SELECT * FROM work_lines w WHERE w.business_date >= ${effectiveFrom}
    AND w.business_date < ${effectiveTo ?? "infinity"}::date
    AND NOT EXISTS (SELECT FROM found_matches f WHERE f.line_id = w.line_id))`;

/** The payouts that no rule before has matched. */
const payoutsLeft = (tx: Transaction): Fragment => tx`
  (SELECT * FROM expected_payouts p
    WHERE NOT EXISTS (SELECT FROM found_matches f WHERE f.thing = 'payout' AND f.thing_no = p.detail_no))`;

/** By which payouts a rule reads each line: a query for line_id, detail_no, batch_no and net_fen. */
const payoutsNamed = (tx: Transaction, rule: RuleVersion): Fragment => {
  switch (rule.rule) {
    case "payout_no":
      return tx`SELECT n.line_id, p.detail_no, p.batch_no, p.net_fen FROM named_numbers n
        JOIN ${payoutsLeft(tx)} p ON p.detail_no = n.number`;
    case "batch_no":
      return tx`SELECT n.line_id, p.detail_no, p.batch_no, p.net_fen FROM named_numbers n
        JOIN ${payoutsLeft(tx)} p ON p.batch_no = n.number`;
    default:
      return tx`
        SELECT w.line_id, p.detail_no, p.batch_no, p.net_fen FROM work_lines w
        JOIN ${payoutsLeft(tx)} p ON p.channel_ref = w.channel_ref
        UNION SELECT w.line_id, p.detail_no, p.batch_no, p.net_fen FROM work_lines w
        JOIN ${payoutsLeft(tx)} p ON p.channel_ref = w.line_key`;
  }
};

/** At which channel's money accounts the payouts of a batch `b` leave. */
const leavesAt = (sql: Sql): Fragment => sql`CASE b.channel WHEN 'csv' THEN 'bank' ELSE b.channel END`;

/**
 * Matches lines with the payouts that a rule reads in them: all payouts of a line together are what left with it, on an
 * account of their channel, not before they were sent; and no other line is read so.
 */
const matchPayouts = (tx: Transaction, rule: RuleVersion): Fragment => tx`
  WITH named AS MATERIALIZED (${payoutsNamed(tx, rule)}), claimed AS MATERIALIZED (
    SELECT n.*, w.open_fen, w.channel = ${leavesAt(tx)} AND w.business_date >= b.business_date
      AND n.detail_no NOT IN (SELECT detail_no FROM named GROUP BY detail_no HAVING count(*) > 1) AS is_right
    FROM named n JOIN ${linesFor(tx, rule)} w ON w.line_id = n.line_id JOIN payout_batches b ON b.batch_no = n.batch_no
  ), whole AS (
    SELECT line_id FROM claimed GROUP BY line_id, open_fen HAVING sum(net_fen) = -open_fen AND bool_and(is_right)
  )
  INSERT INTO found_matches (line_id, thing, thing_no, amount_fen, rule)
  SELECT c.line_id, 'payout', c.detail_no, -c.net_fen, ${rule.rule} FROM claimed c JOIN whole USING (line_id)`;

/** Matches lines with collections that were recorded by hand, by amount, account and another condition on both. */
const matchCollections = (tx: Transaction, rule: RuleVersion, condition: Fragment): Fragment => tx`
  INSERT INTO found_matches (line_id, thing, thing_no, amount_fen, rule)
  SELECT line_id, 'collection', collection_no, open_fen, ${rule.rule}
  FROM (
    SELECT w.line_id, w.open_fen, c.collection_no,
      count(*) OVER (PARTITION BY w.line_id) + count(*) OVER (PARTITION BY c.collection_no) AS claims
    FROM ${linesFor(tx, rule)} w
    JOIN ${expectedCollections(tx)} c ON c.money_account = w.money_account AND c.amount_fen = w.open_fen
    WHERE NOT EXISTS (SELECT FROM found_matches f WHERE f.thing = 'collection' AND f.thing_no = c.collection_no)
      AND (${condition})
  ) x WHERE claims = 2`;

/** By its number or reference. */
const isNamed = (tx: Transaction): Fragment => tx`c.reference IN (w.line_key, w.reference, w.channel_ref)
  OR EXISTS (SELECT FROM named_numbers n WHERE n.line_id = w.line_id AND n.number = c.collection_no)`;

/** By the merchant, of a bill that the line names. */
const isOfNamedBill = (tx: Transaction): Fragment => tx`
  EXISTS (SELECT FROM named_numbers n JOIN merchant_bills b ON b.bill_no = n.number
    WHERE n.line_id = w.line_id AND b.merchant_id = c.merchant_id)`;

/** Takes lines that went out and are called by one of the rule's words for what the channel takes for itself. */
const matchFees = (tx: Transaction, rule: RuleVersion): Fragment => tx`
  INSERT INTO found_matches (line_id, thing, thing_no, amount_fen, rule)
  SELECT w.line_id, 'fee', NULL, w.open_fen, ${rule.rule} FROM ${linesFor(tx, rule)} w
  WHERE w.open_fen < 0 AND w.kind = ANY(${[...rule.words]}::text[])`;

/**
 * Applies one version of a rule to the lines that are still open.
 *
 * @param bills what is open of merchants' bills; undefined where no line can be for any
 */
export async function applyRule(
  tx: Transaction,
  rule: RuleVersion,
  collecting: Collecting,
  bills: OpenBills | undefined,
): Promise<void> {
  const found = async (): Promise<number> => {
    switch (rule.rule) {
      case "collection":
        return (await matchCollections(tx, rule, isNamed(tx))).count;
      case "channel_fee":
        return (await matchFees(tx, rule)).count;
      case "bill_no":
      case "payer_account": {
        if (bills === undefined) return 0;
        const isByBill = rule.rule === "bill_no";
        const { count } = await matchCollections(
          tx,
          rule,
          isByBill ? isOfNamedBill(tx) : tx`c.merchant_id = w.payer_id`,
        );
        await (isByBill ? claimByBills : claimByPayers)(tx, linesFor(tx, rule), bills);
        return count + (await collectClaimed(tx, collecting, rule.rule));
      }
      default:
        return (await matchPayouts(tx, rule)).count;
    }
  };
  if ((await found()) > 0) await tx`ANALYZE found_matches`;
}

/** What differs of lines that name a payout or a batch: a query for line_id and differs. */
const differencesFromPayouts = (tx: Transaction): Fragment => tx`
  SELECT w.line_id, array_remove(ARRAY[
    CASE WHEN w.open_fen > 0 THEN 'direction' END,
    CASE WHEN sum(n.net_fen) <> abs(w.open_fen) THEN 'amount' END,
    CASE WHEN bool_or(w.channel <> ${leavesAt(tx)}) THEN 'account' END,
    CASE WHEN bool_or(w.business_date < b.business_date) THEN 'date' END,
    CASE WHEN bool_or(NOT n.is_expected) THEN 'state' END,
    CASE WHEN bool_or(n.is_repeated) THEN 'repeated' END], NULL) AS differs
  FROM left_lines w JOIN (
    SELECT w.line_id, d.batch_no, d.net_fen,
      EXISTS (SELECT FROM expected_payouts p WHERE p.detail_no = d.detail_no) AS is_expected,
      count(*) OVER (PARTITION BY d.detail_no) > 1 AS is_repeated
    FROM left_lines w JOIN named_numbers m ON m.line_id = w.line_id
    JOIN payout_detail_keys k ON k.detail_no = m.number
    JOIN payout_details d ON d.member_id = k.member_id AND d.detail_no = k.detail_no
    UNION ALL
    SELECT w.line_id, b.batch_no, b.total_fen, EXISTS (SELECT FROM expected_payouts p WHERE p.batch_no = b.batch_no),
      false
    FROM left_lines w JOIN named_numbers m ON m.line_id = w.line_id JOIN payout_batches b ON b.batch_no = m.number
  ) n ON n.line_id = w.line_id JOIN payout_batches b ON b.batch_no = n.batch_no
  GROUP BY w.line_id, w.open_fen`;

/**
 * Names what differs, of each line that names a payout, a batch or a bill, or whose payer is known, and was not matched:
 * amount, account, direction, date, or the state, where the payout is not said to be paid, or was seen leaving with
 * another line; or that another line names it, too. Gives how many lines changed what they say.
 */
export async function noteDifferences(tx: Transaction, bills: OpenBills | undefined): Promise<number> {
  await tx`
    CREATE TEMP TABLE left_lines ON COMMIT DROP AS
    SELECT * FROM work_lines w WHERE NOT EXISTS (SELECT FROM found_matches f WHERE f.line_id = w.line_id)`;
  await tx`ANALYZE left_lines`;
  const ofBills = bills === undefined ? tx`` : tx`UNION ALL (${differencesFromBills(tx, tx`left_lines`, bills)})`;
  const { count } = await tx`
    UPDATE open_lines o SET differs = nullif(x.differs, '{}')
    FROM left_lines w LEFT JOIN (
      SELECT d.line_id, array_agg(DISTINCT word) FILTER (WHERE word IS NOT NULL) AS differs
      FROM (${differencesFromPayouts(tx)} ${ofBills}) d LEFT JOIN LATERAL unnest(d.differs) word ON true
      GROUP BY d.line_id
    ) x ON x.line_id = w.line_id
    WHERE o.line_id = w.line_id AND w.differs IS DISTINCT FROM nullif(x.differs, '{}')`;
  return count;
}
