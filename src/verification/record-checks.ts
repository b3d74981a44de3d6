import type { Fragment, Sql } from "../db/database.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";
import type { Scope } from "./scope.ts";

/**
 * Compares what was done, by the tables, with the records of who did it: both have the same actions for each subject,
 * as often. So who changes one of them has to change the other as well.
 *
 * @param done a query for subject, action and operator of what must be recorded
 * @param recorded the relation of the records
 * @param named condition on `a`, a record: those that must have been done
 */
async function heldAgainstRecords(sql: Sql, done: Fragment, recorded: Fragment, named: Fragment): Promise<Findings> {
  type Row = {
    subject: string;
    action: string;
    operator: string;
    done: bigint;
    recorded: bigint;
    found: bigint;
    checked: bigint;
  };
  const rows = await sql<Row[]>`
    WITH held AS MATERIALIZED (
      SELECT subject, action, operator, coalesce(d.times, 0) AS done, coalesce(a.times, 0) AS recorded
      FROM (SELECT subject, action, operator, count(*) AS times FROM (${done}) x GROUP BY subject, action, operator) d
      FULL JOIN (SELECT subject, action, operator, count(*) AS times FROM ${recorded} a WHERE ${named}
        GROUP BY subject, action, operator) a
        USING (subject, action, operator)
    )
    SELECT h.*, s.checked, s.found
    FROM (SELECT count(*) AS checked, count(*) FILTER (WHERE done <> recorded) AS found FROM held) s
    LEFT JOIN held h ON h.done <> h.recorded ORDER BY h.subject, h.action, h.operator LIMIT ${namedViolations}`;
  const wrong = rows.filter(({ found }) => found > 0n);
  return findingsOf(rows[0]!.checked, wrong, ({ subject, action, operator, done: times, recorded: records }) => ({
    subject,
    action,
    operator,
    done: times,
    recorded: records,
  }));
}

/**
 * Every request, approval, decision and payout of a withdrawal has its record, by the same operator; and there are no
 * other records.
 */
export function decisionsAreRecorded(
  sql: Sql,
  { withdrawals, withdrawalActions }: Pick<Scope, "withdrawals" | "withdrawalActions">,
): Promise<Findings> {
  const done = sql`
    SELECT w.withdrawal_no AS subject, x.action, x.operator
    FROM (
      SELECT w.*, b.operator AS sent_by, k.import_id AS imported FROM ${withdrawals} w
      LEFT JOIN withdrawal_request_keys k ON k.request_no = w.request_no
      LEFT JOIN payout_details d ON d.member_id = w.member_id AND d.withdrawal_id = w.withdrawal_id
      LEFT JOIN payout_batches b ON b.batch_no = d.batch_no
    ) w
    CROSS JOIN LATERAL (VALUES
      (CASE WHEN w.imported IS NULL THEN 'withdrawal.request' END, w.requested_by),
      ('withdrawal.approve', w.first_approved_by),
      ('withdrawal.approve', w.approved_by),
      (CASE w.status WHEN 'rejected' THEN 'withdrawal.reject' WHEN 'cancelled' THEN 'withdrawal.cancel'
        WHEN 'expired' THEN 'withdrawal.expire'
        WHEN 'paid' THEN 'payout.paid' WHEN 'failed' THEN 'payout.failed' END, w.decided_by),
      ('payout.export', w.sent_by)
    ) x (action, operator) WHERE x.action IS NOT NULL AND x.operator IS NOT NULL`;
  const named = sql`a.subject_kind = 'withdrawal'
    AND a.action IN ('withdrawal.request', 'withdrawal.approve', 'withdrawal.reject',
    'withdrawal.cancel', 'withdrawal.expire', 'payout.export', 'payout.paid', 'payout.failed')`;
  return heldAgainstRecords(sql, done, withdrawalActions, named);
}

/**
 * Every policy, closing and reopening, grant run and settlement that completed, import, archive and its attaching,
 * payout batch, act of matching and rule of it has its record, and there are no other records.
 */
