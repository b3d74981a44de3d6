import { cleanText, narrowWidth } from "../../csv/clean.ts";

/** What the names of a column have in common in other systems' files, whatever the language. */
export interface NamesElsewhere {
  /** Names as `foldName` gives them, the surest first. */
  readonly names: readonly string[];
  /** Names that count as they are only: parts of them are other things elsewhere. */
  readonly further?: readonly string[];
  /** Parts of names that say it is something else: the tax of a total. */
  readonly not?: readonly string[];
}

/** The words of a text: lists of names are easier to read as one. */
export const listed = (text: string): readonly string[] => text.trim().split(/\s+/);

const bracketed = /[([【（][^)\]】）]{0,40}[)\]】）]/gu;
const notLetters = /[^\p{L}\p{N}]+/gu;
const zoneName = /(?:utc|gmt)$/;
/** Not the marks of Japanese, which make another letter. */
const accents = /[\u0300-\u036f]+/g;

/** A name as it is compared across languages: without case, width, accents, signs, and what stands in brackets. */
export function foldName(name: string): string {
  const plain = cleanText(narrowWidth(name)).normalize("NFD").replace(accents, "").normalize("NFC").toLowerCase();
  const outside = plain.replace(bracketed, " ").replace(notLetters, "").replace(zoneName, "");
  return outside === "" ? plain.replace(notLetters, "") : outside;
}

const exactly = 100;
const leastExact = 60;
const mostPartly = 40;
const leastLength = 2;
/** How much of a known name a shorter one has to be. */
const leastShare = 0.5;

/**
 * How like a name is to those of a column: the same as one of them, or the part that one has of the other.
 *
 * @param name as `foldName` gives it
 * @returns from 0, not at all, to 100
 */
export function likeness(name: string, { names, further = [] }: NamesElsewhere): number {
  const index = names.indexOf(name);
  if (index !== -1) return Math.max(exactly - index, leastExact);
  if (further.includes(name)) return leastExact;
  if (name.length < leastLength) return 0;
  const shares = names.map((known) => {
    const share = Math.min(name.length, known.length) / Math.max(name.length, known.length);
    const isPart = name.includes(known) || (known.includes(name) && share >= leastShare);
    return known.length >= leastLength && isPart ? share : 0;
  });
  return Math.round(mostPartly * Math.max(0, ...shares));
}

/** What the cells of a column hold. */
export type Holds = "id" | "party" | "money" | "number" | "time" | "words" | "text";

/** What such a column is called and says in other systems' files. */
export interface ColumnElsewhere extends NamesElsewhere {
  readonly holds: Holds;
  /** A kind does not need it, but hardly a file is without it: its cells alone are a hint. */
  readonly isUsual?: boolean;
  /**
   * Words by what they mean, as `foldName` gives them. Those that mean nothing that the column may say are left out of a
   * profile.
   */
  readonly words?: Readonly<Record<string, readonly string[]>>;
  /** Words that somebody has to say the meaning of, though a profile knows them. */
  readonly asked?: readonly string[];
}
