import type { Fragment, Sql } from "../db/database.ts";

/**
 * The points and fen due for an order at some rates. Deliberately a second implementation of the grant rule:
 * verification would prove little if it used the same statement as the grant run.
 *
 * @param order the relation that has `net_fen`
 * @param rates the relation that has `contribution_bps` and `points_bps`
 */
export const dueOf = (sql: Sql, order: Fragment, rates: Fragment = order) => ({
  points: sql`round_half_up(${order}.net_fen * ${rates}.contribution_bps * ${rates}.points_bps, 10000000000)`,
  contributionFen: sql`round_half_up(${order}.net_fen * ${rates}.contribution_bps, 10000)`,
});
