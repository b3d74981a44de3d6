/** A day whose month is a word, as its parts stand in the text. */
export interface NamedDay {
  /** Two or four digits. */
  readonly year: string;
  readonly month: string;
  readonly day: string;
  /** What stands after it. */
  readonly rest: string;
}

const months = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const weekday = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[.,]{0,2}\s/i;

/** `2 Jan 2026`, `2-Jan-26`, `2nd January, 2026`. */
const dayFirst = /^(\d{1,2})(?:st|nd|rd|th)?[-\s/.]([a-z]{3,9})(?:\.?[-\s/]|\.?,\s)(\d{4}|\d{2})(?!\d)/i;
/** `Jan 2, 2026`, `January 2nd 2026`, `Jan-02-26`. */
const monthFirst = /^([a-z]{3,9})\.?[-\s](\d{1,2})(?:st|nd|rd|th)?(?:,\s?|[-\s])(\d{4}|\d{2})(?!\d)/i;
/** `2026-Jan-02`. */
const yearFirst = /^(\d{4})[-\s/]([a-z]{3,9})\.?[-\s/](\d{1,2})(?!\d)/i;

/** From 1; 0 of what is no month. */
function monthNamed(word: string): number {
  const name = word.toLowerCase();
  return (
    months.findIndex(
      (month) => month === name || month.slice(0, 3) === name || (month === "september" && name === "sept"),
    ) + 1
  );
}

/**
 * Finds the day that a text begins with, its month in English. Such a day is read one way only, whatever the order of
 * other dates: nobody puts a year of two digits before the name of a month.
 */
export function namedDayIn(text: string): NamedDay | undefined {
  const bare = text.replace(weekday, "");
  const found =
    partsOf(dayFirst.exec(bare), "day", "month", "year") ??
    partsOf(monthFirst.exec(bare), "month", "day", "year") ??
    partsOf(yearFirst.exec(bare), "year", "month", "day");
  const month = found === undefined ? 0 : monthNamed(found.month);
  if (found === undefined || month === 0) return undefined;
  // A comma, or `at`, may stand before the time of day.
  const rest = bare.slice(found.length).replace(/^(?:,|\sat)(?=\s)/i, "");
  return { ...found, month: String(month), rest };
}

type Part = "year" | "month" | "day";

function partsOf(
  match: RegExpExecArray | null,
  ...[first, second, third]: readonly [Part, Part, Part]
): (Record<Part, string> & { readonly length: number }) | undefined {
  if (match === null) return undefined;
  const parts = { [first]: match[1]!, [second]: match[2]!, [third]: match[3]! } as Record<Part, string>;
  return { ...parts, length: match[0].length };
}