export function runningIsRecorded(sql: Sql): Promise<Findings> {
  const done = sql`
    SELECT effective_from::text AS subject, 'policy.set' AS action, set_by AS operator FROM policies
    WHERE effective_from > '0001-01-01'
    UNION ALL SELECT c.business_date::text, 'settle.close', s.operator
      FROM (SELECT DISTINCT business_date, run_id FROM account_closings) c
      LEFT JOIN settlement_runs s ON s.run_id = c.run_id
    UNION ALL SELECT run_id::text, 'grant.run.complete', operator FROM grant_runs WHERE status = 'complete'
    UNION ALL SELECT run_id::text, 'settle.complete', operator FROM settlement_runs WHERE state = 'complete'
    UNION ALL SELECT import_id::text, 'import', operator FROM imports
    UNION ALL SELECT archive_no::text, 'history.archive', archived_by FROM history_archives
    UNION ALL SELECT archive_no::text, 'history.attach', attached_by FROM history_archives
      WHERE attached_by IS NOT NULL
    UNION ALL SELECT batch_no, 'payout.export', operator FROM payout_batches
    UNION ALL SELECT recon_no, 'recon.' || kind, operator FROM reconciliations
    UNION ALL SELECT rule, 'recon.set-rule', set_by FROM recon_rules WHERE effective_from > '0001-01-01'`;
  const named = sql`a.subject_kind IN ('policy', 'business_date', 'grant_run', 'settlement_run', 'import',
    'payout_batch', 'reconciliation', 'recon_rule', 'history')
    AND a.action IN ('policy.set', 'settle.close', 'grant.run.complete', 'settle.complete', 'import', 'history.archive', 'history.attach',
      'payout.export',
      'recon.run', 'recon.match', 'recon.unmatch', 'recon.forced', 'recon.void', 'recon.set-rule')`;
  return heldAgainstRecords(sql, done, sql`operator_actions`, named);
}

/**
 * Every rate of a merchant's own has its record, except the first one of a merchant that an import created, which the
 * import's record covers.
 */
export function ratesAreRecorded(sql: Sql): Promise<Findings> {
  const done = sql`
    SELECT m.merchant_code AS subject, 'rate' AS action, c.set_by AS operator
    FROM contribution_rates c JOIN merchants m ON m.merchant_id = c.merchant_id
    WHERE NOT (c.effective_from = '0001-01-01' AND c.revision = 1 AND c.set_at = m.registered_at
      AND m.import_id IS NOT NULL)`;
  const recorded = sql`(SELECT subject, 'rate' AS action, operator FROM operator_actions
    WHERE subject_kind = 'merchant' AND details ? 'rate')`;
  return heldAgainstRecords(sql, done, recorded, sql`true`);
}

/**
 * Every payout account that was added or closed has its record, with the number as it is shown; and there are no other
 * records.
 */
export function accountsAreRecorded(sql: Sql): Promise<Findings> {
  const done = sql`
    SELECT concat_ws(' ', m.member_no, a.account_id, a.number_masked) AS subject, x.action, x.operator
    FROM payout_accounts a JOIN members m ON m.member_id = a.member_id
    CROSS JOIN LATERAL (VALUES ('account.add', a.added_by), ('account.close', a.closed_by)) x (action, operator)
    WHERE x.operator IS NOT NULL`;
  const recorded = sql`(
    SELECT concat_ws(' ', subject, details->>'account_id', details->>'number') AS subject, action, operator
    FROM operator_actions WHERE subject_kind = 'member' AND action IN ('account.add', 'account.close'))`;
  return heldAgainstRecords(sql, done, recorded, sql`true`);
}

/**
 * Every money account, collection by hand, billing, adjustment of what a merchant owes and exception from the least
 * coverage has its record, and so has each decision about a collection; and there are no other records.
 */
