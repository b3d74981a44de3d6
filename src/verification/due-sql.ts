import type { Fragment, Sql } from "../db/database.ts";

/**
 * What an order is due at some rates, in points and fen. Written out once more, apart from the grant run's own: verification
 * would prove little if both worked it out by the same text.
 *
 * @param order the relation that has `net_fen`
 * @param rates the relation that has `contribution_bps` and `points_bps`
 */
export const dueOf = (sql: Sql, order: Fragment, rates: Fragment = order) => ({
  points: sql`round_half_up(${order}.net_fen * ${rates}.contribution_bps * ${rates}.points_bps, 10000000000)`,
  contributionFen: sql`round_half_up(${order}.net_fen * ${rates}.contribution_bps, 10000)`,
});
