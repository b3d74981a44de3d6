/** Characters that cannot be seen: they make two texts look alike. Private-use ones stay allowed, rare names need them. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** The number of characters a person would count, roughly: a character beyond the basic plane counts once. */
export const lengthOf = (text: string): number => [...text].length;

/**
 * Why a text cannot be stored as what it is meant to be, or undefined when it can.
 *
 * @param what how the message calls it: "a name"
 */
export function textProblem(what: string, text: string, maxLength: number): string | undefined {
  if (text.trim() === "") return `${what} cannot be empty`;
  if (lengthOf(text) > maxLength) return `${what} has at most ${maxLength} characters`;
  return invisible.test(text) ? `${what} takes printable characters only` : undefined;
}

const maxCodeLength = 64;

/** Why a text cannot be a number or code that people call things by, or undefined when it can: 1 to 64 printable characters without spaces or commas. */
export function codeProblem(what: string, text: string): string | undefined {
  const problem = textProblem(what, text, maxCodeLength);
  if (problem !== undefined) return problem;
  return /[\s,，]/u.test(text) ? `${what} takes no spaces and no commas` : undefined;
}

/** A text without the run of one character at its end. It takes time in the length of the text; a pattern such as /0+$/ takes its square. */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}

/** Why a text cannot be the recorded reason of a decision, or undefined when it can: 1 to 200 printable characters. */
export const reasonProblem = (text: string): string | undefined => textProblem("a reason", text, 200);

/** Whether a spreadsheet may take a cell for a formula, by its first character, in either width. */
export const startsLikeFormula = (text: string): boolean => /^[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63]/u.test(text);
