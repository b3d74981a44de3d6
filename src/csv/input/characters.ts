import type { Charset } from "./encodings.ts";

/** Thrown where bytes are no text of the encoding they were read in. */
export class InvalidBytes extends Error {
  /** Offset of the first byte that belongs to no character, counted in the unpacked content. */
  readonly offset: number;
  /** The bytes there: a few, for a message. */
  readonly bytes: Buffer;
  /** The content ends inside a character. */
  readonly isCutOff: boolean;

  constructor(offset: number, bytes: Buffer, isCutOff: boolean) {
    super(`no character at byte ${offset}`);
    this.offset = offset;
    this.bytes = bytes;
    this.isCutOff = isCutOff;
  }

  /** Such as `byte 17 (d5 c5 c8 fd)`. */
  get place(): string {
    const shown = this.bytes.toString("hex").replace(/(..)(?!$)/g, "$1 ");
    return `byte ${this.offset} (${shown})${this.isCutOff ? ", where it ends inside a character" : ""}`;
  }
}

const nothing: Buffer = Buffer.alloc(0);
const bytesShown = 4;

/**
 * Cuts a stream of bytes into whole characters, wherever its chunks were cut, and reads these strictly: a byte that
 * belongs to none is met with its offset, never replaced.
 */
export class CharacterReader {
  readonly #charset: Charset;
  /** Bytes that wait for the rest of their character. */
  #waiting: Buffer = nothing;
  /** Offset in the content of the first byte of `#waiting`. */
  #offset = 0;
  #markLeft: number;

  /** @param markLength bytes of the byte-order mark that the content starts with; they are no part of the text */
  constructor(charset: Charset, markLength: number) {
    this.#charset = charset;
    this.#markLeft = markLength;
  }

  /**
   * The text of the characters that are complete by now.
   *
   * @throws InvalidBytes
   */
  push(chunk: Buffer): Buffer | string {
    const skipped = Math.min(this.#markLeft, chunk.length);
    this.#markLeft -= skipped;
    this.#offset += skipped;
    const bytes = chunk.subarray(skipped);
    const data = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    return this.#take(data, completeLength(this.#charset, data));
  }

  /**
   * To be called at the end of the content.
   *
   * @throws InvalidBytes when it ends inside a character
   */
  end(): void {
    if (this.#waiting.length > 0) throw new InvalidBytes(this.#offset, this.#waiting, true);
  }

  #take(data: Buffer, length: number): Buffer | string {
    const complete = data.subarray(0, length);
    const text = this.#charset.read(complete);
    if (text === undefined) {
      const at = firstInvalidIndex(this.#charset, complete);
      throw new InvalidBytes(this.#offset + at, data.subarray(at, at + bytesShown), false);
    }
    this.#offset += length;
    this.#waiting = data.subarray(length);
    return text;
  }
}

/** Length of the whole characters that data starts with. */
function completeLength(charset: Charset, data: Buffer): number {
  let at = charset.startNearEnd(data);
  for (let next = at; next <= data.length; next += charset.lengthAt(data, at)) at = next;
  return at;
}

/** Index of the first character that is none. Slow, and asked only of data known to have one. */
function firstInvalidIndex(charset: Charset, data: Buffer): number {
  let at = 0;
  while (at < data.length) {
    const next = at + charset.lengthAt(data, at);
    if (charset.read(data.subarray(at, next)) === undefined) break;
    at = next;
  }
  return at;
}