export function moneyIsRecorded(sql: Sql): Promise<Findings> {
  const done = sql`
    SELECT money_account || ' ' || channel AS subject, 'money_account.add' AS action, added_by AS operator
    FROM money_accounts
    UNION ALL SELECT concat_ws(' ', c.collection_no, s.merchant_code, c.amount_fen, c.reference), 'collection.record',
      c.recorded_by
      FROM collections c JOIN merchants s USING (merchant_id) WHERE c.line_id IS NULL AND c.reverses IS NULL
    UNION ALL SELECT collection_no, CASE state WHEN 'confirmed' THEN 'collection.confirm' ELSE 'collection.reject' END,
      decided_by
      FROM collections WHERE decided_by IS NOT NULL AND line_id IS NULL AND reverses IS NULL
    UNION ALL SELECT concat_ws(' ', s.merchant_code, a.amount_fen, a.proposal_no),
      CASE a.kind WHEN 'write_off' THEN 'merchant.write-off' ELSE 'merchant.correct-bill' END, a.applied_by
      FROM merchant_adjustments a JOIN merchants s USING (merchant_id)
    UNION ALL SELECT concat_ws(' ', proposal_no, business_date, max_payouts_fen), 'payout.allow', applied_by
      FROM coverage_exceptions
    UNION ALL SELECT concat_ws(' ', due_on, bills), 'merchant.bill', issued_by FROM billing_periods`;
  const recorded = sql`(
    SELECT CASE action WHEN 'money_account.add' THEN subject || ' ' || (details->>'channel')
        WHEN 'collection.record' THEN concat_ws(' ', subject, details->>'merchant_code',
          replace(details->>'amount', '.', '')::bigint, details->>'reference')
        WHEN 'merchant.bill' THEN concat_ws(' ', details->>'due_on', details->>'bills')
        WHEN 'payout.allow' THEN concat_ws(' ', subject, details->>'business_date',
          replace(details->>'payouts', '.', '')::bigint)
        WHEN 'merchant.write-off' THEN ${adjustmentRecord(sql)} WHEN 'merchant.correct-bill' THEN ${adjustmentRecord(sql)}
        ELSE subject END AS subject,
        action, operator
    FROM operator_actions
    WHERE action IN ('money_account.add', 'collection.record', 'collection.confirm', 'collection.reject',
      'merchant.bill', 'merchant.write-off', 'merchant.correct-bill', 'payout.allow'))`;
  return heldAgainstRecords(sql, done, recorded, sql`true`);
}

const adjustmentRecord = (sql: Sql): Fragment =>
  sql`concat_ws(' ', subject, replace(details->>'amount', '.', '')::bigint, details->>'proposal')`;

/**
 * The verified identity and status of each member, and the status of each merchant, agree with the last record about
 * them.
 */
export async function standingsAreRecorded(sql: Sql): Promise<Findings> {
  type Row = { kind: string; subject: string; is: string; recorded: string; found: bigint };
  const last = (kind: Fragment, actions: Fragment) => sql`(
    SELECT DISTINCT ON (subject) subject, action FROM operator_actions
    WHERE subject_kind = ${kind} AND action IN (${actions}) ORDER BY subject, action_id DESC)`;
  const rows = await sql<Row[]>`
    SELECT x.*, count(*) OVER () AS found FROM (
      SELECT 'member' AS kind, m.member_no AS subject, m.status AS is,
        CASE a.action WHEN 'member.freeze' THEN 'frozen' WHEN 'member.close' THEN 'closed' ELSE 'active' END AS recorded
      FROM members m LEFT JOIN ${last(
        sql`'member'`,
        sql`'member.freeze', 'member.unfreeze',
        'member.close'`,
      )} a ON a.subject = m.member_no
      UNION ALL
      SELECT 'merchant', m.merchant_code, m.status, CASE a.action WHEN 'merchant.approve' THEN 'active'
        WHEN 'merchant.suspend' THEN 'suspended'
        ELSE CASE WHEN m.status = 'pending' THEN 'pending' WHEN m.import_id IS NULL THEN 'of no import'
        ELSE 'active' END END
      FROM merchants m LEFT JOIN ${last(
        sql`'merchant'`,
        sql`'merchant.approve',
        'merchant.suspend'`,
      )} a ON a.subject = m.merchant_code
      UNION ALL
      SELECT 'identity', m.member_no, 'verified', 'not verified' FROM members m
      WHERE m.identity_verified_at IS NOT NULL
        AND NOT (m.import_id IS NOT NULL AND m.identity_verified_at = m.registered_at)
        AND NOT EXISTS (SELECT 1 FROM operator_actions a WHERE a.subject_kind = 'member' AND a.subject = m.member_no
          AND (a.action = 'member.verify-identity' OR a.action = 'member.update'
            AND a.details->>'changed' LIKE '%identity_verified%')
          AND NOT EXISTS (SELECT FROM operator_actions u WHERE u.subject_kind = 'member' AND u.subject = m.member_no
            AND u.action = 'member.unverify' AND u.action_id > a.action_id))
    ) x WHERE x.is <> x.recorded ORDER BY kind, subject LIMIT ${namedViolations}`;
  const [all] = await sql<
    { count: bigint }[]
  >`SELECT (SELECT count(*) FROM members) + (SELECT count(*) FROM merchants) AS count`;
  return findingsOf(all!.count, rows, ({ kind, subject, is, recorded }) => ({ kind, subject, is, recorded }));
}
