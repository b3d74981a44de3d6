import { send, type Fragment, type Sql } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { CashFacts } from "./coverage.ts";

/** What was collected, written off and opened with, by business_date and in rows that add up: a query. */
const bookedMoves = (sql: Sql, dates: Fragment): Fragment => sql`
  SELECT business_date, amount_fen AS collected_fen, 0::bigint AS written_off_fen, 0::bigint AS opened_points,
    0::bigint AS opened_fen
  FROM collections WHERE state = 'confirmed' AND ${dates}
  UNION ALL
  SELECT business_date, 0, -amount_fen, 0, 0 FROM merchant_adjustments WHERE kind = 'write_off' AND ${dates}
  UNION ALL
  SELECT business_date, 0, 0, points, fund_fen FROM adjustment_postings WHERE counter = 'suspense' AND ${dates}
  UNION ALL
  SELECT business_date, -lost_fen, lost_fen, 0, 0 FROM (${forcedLosses(sql)}) f WHERE ${dates}`;

/**
 * What forced matches gave up of merchants' money: their collections are over more than the lines that came. A query
 * for business_date and lost_fen; what was taken back is below zero.
 */
const forcedLosses = (sql: Sql): Fragment => sql`
  SELECT d.business_date, d.sign * -m.amount_fen AS lost_fen
  FROM reconciliations r
  JOIN line_matches m ON m.recon_no = r.recon_no AND m.thing = 'write_off' AND m.amount_fen < 0
  JOIN statement_lines l ON l.line_id = m.line_id AND l.amount_fen > 0
  CROSS JOIN LATERAL (
    SELECT r.business_date, 1 AS sign
    UNION ALL SELECT u.business_date, -1 FROM reconciliations u WHERE u.recon_no = m.undone_by
  ) d
  WHERE r.kind = 'forced'`;

/**
 * What changed on each date of the figures that `cashFacts` reads: a query for business_date, collected_fen,
 * written_off_fen, opened_points, opened_fen and unknown_out_fen, in rows that add up.
 *
 * @param dates a condition on `business_date`
 */
export const cashMoves = (sql: Sql, dates: Fragment): Fragment => sql`
  SELECT *, 0::bigint AS unknown_out_fen FROM (${bookedMoves(sql, dates)}) b
  UNION ALL
  SELECT business_date, 0, 0, 0, 0, out_fen FROM (${unknownOutMoves(sql, dates)}) u`;

/**
 * By what each date changed what went out of the platform's accounts, by their statements, and was not matched with
 * anything: lines that came, and matches of theirs that were made and taken back.
 */
const unknownOutMoves = (sql: Sql, dates: Fragment): Fragment => sql`
  SELECT s.business_date, -l.amount_fen AS out_fen
  FROM (SELECT import_id, business_date FROM statements WHERE ${dates}) s
  JOIN statement_lines l ON l.import_id = s.import_id WHERE l.amount_fen < 0
  UNION ALL
  SELECT r.business_date, m.amount_fen FROM (SELECT * FROM reconciliations WHERE ${dates}) r
  JOIN line_matches m ON m.recon_no = r.recon_no JOIN statement_lines l ON l.line_id = m.line_id
  WHERE l.amount_fen < 0
  UNION ALL
  SELECT r.business_date, -m.amount_fen FROM (SELECT * FROM reconciliations WHERE ${dates}) r
  JOIN line_matches m ON m.undone_by = r.recon_no JOIN statement_lines l ON l.line_id = m.line_id
  WHERE l.amount_fen < 0`;

/**
 * What the cash behind the points follows from, beside the control accounts. What went out and is unknown is read from
 * the lines that are open, and what happened since a date is taken back from it: the cost follows that, not all there
 * ever was.
 *
 * @param until at the end of this business date; now, when not given
 */
export async function cashFacts(sql: Sql, until?: BusinessDate): Promise<CashFacts> {
  const [row] = await joiningByIndex(sql, () =>
    send(sql<CashFacts[]>`
    SELECT coalesce(sum(collected_fen), 0)::bigint AS collected_fen,
      coalesce(sum(written_off_fen), 0)::bigint AS written_off_fen,
      coalesce(sum(opened_points), 0)::bigint AS opened_points, coalesce(sum(opened_fen), 0)::bigint AS opened_fen,
      (SELECT coalesce(-sum(open_fen), 0)::bigint FROM open_lines WHERE open_fen < 0)
        - (SELECT coalesce(sum(out_fen), 0)::bigint
            FROM (${unknownOutMoves(sql, sql`business_date > ${until ?? "infinity"}::date`)}) u) AS unknown_out_fen
    FROM (${bookedMoves(sql, sql`business_date <= ${until ?? "infinity"}::date`)}) b`),
  );
  return row!;
}
