import { sql, type SQL } from "drizzle-orm";
import { bigint, customType, timestamp, type AnyPgColumn } from "drizzle-orm/pg-core";

/** A bigint column that arrives as a bigint: an id, an amount of fen, a number of points. */
export const big = (name: string) => bigint(name, { mode: "bigint" });

/** An instant. Always with its zone, to the microsecond. */
export const instant = (name: string) => timestamp(name, { withTimezone: true, mode: "date" });

/** A business date, `YYYY-MM-DD`, in the platform's time zone. Text in memory: it is a label, not an instant. */
export const businessDate = customType<{ data: string; driverData: string }>({ dataType: () => "date" });

/** Bytes, as they are. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => "bytea" });

/** The condition of a CHECK that a column holds one of some words. */
export const isOneOf = (column: AnyPgColumn, words: readonly string[]): SQL =>
  sql`${column} in (${sql.raw(words.map((word) => `'${word}'`).join(", "))})`;
