import type { Fragment, Sql } from "../../db/database.ts";

/**
 * What stood on each account by the statement of it that ends last: a query for money_account, import_id, last_at and
 * closing_fen. Of several that end at the same instant it is the one whose closing balance no line of that instant
 * starts from, then the longest; so the order in which statements came makes no difference.
 *
 * @param among the statements
 */
export const lastClosings = (sql: Sql, among: Fragment = sql`statements`): Fragment => sql`
  SELECT DISTINCT ON (s.money_account) s.money_account, s.import_id, s.last_at, s.closing_fen
  FROM ${among} s
  CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE balance_fen = s.closing_fen) - count(*)
      FILTER (WHERE balance_fen - amount_fen = s.closing_fen) AS reached
    FROM statement_lines l WHERE l.money_account = s.money_account AND l.occurred_at = s.last_at
  ) l
  WHERE s.last_at = (SELECT max(last_at) FROM ${among} x WHERE x.money_account = s.money_account)
  ORDER BY s.money_account, l.reached DESC, s.lines_at_end DESC, s.import_id DESC`;
