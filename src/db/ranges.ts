import type { BusinessDate } from "../shared/business-date.ts";
import type { Fragment, Sql } from "./driver/client.ts";

/** A range of days, by its last; the last range has no end. */
interface RangeOfDays {
  readonly word: string;
  readonly lastDay: number;
}

/** In which of some ranges the days lie that have passed since a date, as a word. */
export function rangeOfDays(sql: Sql, date: Fragment, today: BusinessDate, ranges: readonly RangeOfDays[]): Fragment {
  const cases = ranges.map(({ word, lastDay }) =>
    Number.isFinite(lastDay) ? sql`WHEN ${today}::date - ${date} <= ${lastDay} THEN ${word}` : sql`ELSE ${word}`,
  );
  return sql`CASE ${cases.reduce((all, one) => sql`${all} ${one}`)} END`;
}
