import { randomBytes } from "node:crypto";
import type { Fragment, Sql } from "../db/database.ts";
import { weightOf, type KeyColumn } from "../db/key-weights.ts";

/**
 * Fingerprints: whether two tables say the same of every key is found by reading each once, from end to end, where a
 * join has to sort or hash both. Each key has a random weight, other ones in each verification, and the sums of weights,
 * or of amounts times weights, are compared. Tables that agree have the same sum; two that differ in anything have the
 * same sum once in 2^64 times, and nobody can know beforehand when. Which keys they differ in it does not tell.
 */

/** A weight that nothing else has, for a key: a numeric, the same wherever it stands in one statement. */
export const newWeight = (sql: Sql, ...key: readonly KeyColumn[]): Fragment =>
  weightOf(sql, sql`${randomBytes(8).readBigInt64BE()}::bigint`, ...key);

/** Whether all pairs are the same. @param pairs a query for `one` and `other`, a row for each */
export async function areSame(sql: Sql, pairs: Fragment): Promise<boolean> {
  const [row] = await sql<{ areSame: boolean }[]>`
    SELECT bool_and(one IS NOT DISTINCT FROM other) AS are_same FROM (${pairs}) pairs`;
  return row!.areSame;
}
