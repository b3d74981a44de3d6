import { narrowWidth } from "./clean.ts";

/**
 * How a file writes its totals into a text: `共 {rows} 笔, 合计 {amount} 元`. Numbers stand where names are in braces. It is
 * no regular expression on purpose: whatever it says, and whatever the file says, it is read once from left to right.
 */
export interface TotalsText {
  /** What stands in front of each number, in its narrow form and without the blanks around it. */
  readonly words: readonly string[];
  /** What each number is the total of. */
  readonly names: readonly string[];
}

/**
 * Reads the written form.
 *
 * @returns undefined where it names nothing, starts with a number, or has a number right after another
 */
export function readTotalsText(written: string): TotalsText | undefined {
  const parts = narrowWidth(written).split(/\{([^{}]*)\}/);
  const words = parts
    .filter((_, index) => index % 2 === 0)
    .slice(0, -1)
    .map((word) => word.trim());
  const names = parts.filter((_, index) => index % 2 === 1).map((name) => name.trim());
  return names.length === 0 || words.includes("") ? undefined : { words, names };
}

const blanks = /\s*/y;
/** With points and commas as the file writes them: `1,234.50`, `1.234,50`. */
const number = /[+-]?\d+(?:[.,]\d+)*/y;

/**
 * Finds the totals in a text, in either width, with blanks or without. What stands first is looked for; from there on
 * the text is read as far as it goes.
 *
 * @returns each number as it is written, by its name; fewer than there are names where the text says something else
 */
export function totalsIn(text: string, { words, names }: TotalsText): ReadonlyMap<string, string> {
  const narrow = narrowWidth(text);
  const totals = new Map<string, string>();
  let at = narrow.indexOf(words[0]!);
  for (const [index, word] of words.entries()) {
    if (at === -1 || !narrow.startsWith(word, at)) break;
    const start = behind(blanks, narrow, at + word.length);
    const end = behind(number, narrow, start);
    if (end === start) break;
    totals.set(names[index]!, narrow.slice(start, end));
    at = behind(blanks, narrow, end);
  }
  return totals;
}

/** Where a sticky pattern that starts at a place ends; that place where it does not fit. */
function behind(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
