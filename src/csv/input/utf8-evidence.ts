import { isAscii } from "node:buffer";

/**
 * What only UTF-8 writes: a character of three bytes or more, such as every Chinese one; a small letter with an accent
 * inside a word; ¥ before an amount. Pairs of bytes alone say nothing: those of 元 in GB18030 are a Cyrillic letter in
 * UTF-8.
 */
const surelyUtf8 = /[\u0800-\u{10ffff}]|[A-Za-z][\u00df-\u00f6\u00f8-\u024f][a-z]|[\s",;]¥-?\d/u;

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
    this.#isFound = surelyUtf8.test(read);
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
