import type { Fragment, Sql } from "./database.ts";

/** The condition that all of these hold which are given; `false` stands for one that is not. */
export const where = (sql: Sql, conditions: readonly (Fragment | false)[]): Fragment =>
  conditions.reduce<Fragment>(
    (all, condition) => (condition === false ? all : sql`${all} AND ${condition}`),
    sql`true`,
  );
