import { isUtf8 } from "node:buffer";
import { usageError, type AccrueError } from "../shared/errors.ts";

/** What the bytes of a file turned out to be. */
export type Encoding = "utf-8" | "utf-8-bom";

/**
 * Turns raw bytes, in chunks cut anywhere, into valid UTF-8 without byte-order mark. Further encodings are further
 * implementations: everything behind this sees UTF-8 only.
 */
export interface ByteDecoder {
  readonly encoding: Encoding;
  /** Takes the next bytes; returns what is complete so far. */
  push(bytes: Buffer): Buffer;
  /** What is left at the end of the input. */
  end(): Buffer;
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const nothing = Buffer.alloc(0);

/** Strict UTF-8: bytes that are not valid are refused with their offset, never replaced. */
export class Utf8Decoder implements ByteDecoder {
  readonly #name: string;
  #encoding: Encoding = "utf-8";
  /** Bytes that wait for the rest of their character, or of a possible byte-order mark. */
  #waiting: Buffer = nothing;
  #atStart = true;
  /** Offset in the input of the first byte of `#waiting`. */
  #offset = 0;

  /** @param name the input, for messages */
  constructor(name: string) {
    this.#name = name;
  }

  get encoding(): Encoding {
    return this.#encoding;
  }

  push(bytes: Buffer): Buffer {
    let data = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    if (this.#atStart) {
      if (data.length < byteOrderMark.length && byteOrderMark.subarray(0, data.length).equals(data)) {
        this.#waiting = data;
        return nothing;
      }
      this.#atStart = false;
      if (data.subarray(0, byteOrderMark.length).equals(byteOrderMark)) {
        this.#encoding = "utf-8-bom";
        this.#offset = byteOrderMark.length;
        data = data.subarray(byteOrderMark.length);
      }
    }
    return this.#takeComplete(data, data.length - incompleteTailLength(data));
  }

  end(): Buffer {
    const data = this.#waiting;
    this.#waiting = nothing;
    return this.#takeComplete(data, data.length);
  }

  #takeComplete(data: Buffer, length: number): Buffer {
    const complete = data.subarray(0, length);
    if (!isUtf8(complete)) {
      const at = firstInvalidIndex(complete);
      throw invalidUtf8(this.#name, this.#offset + at, complete.subarray(at, at + 4), complete);
    }
    this.#offset += length;
    this.#waiting = data.subarray(length);
    return complete;
  }
}

/** Length of the character that a byte starts; 0 for a byte that starts none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** How many bytes at the end are the beginning of a character whose rest has yet to come: 0 to 3. */
function incompleteTailLength(data: Buffer): number {
  for (let back = 1; back <= 3 && back <= data.length; back += 1) {
    const byte = data[data.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    return sequenceLength(byte) > back ? back : 0;
  }
  return 0;
}

/** Index of the first byte that does not belong to a valid character. Only asked for data known to have one. */
function firstInvalidIndex(data: Buffer): number {
  let index = 0;
  while (index < data.length) {
    const length = Math.max(sequenceLength(data[index]!), 1);
    if (!isUtf8(data.subarray(index, index + length))) return index;
    index += length;
  }
  return data.length;
}

function invalidUtf8(name: string, offset: number, bytes: Buffer, around: Buffer): AccrueError {
  const guess = guessEncoding(around, offset === 0);
  const shown = bytes.toString("hex").replace(/(..)(?!$)/g, "$1 ");
  return usageError(
    "csv_invalid_utf8",
    `${name} is not valid UTF-8: the byte at offset ${offset} (${shown}) starts no character${guess}`,
    {
      hint: "save the file again as UTF-8 (in Excel: CSV UTF-8), then import that",
      details: { file: name, byte_offset: offset },
    },
  );
}

function guessEncoding(data: Buffer, isStart: boolean): string {
  if (isStart && data.length >= 2) {
    const mark = data.readUInt16BE(0);
    if (mark === 0xfffe || mark === 0xfeff) return "; it looks like UTF-16";
  }
  try {
    // Streaming, because the data may end inside a character.
    new TextDecoder("gb18030", { fatal: true }).decode(data, { stream: true });
    return "; it looks like GB18030 (GBK)";
  } catch {
    return "";
  }
}
