/** A day whose month is a word, as its parts stand in the text. */
export interface NamedDay {
  /** Two or four digits. */
  readonly year: string;
  readonly month: string;
  readonly day: string;
  /** What stands after it. */
  readonly rest: string;
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const name =
  "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
const day = "(\\d{1,2})(?:st|nd|rd|th)?";
const year = "(\\d{4}|\\d{2})(?!\\d)";
const weekday = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+/i;

/** `2 Jan 2026`, `2-Jan-26`, `2nd January, 2026`. */
const dayFirst = new RegExp(`^${day}[-\\s/.]${name}(?:[-\\s/]|,\\s)${year}`, "i");
/** `Jan 2, 2026`, `January 2nd 2026`, `Jan-02-26`. */
const monthFirst = new RegExp(`^${name}[-\\s]${day}(?:,\\s?|[-\\s])${year}`, "i");
/** `2026-Jan-02`. */
const yearFirst = new RegExp(`^(\\d{4})[-\\s/]${name}[-\\s/](\\d{1,2})(?!\\d)`, "i");

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
  if (found === undefined) return undefined;
  const { month, length } = found;
  // A comma, or `at`, may stand before the time of day.
  const rest = bare.slice(length).replace(/^(?:,|\s+at)(?=\s)/i, "");
  return { ...found, month: String(months.indexOf(month.slice(0, 3).toLowerCase()) + 1), rest };
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
