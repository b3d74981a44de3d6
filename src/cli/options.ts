import { isBusinessDate, type BusinessDate } from "../shared/business-date.ts";
import { usageError } from "../shared/errors.ts";

/** The largest page a list gives: what fits into memory and on a screen without a second thought. */
export const maxPageRows = 10_000;

/**
 * Reads the value of `--limit`.
 *
 * @throws a usage error when it is no whole number from 1 to `maxPageRows`
 */
export function readLimit(text: string | undefined, usual = 50): number {
  if (text === undefined) return usual;
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= maxPageRows) return limit;
  throw usageError("invalid_limit", `--limit ${text} is no number of rows from 1 to ${maxPageRows}`, {
    hint: "take the next page with --after",
  });
}

/**
 * Reads the value of an option that is a business date.
 *
 * @param flag the option's name, for the message
 * @throws a usage error when it is no calendar date written as YYYY-MM-DD
 */
export function readDate(flag: string, text: string | undefined): BusinessDate | undefined {
  if (text === undefined || isBusinessDate(text)) return text;
  throw usageError("invalid_date", `${flag} ${text} is no date`, { hint: "write it like 2026-01-31" });
}

/**
 * Reads the value of an option that is one of a few words.
 *
 * @throws a usage error that lists the words
 */
export function readChoice<Word extends string>(flag: string, words: readonly Word[], text: string | undefined): Word | undefined {
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw usageError("invalid_choice", `${flag} ${text} is not one of the words it takes`, { hint: `one of: ${words.join(", ")}` });
}

/** What a list says under its last row when there is another page. */
export const morePages = (key: string | undefined): string | undefined =>
  key === undefined ? undefined : `more: --after ${/^[\w.-]+$/.test(key) ? key : `'${key.replaceAll("'", `'\\''`)}'`}`;
