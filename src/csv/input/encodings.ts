import { isAscii, isUtf8 } from "node:buffer";
import { TextDecoder } from "node:util";
import { usageError } from "../../shared/errors.ts";

/** What can be asked for with `--encoding`. */
export type EncodingName = "utf-8" | "gb18030" | "utf-16le" | "utf-16be" | "windows-1252";

/** What a file turned out to be, as reports name it. */
export type Encoding = EncodingName | "utf-8-bom";

/** One of the encodings. Its name is also the label that Node's decoder knows it by. */
export interface Charset {
  readonly name: EncodingName;
  /** For people. */
  readonly title: string;
  /**
   * U+FEFF in this encoding: the byte-order mark, which is no part of the text; empty where there is no such character.
   */
  readonly mark: Buffer;
  /** Whether bytes are whole characters of this encoding, and the same in UTF-8, as far as that is quick to see. */
  readonly isUtf8Text: (bytes: Buffer) => boolean;
}

/** Every encoding that is read. GBK is read as GB18030: Node decodes some sequences wrongly by the label `gbk`. */
export const charsets: Readonly<Record<EncodingName, Charset>> = {
  "utf-8": { name: "utf-8", title: "UTF-8", mark: Buffer.of(0xef, 0xbb, 0xbf), isUtf8Text: isUtf8 },
  gb18030: { name: "gb18030", title: "GB18030", mark: Buffer.of(0x84, 0x31, 0x95, 0x33), isUtf8Text: isAscii },
  "utf-16le": { name: "utf-16le", title: "UTF-16 LE", mark: Buffer.of(0xff, 0xfe), isUtf8Text: () => false },
  "utf-16be": { name: "utf-16be", title: "UTF-16 BE", mark: Buffer.of(0xfe, 0xff), isUtf8Text: () => false },
  "windows-1252": { name: "windows-1252", title: "Windows-1252", mark: Buffer.alloc(0), isUtf8Text: isAscii },
};

/** A decoder that throws where there is no character and keeps a byte-order mark as the character it is. */
export const strictDecoder = (label: string): TextDecoder => new TextDecoder(label, { fatal: true, ignoreBOM: true });

/** The text of bytes in an encoding that Node knows; undefined when they are not valid in it. */
export function decodeStrictly(label: string, bytes: Buffer): string | undefined {
  try {
    const decoder = strictDecoder(label);
    // As a stream: in one go, Node 20 reads Windows-1252 as Latin-1 (nodejs/node#56542).
    return decoder.decode(bytes, { stream: true }) + decoder.decode();
  } catch {
    return undefined;
  }
}

const aliases: Readonly<Record<string, EncodingName>> = {
  utf8: "utf-8",
  "utf-8": "utf-8",
  gb18030: "gb18030",
  gbk: "gb18030",
  gb2312: "gb18030",
  cp936: "gb18030",
  "utf-16le": "utf-16le",
  utf16le: "utf-16le",
  "utf-16be": "utf-16be",
  utf16be: "utf-16be",
  "windows-1252": "windows-1252",
  cp1252: "windows-1252",
  latin1: "windows-1252",
  "iso-8859-1": "windows-1252",
};

/** What `--encoding` takes, for its help. */
export const encodingChoices = "utf-8, gb18030 (or gbk, gb2312), utf-16le, utf-16be, windows-1252";

/**
 * The encoding that a person names; GBK and GB2312 are parts of GB18030.
 *
 * @throws AccrueError `invalid_encoding` (usage)
 */
export function parseEncoding(text: string): EncodingName {
  const name = aliases[text.trim().toLowerCase()];
  if (name !== undefined) return name;
  throw usageError("invalid_encoding", `--encoding ${text} is not an encoding that is read here`, {
    hint: `give one of ${encodingChoices}, or leave it out: the encoding is found from the bytes`,
  });
}
