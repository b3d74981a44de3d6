import type { Sql } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";

/** The business date of the oldest of some times, as row readers write them; undefined when there are none. */
export async function oldestDateOf(
  sql: Sql,
  times: readonly string[],
  zone: string,
): Promise<BusinessDate | undefined> {
  if (times.length === 0) return undefined;
  const [row] = await sql<{ oldest: BusinessDate }[]>`
    SELECT (min(t::timestamptz) AT TIME ZONE ${zone})::date AS oldest FROM unnest(${[...times]}::text[]) AS t`;
  return row!.oldest;
}
