import type { Fragment, Sql } from "../db/database.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/** Numbers without gaps over the whole platform: their column, and the counter that gives them. */
const counted = (sql: Sql): Fragment => sql`
  SELECT 'withdrawal' AS kind, count(*) AS numbered, coalesce(max(substr(withdrawal_no, 2)::bigint), 0) AS last_no
  FROM withdrawals
  UNION ALL SELECT 'payout_detail', count(*), coalesce(max(substr(detail_no, 2)::bigint), 0) FROM payout_detail_keys
  UNION ALL SELECT 'payout_batch', count(*), coalesce(max(substr(batch_no, 2)::bigint), 0) FROM payout_batches
  UNION ALL SELECT 'bill', count(*), coalesce(max(substr(bill_no, 2)::bigint), 0) FROM merchant_bills
  UNION ALL SELECT 'collection', count(*), coalesce(max(substr(collection_no, 2)::bigint), 0) FROM collections
  UNION ALL SELECT 'statement_line', count(*), coalesce(max(line_id), 0) FROM statement_lines
  UNION ALL SELECT 'reconciliation', count(*), coalesce(max(substr(recon_no, 2)::bigint), 0) FROM reconciliations
  UNION ALL SELECT 'proposal', count(*), coalesce(max(substr(proposal_no, 2)::bigint), 0) FROM proposals
  UNION ALL SELECT 'run', count(*), coalesce(max(run_id), 0)
    FROM (SELECT run_id FROM grant_runs UNION ALL SELECT run_id FROM settlement_runs) r`;

/**
 * No sequence or counter is behind a number in use, which would be given twice. Sequences may have gaps, for rolled
 * back ids are lost.
 */
export async function sequencesAreAhead(sql: Sql): Promise<Findings> {
  // From the view: a role with USAGE on a sequence may not be allowed to read it.
  const last = (sequence: string) =>
    sql`(SELECT coalesce(last_value, 0) FROM pg_sequences
      WHERE schemaname = current_schema() AND sequencename = ${sequence})`;
  type Row = { sequence: string; lastValue: bigint; given: bigint; checked: bigint; found: bigint };
  const rows = await sql<Row[]>`
    WITH compared (sequence, last_value, given) AS MATERIALIZED (
      SELECT 'id_seq', ${last("id_seq")}, greatest(
        (SELECT max(member_id) FROM members), (SELECT max(merchant_id) FROM merchants),
        (SELECT max(order_id) FROM orders), (SELECT max(withdrawal_id) FROM withdrawals),
        (SELECT max(match_id) FROM line_matches), (SELECT max(account_id) FROM payout_accounts))
      UNION ALL SELECT 'journal_id_seq', ${last("journal_id_seq")}, (SELECT max(journal_id) FROM journal_transactions)
      UNION ALL SELECT 'action_id_seq', ${last("action_id_seq")}, (SELECT max(action_id) FROM operator_actions)
      UNION ALL SELECT 'counter of ' || kind, coalesce(n.last, 0), c.last_no FROM (${counted(sql)}) c
      LEFT JOIN number_counters n USING (kind)
    )
    SELECT c.*, s.* FROM (SELECT count(*) AS checked, count(*) FILTER (WHERE given > last_value) AS found
      FROM compared) s
    LEFT JOIN compared c ON c.given > c.last_value ORDER BY c.sequence LIMIT ${namedViolations}`;
  const outrun = rows.filter(({ found }) => found > 0n);
  return findingsOf(rows[0]!.checked, outrun, ({ sequence, lastValue, given }) => ({
    sequence,
    last_value: lastValue,
    given,
  }));
}

/**
 * What is numbered without gaps has none: withdrawals, payouts, batches, bills, collections, lines of statements, acts
 * of matching and runs over all, up to the number that was given last; within one thing the revisions of a policy, of a
 * merchant's rate and of a rule of matching, the steps of a settlement, the rows and files of a batch. So none of them
 * was taken out.
 */
export async function numbersHaveNoGaps(sql: Sql): Promise<Findings> {
  type Row = { thing: string; name: string; numbered: bigint; lastNo: bigint; checked: bigint; found: bigint };
  const rows = await sql<Row[]>`
    WITH numbered (thing, name, numbered, last_no) AS MATERIALIZED (
      SELECT 'policy', effective_from::text, count(*), max(revision)::bigint FROM policies GROUP BY effective_from
      UNION ALL SELECT 'rate', concat_ws(' ', merchant_id, effective_from), count(*), max(revision)
        FROM contribution_rates GROUP BY merchant_id, effective_from
      UNION ALL SELECT 'rule of matching', concat_ws(' ', rule, effective_from), count(*), max(revision)
      FROM recon_rules GROUP BY rule, effective_from
      UNION ALL SELECT 'step', run_id::text, count(*), max(step_no) FROM settlement_steps GROUP BY run_id
      UNION ALL SELECT 'payout', batch_no, count(*), max(row_no) FROM payout_details GROUP BY batch_no
      UNION ALL SELECT 'file', batch_no, count(*), max(file_no) FROM payout_files GROUP BY batch_no
      UNION ALL SELECT kind, 'all', c.numbered, greatest(c.last_no, n.last) FROM (${counted(sql)}) c
      LEFT JOIN number_counters n USING (kind)
    )
    SELECT n.*, s.* FROM (SELECT count(*) AS checked, count(*) FILTER (WHERE numbered <> last_no) AS found
      FROM numbered) s
    LEFT JOIN numbered n ON n.numbered <> n.last_no ORDER BY n.thing, n.name LIMIT ${namedViolations}`;
  const broken = rows.filter(({ found }) => found > 0n);
  return findingsOf(rows[0]!.checked, broken, ({ thing, name, numbered, lastNo }) => ({
    thing,
    of: name,
    numbered,
    last_no: lastNo,
  }));
}
