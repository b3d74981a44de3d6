/**
 * Invisible characters: they make two texts look alike, or reverse the text after them. Private-use characters stay
 * allowed, for rare names need them. U+2800 is a Braille pattern without dots.
 */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Variation selectors: they choose the form of the character before them, an emoji or a Chinese one. */
const variation = /^\p{Variation_Selector}$/u;

/** The first invisible character of an id, or undefined. */
export const invisibleInId = (id: string): string | undefined => id.match(unseen)?.[0];

/** The first invisible character of a text that does not belong to a visible one, or undefined. */
export const invisibleIn = (text: string): string | undefined =>
  text.match(unseen)?.find((character) => !variation.test(character));

/** A text with escapes in place of invisible characters. */
export const escapeUnseen = (text: string, escapeOf: (character: string) => string): string =>
  text.replace(unseen, escapeOf);

/** Greek and Cyrillic letters that look like no Latin letter or digit. */
const distinct = /[ΓΔΘΛΞΠΣΦΨΩβδζθλξπφψωБГДЖИЙЛПФЦШЩЪЫЭЮЯджйлфцшщъыэюя]/u;

/** Greek and Cyrillic letters, of which all but the distinct look like Latin ones. */
const nearLatin = /[\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Armenian}\p{sc=Cherokee}\p{sc=Coptic}\p{sc=Lisu}]/u;

/**
 * Other forms of Latin letters and of digits: full-width, phonetic and mathematical ones, and digits of other scripts.
 */
const otherForm =
  /[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u0250-\u02af\u1d00-\u1dbf\u{1d400}-\u{1d7ff}]|(?=\p{L})[\u2100-\u214f]|(?![0-9])\p{Nd}/u;

/**
 * The first character that makes an id look like another one, or undefined. After Unicode TS 39: a letter that looks
 * Latin is accepted only in a word of its own script with a letter that does not. Chinese beside Latin letters and
 * digits is common, and accepted.
 */
export function lookAlikeIn(id: string): string | undefined {
  const form = otherForm.exec(id)?.[0];
  if (form !== undefined || !nearLatin.test(id)) return form;
  const isMixed = /\p{sc=Latin}/u.test(id) || (/\p{sc=Greek}/u.test(id) && /\p{sc=Cyrillic}/u.test(id));
  if (!isMixed && distinct.test(id)) return undefined;
  return [...id].find((character) => nearLatin.test(character) && !distinct.test(character));
}

/**
 * A name without what eyes pass over: case, width, accents, blanks and marks between words, and which of letters and
 * digits that look alike in most type faces it is. Who has the same one is easily taken for somebody else.
 */
export const skeletonOf = (name: string): string =>
  name
    .normalize("NFKD")
    .replaceAll(/[|!]/gu, "l")
    .replaceAll(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase()
    .replaceAll("0", "o")
    .replaceAll(/[1i\u0131]/gu, "l")
    .replaceAll("rn", "m")
    .replaceAll("vv", "w");

/** A character by its code point: U+200B. */
export const codePointOf = (character: string): string =>
  `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`;

/** The form in which an id is stored and compared: NFC, with one kind of space. */
export const normalId = (text: string): string =>
  text
    .normalize("NFC")
    .replaceAll(/\p{Zs}/gu, " ")
    .trim();

/** A JSON text with invisible characters as escapes: it cannot control a terminal, and parses to the same value. */
export const visibleJson = (json: string): string =>
  escapeUnseen(json, (character) => (character === "\n" ? character : jsonEscape(character)));

const jsonEscape = (character: string): string =>
  character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");

/** The number of code points. */
export const lengthOf = (text: string): number => [...text].length;

/**
 * Why a text cannot be stored as a name or the like, or undefined when it can.
 *
 * @param what its name in the message: "a name"
 */
export function textProblem(what: string, text: string, maxLength: number): string | undefined {
  if (text.replaceAll(/\p{Variation_Selector}/gu, "").trim() === "") return `${what} cannot be empty`;
  if (lengthOf(text) > maxLength) return `${what} has at most ${maxLength} characters`;
  return invisibleIn(text) === undefined ? undefined : `${what} takes printable characters only`;
}

/** The same for numbers and codes, which must not look like another one either. */
export function idProblem(what: string, text: string, maxLength: number): string | undefined {
  const problem = textProblem(what, text, maxLength);
  if (problem !== undefined) return problem;
  const misleading = invisibleInId(text) ?? lookAlikeIn(text);
  return misleading === undefined
    ? undefined
    : `${what} takes no ${codePointOf(misleading)}: it cannot be told from another character by its looks`;
}

const maxCodeLength = 64;

/**
 * Why a text cannot be a number or code, or undefined when it can: 1 to 64 printable characters without spaces or
 * commas.
 */
export function codeProblem(what: string, text: string): string | undefined {
  const problem = idProblem(what, text, maxCodeLength);
  if (problem !== undefined) return problem;
  return /[\s,，]/u.test(text) ? `${what} takes no spaces and no commas` : undefined;
}

/** A text without the run of one character at its end, in linear time; a pattern such as /0+$/ takes quadratic time. */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}

/** Why a text cannot be the recorded reason of a decision, or undefined when it can: 1 to 200 printable characters. */
export const reasonProblem = (text: string): string | undefined => textProblem("a reason", text, 200);

/** Whether a spreadsheet may read a cell as a formula, by its first character, in either width. */
export const startsLikeFormula = (text: string): boolean =>
  /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63]/u.test(text);

/** A cell that no spreadsheet reads as a formula: with an apostrophe before it where necessary. */
export const guardedCell = (cell: string): string => (startsLikeFormula(withoutApostrophes(cell)) ? `'${cell}` : cell);

/** The cell that was guarded: the inverse of `guardedCell`. */
export const unguardedCell = (cell: string): string =>
  cell.startsWith("'") && startsLikeFormula(withoutApostrophes(cell)) ? cell.slice(1) : cell;

const withoutApostrophes = (cell: string): string => cell.replace(/^'+/, "");
