import type { TextDecoder } from "node:util";
import { strictDecoder, type Charset } from "./encodings.ts";

/** Thrown where bytes are no text of the encoding they are read in. */
export class InvalidBytes extends Error {
  /** Offset in the content of the first byte that belongs to no character. */
  readonly offset: number;
  /** The content ends inside a character. */
  readonly isCutOff: boolean;

  constructor(offset: number, isCutOff: boolean) {
    super(`no character at byte ${offset}`);
    this.offset = offset;
    this.isCutOff = isCutOff;
  }
}

/** No character has more than four bytes, so no more than three ever wait for the rest of theirs. */
const maxPending = 3;

/**
 * Decodes a content in chunks that are cut anywhere, and knows the offset of a byte that belongs to no character. Where
 * characters start and end is left to Node's decoder: fed byte by byte, it gives text exactly where a character ends.
 */
export class StrictDecoder {
  readonly #charset: Charset;
  readonly #decoder: TextDecoder;
  /** How many bytes were taken so far. */
  #length = 0;
  /** Those at their end that wait for the rest of their character. */
  #pending: Buffer = Buffer.alloc(0);

  constructor(charset: Charset) {
    this.#charset = charset;
    this.#decoder = strictDecoder(charset.name);
  }

  /**
   * The text of the characters that this chunk completes, a byte-order mark among them: the chunk itself where it is
   * UTF-8 as it stands, which is quicker to check than to decode, else a string.
   *
   * @throws InvalidBytes after which nothing more can be decoded
   */
  decode(chunk: Buffer): Buffer | string {
    const isAsItIs = this.#pending.length === 0 && this.#charset.isUtf8Text(chunk);
    const text = isAsItIs ? chunk : this.#decodeCharacters(chunk);
    this.#length += chunk.length;
    return text;
  }

  /**
   * To be called at the end of the content.
   *
   * @throws InvalidBytes when it ends inside a character
   */
  end(): void {
    if (this.#pending.length > 0) throw new InvalidBytes(this.#length - this.#pending.length, true);
  }

  /**
   * The last three bytes are fed one by one, to see how many wait at the end. When the rest is decoded at once, it is
   * not known how many wait after that; but if any do, one of the three completes their character, and the count is
   * right.
   */
  #decodeCharacters(chunk: Buffer): string {
    const bytes = Buffer.concat([this.#pending, chunk]);
    const tail = Math.max(0, chunk.length - maxPending);
    let pendingLength = tail === 0 ? this.#pending.length : 0;
    try {
      let text = this.#decoder.decode(chunk.subarray(0, tail), { stream: true });
      for (let at = tail; at < chunk.length; at += 1) {
        const character = this.#decoder.decode(chunk.subarray(at, at + 1), { stream: true });
        text += character;
        pendingLength = character === "" ? pendingLength + 1 : 0;
      }
      this.#pending = bytes.subarray(bytes.length - pendingLength);
      return text;
    } catch {
      throw new InvalidBytes(this.#length - this.#pending.length + firstInvalid(this.#charset, bytes), false);
    }
  }
}

/** Index of the first byte that belongs to no character, in bytes that start with a whole one. Slow. */
function firstInvalid(charset: Charset, bytes: Buffer): number {
  const decoder = strictDecoder(charset.name);
  let start = 0;
  try {
    for (let at = 0; at < bytes.length; at += 1) {
      if (decoder.decode(bytes.subarray(at, at + 1), { stream: true }) !== "") start = at + 1;
    }
  } catch {
    // The byte just fed is the one that made it certain; the character it does not fit in started before.
  }
  return start;
}
