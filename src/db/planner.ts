import type { Sql, Transaction } from "./driver/client.ts";
import { send } from "./database.ts";

/**
 * Settings of PostgreSQL's planner for bulk work. They change how fast an answer comes, never the answer.
 *
 * The planner trusts statistics, and in this program they are often wrong: a table that this transaction fills still
 * counts as empty, and so does one whose import was rolled back. A scan that is cheap on an empty table then runs once
 * for each row of a chunk, so statements over a chunk rule such plans out in place of hoping for good statistics.
 */

/**
 * Prepares the rest of a transaction for statements over whole chunks:
 * - sorts of a chunk stay in memory (`work_mem`);
 * - nothing is compiled: JIT takes half a second a statement, longer than a chunk;
 * - a row is read by its key through the index itself, not through a bitmap, and is not memoized: keys of a chunk
 *   hardly repeat;
 * - each statement is planned each time, for a plan that was made while a table was empty scans it when it has half a
 *   million rows.
 */
export async function tuneBulk(tx: Transaction): Promise<void> {
  await tx`
    SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true),
      set_config('enable_bitmapscan', 'off', true), set_config('enable_memoize', 'off', true),
      set_config('plan_cache_mode', 'force_custom_plan', true)`;
}

/**
 * Prepares the rest of a transaction for statements over whole tables, which are read from end to end, partition by
 * partition, and joined and grouped in memory. By an index, in the order of its keys, each row of a large table is a
 * page read anew. What processes hand each other costs little beside that. JIT costs more than it saves: half a million
 * orders took 3.9 s without it and 7.1 s with it.
 */
export async function tuneWhole(sql: Sql): Promise<void> {
  await sql`
    SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true),
      set_config('enable_indexscan', 'off', true), set_config('enable_mergejoin', 'off', true),
      set_config('enable_partitionwise_join', 'on', true), set_config('enable_partitionwise_aggregate', 'on', true),
      set_config('parallel_tuple_cost', '0.01', true)`;
}

/**
 * Has the statements that `work` sends find the row of each row of a chunk by its key. Of the ways to scan a table only
 * the bitmap scan always needs a key, so it alone stays allowed.
 */
export const joiningByIndex = <T>(tx: Sql, work: () => Promise<T>): Promise<T> => withPlanner(tx, keyLookupsOnly, work);

const keyLookupsOnly = {
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  enable_seqscan: "off",
  enable_indexscan: "off",
  enable_indexonlyscan: "off",
  enable_bitmapscan: "on",
  max_parallel_workers_per_gather: "0", // starting one takes longer than looking up a chunk
};

/**
 * Has the statements that `work` sends read each table once, and join and group what they read in memory: for rows of a
 * date, all of which are wanted, however few of them the planner expects.
 */
export const joiningByHash = <T>(tx: Sql, work: () => Promise<T>): Promise<T> => withPlanner(tx, readingOnce, work);

const readingOnce = {
  work_mem: "64MB",
  jit: "off",
  enable_nestloop: "off",
  enable_mergejoin: "off",
  enable_sort: "off",
};

/**
 * Has the foreign keys of the rows that `work` inserts checked by one plan for all of them. Under `tuneBulk` the check
 * of each row would be planned anew, which takes twice as long as the check itself. The session keeps that plan, so it
 * must use the index.
 */
export const checkingKeysByOnePlan = <T>(tx: Sql, work: () => Promise<T>): Promise<T> =>
  withPlanner(tx, { plan_cache_mode: "auto", enable_seqscan: "off" }, work);

/**
 * Sends the statements of `work` between one that changes settings and one that puts them back as they were. All are
 * sent in one go, without waiting for each other's answers: `work` has to `send` its statements before it first awaits.
 */
async function withPlanner<T>(tx: Sql, settings: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const [names, values] = [Object.keys(settings), Object.values(settings)];
  const change = send(tx`
    SELECT set_config('accrue.' || name, present, true), set_config(name, value, true)
    FROM (SELECT name, value, current_setting(name) AS present
      FROM unnest(${names}::text[], ${values}::text[]) AS s (name, value) OFFSET 0) w`);
  const result = work();
  const restore = send(
    tx`SELECT set_config(name, nullif(current_setting('accrue.' || name, true), ''), true)
      FROM unnest(${names}::text[]) AS name`,
  );
  return (await Promise.all([result, change, restore]))[0];
}
