import { escapeUnseen, invisibleIn } from "../shared/text.ts";

/**
 * A text fit for a terminal: control characters and direction overrides, with which data could move the cursor,
 * recolour the screen or forge a line, and characters that nobody would see are shown as escapes. Everything printable
 * stays as it is, Chinese and the forms that characters and emoji are given included.
 *
 * @param keep characters to leave in, such as the line breaks of a message
 */
export function printable(text: string, keep = ""): string {
  return escapeUnseen(text, (character) => {
    if (keep.includes(character) || invisibleIn(character) === undefined) return character;
    const escape = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return escape ?? `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;
  });
}
