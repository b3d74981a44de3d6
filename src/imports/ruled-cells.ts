import { readDecimal } from "../csv/cells.ts";
import { cleanNumeric, cleanText, cleanWord, isBlank, narrowWidth, startsBare, usualNumber } from "../csv/clean.ts";
import type { CellOf } from "./kind.ts";
import type { CellRule, Profile } from "./profile.ts";

/**
 * Lets a row be read by the rules of a profile: what `read` asks for is the cell as the profile means it. Where a
 * profile has no rule at all, nothing stands between the two.
 */
export function readingBy<Key extends string, Row>(
  { rules, constants }: Profile<Key>,
  read: (cell: CellOf<Key>) => Row,
): (cell: CellOf<Key>) => Row {
  if (rules.size === 0 && constants.size === 0) return read;
  let raw: CellOf<Key> = () => "";
  const ruled: CellOf<Key> = (key) => {
    const constant = constants.get(key);
    if (constant !== undefined) return constant;
    const rule = rules.get(key);
    return rule === undefined ? raw(key) : applyRule(rule, raw, raw(key));
  };
  // Made once for a file: a function for each row would be a million of them.
  return (cell) => {
    raw = cell;
    return read(ruled);
  };
}

/** A cell as its rule means it; the raw cell where the rule has nothing to say about it. */
function applyRule<Key extends string>(rule: CellRule<Key>, raw: CellOf<Key>, cell: string): string {
  let text = cell;
  if (saysNothing(rule, text)) {
    text = rule.otherwise === undefined ? "" : raw(rule.otherwise);
    if (saysNothing(rule, text)) return "";
  }
  for (const key of rule.followedBy) text = `${cleanText(text)} ${cleanText(raw(key))}`.trim();
  text = valueOf(rule, text);
  for (const key of rule.less) text = difference(text, valueOf(rule, raw(key)));
  return rule.words.get(text) ?? (rule.words.size === 0 ? text : (rule.words.get(cleanWord(text)) ?? text));
}

/** What a cell says, before words: a part of it, without what stands around that, as the number that is meant. */
function valueOf(rule: CellRule, cell: string): string {
  let text = cell;
  if (rule.before !== undefined || rule.between !== undefined) text = partOf(rule, text);
  if (rule.stripStart.length > 0 || rule.stripEnd.length > 0) text = strip(rule, cleanText(text));
  if (rule.numberStyle !== undefined) text = usualNumber(text, rule.numberStyle);
  return rule.isNegated ? negate(cleanNumeric(text)) : text;
}

/** A number of a column as it is usually written: a total, too, is written as the numbers that it adds up. */
export function plainNumber(rule: CellRule | undefined, cell: string): string {
  if (rule === undefined) return cell;
  const { stripStart, stripEnd, numberStyle } = rule;
  const text = stripStart.length > 0 || stripEnd.length > 0 ? strip(rule, cleanText(cell)) : cell;
  return numberStyle === undefined ? text : usualNumber(text, numberStyle);
}

const decimals = 6;

/** One number less another, exactly. Of what is no number the text says both, and is none either. */
function difference(number: string, less: string): string {
  if (isBlank(less)) return number;
  const [minuend, subtrahend] = [readDecimal(number, decimals), readDecimal(less, decimals)];
  if (typeof minuend !== "bigint" || typeof subtrahend !== "bigint") return `${number} less ${less}`;
  const result = minuend - subtrahend;
  const digits = String(result < 0n ? -result : result).padStart(decimals + 1, "0");
  const text = `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`.replace(/0{1,6}$/, "").replace(/\.$/, "");
  return result < 0n ? `-${text}` : text;
}

function saysNothing({ nothing, nothingStarts }: CellRule, cell: string): boolean {
  if (cell === "") return true;
  if (startsBare(cell) && !nothingStarts.has(cell.charCodeAt(0))) return false;
  return nothing.has(cleanWord(cell)) || cleanText(cell) === "";
}

function partOf({ before, between }: Pick<CellRule, "before" | "between">, cell: string): string {
  // Character for character as long as the cell, so a position in one is a position in the other.
  const narrow = narrowWidth(cell);
  if (before !== undefined) {
    const end = narrow.indexOf(before);
    return end === -1 ? cell : cell.slice(0, end);
  }
  const [opening, closing] = between!;
  const start = narrow.indexOf(opening);
  const end = start === -1 ? -1 : narrow.indexOf(closing, start + opening.length);
  return end === -1 ? "" : cell.slice(start + opening.length, end);
}

function strip({ stripStart, stripEnd }: Pick<CellRule, "stripStart" | "stripEnd">, text: string): string {
  const start = stripStart.find((affix) => text.startsWith(affix))?.length ?? 0;
  const end = stripEnd.find((affix) => text.endsWith(affix))?.length ?? 0;
  return start + end < text.length ? text.slice(start, text.length - end) : text;
}

function negate(number: string): string {
  if (number === "") return number;
  return number.startsWith("-") ? number.slice(1) : `-${number.replace(/^\+/, "")}`;
}
