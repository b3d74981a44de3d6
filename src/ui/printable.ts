/**
 * A text fit for a terminal: control characters and direction overrides, with which data could move the cursor, recolour
 * the screen or forge a line, are shown as escapes. Chinese and everything else printable stays as it is.
 *
 * @param keep characters to leave in, such as the line breaks of a message
 */
export function printable(text: string, keep = ""): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, (character) => {
    if (keep.includes(character)) return character;
    const escape = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return escape ?? `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;
  });
}
