import type { Fragment, Sql } from "./database.ts";

/** A column of a key. */
export type KeyColumn = Readonly<Record<"number", Fragment>> | Readonly<Record<"text", Fragment>>;

/**
 * The weight of a key under a seed, a numeric: sums of weights of two sets of keys are the same where the sets are, and
 * else nearly never. PostgreSQL hashes a bigint by the 32 bits that its halves come to, so the upper half is hashed once
 * more.
 *
 * @param seed a bigint
 */
export function weightOf(sql: Sql, seed: Fragment, ...key: readonly KeyColumn[]): Fragment {
  const mixed = (sum: Fragment, column: KeyColumn): Fragment =>
    "text" in column
      ? sql`hashtextextended(${column.text}, ${sum})`
      : sql`hashint8extended(${column.number}, hashint8extended(${column.number} >> 32, ${sum}))`;
  return sql`${key.reduce(mixed, seed)}::numeric`;
}
