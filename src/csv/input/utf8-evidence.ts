import { isAscii } from "node:buffer";

/**
 * What only UTF-8 writes: a character of three bytes or more, such as every Chinese one; a small letter with an accent
 * inside a word or at its end, a large one before another letter; words in Cyrillic or Greek with a letter that is no
 * common character of GB18030; ¥ or £ before an amount; a blank that does not break. Pairs of bytes alone say nothing:
 * those of 元 in GB18030 are a Cyrillic letter in UTF-8, and so are those of 学校 two.
 */
const surelyUtf8 = [
  /[\u0800-\u{10ffff}\u0080-\u00a0]/u,
  /[A-Za-z][\u00df-\u00f6\u00f8-\u024f][a-z]/u,
  /[a-z]{2}[ßàáãäçéêíóöúü](?![\w\u0080-\uffff])/u,
  /[\u00c0-\u00d6\u00d8-\u00de][A-Za-z]/u,
  /[\u0410-\u0420\u0440-\u044f][\u0410-\u044f]{2}/u,
  /[\u0391-\u03a0\u03c0-\u03c9][\u0391-\u03c9]{2}/u,
  /[\s",;(][¥£](?:-?\d|\))/u,
];

const foreign = /[^\0-\x7f]+/u;
const bytesShown = 24;

/** Looks through a text of valid UTF-8 for what says that it is no GB18030. */
export class Utf8Evidence {
  #isFound = false;
  #first: Buffer | undefined;

  /** @param text whole characters: the next piece */
  add(text: Buffer | string): void {
    if (this.#isFound || (typeof text !== "string" && isAscii(text))) return;
    const read = String(text);
    this.#isFound = surelyUtf8.some((pattern) => pattern.test(read));
    const first = foreign.exec(read)?.[0];
    if (first !== undefined) this.#first ??= Buffer.from(first).subarray(0, bytesShown);
  }

  /**
   * The first characters that could be of either encoding; undefined where there are none, or others say that it is
   * UTF-8.
   */
  get doubtful(): Buffer | undefined {
    return this.#isFound ? undefined : this.#first;
  }
}
