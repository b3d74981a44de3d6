import { isUtf8 } from "node:buffer";
import { usageError } from "../../shared/errors.ts";

/** What can be asked for with `--encoding`. */
export type EncodingName = "utf-8" | "gb18030" | "utf-16le" | "utf-16be";

/** What a file turned out to be, as reports name it. */
export type Encoding = EncodingName | "utf-8-bom";

/** How bytes of one encoding become text. Its functions are asked about data that begins with a character's first byte. */
export interface Charset {
  readonly name: EncodingName;
  /** For people. */
  readonly title: string;
  /** U+FEFF in this encoding: the byte-order mark, which is no part of the text. */
  readonly mark: Buffer;
  /** Bytes of the character at `at`, judged by its first bytes alone; beyond the data when it is cut off. At least 1. */
  lengthAt(data: Buffer, at: number): number;
  /** Where a character starts, near the end of the data, or the end itself: so that few have to be walked through. */
  startNearEnd(data: Buffer): number;
  /** The text of whole characters, in UTF-8 or as a string; undefined when they are not valid. */
  read(data: Buffer): Buffer | string | undefined;
}

function strictDecoder(label: string): Charset["read"] {
  const decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  return (data) => {
    try {
      return decoder.decode(data);
    } catch {
      return undefined;
    }
  };
}

const utf8: Charset = {
  name: "utf-8",
  title: "UTF-8",
  mark: Buffer.from([0xef, 0xbb, 0xbf]),
  lengthAt(data, at) {
    const lead = data[at]!;
    if (lead < 0xc2 || lead > 0xf4) return 1;
    if (lead < 0xe0) return 2;
    return lead < 0xf0 ? 3 : 4;
  },
  startNearEnd(data) {
    const last = data.length - 1;
    for (let at = last; at >= 0 && at > last - 4; at -= 1) {
      if ((data[at]! & 0xc0) !== 0x80) return at;
    }
    return data.length;
  },
  read: (data) => (isUtf8(data) ? data : undefined),
};

const gb18030: Charset = {
  name: "gb18030",
  title: "GB18030",
  mark: Buffer.from([0x84, 0x31, 0x95, 0x33]),
  lengthAt(data, at) {
    if (data[at]! < 0x81 || data[at] === 0xff) return 1;
    const second = data[at + 1];
    return second !== undefined && second >= 0x30 && second <= 0x39 ? 4 : 2;
  },
  startNearEnd(data) {
    // Below 0x30 (line ends, blanks, commas) no byte is part of another character.
    let at = data.length;
    while (at > 0 && data[at - 1]! >= 0x30) at -= 1;
    return at;
  },
  // Never by the label `gbk`: Node decodes some of its sequences wrongly.
  read: strictDecoder("gb18030"),
};

function utf16(name: "utf-16le" | "utf-16be", title: string, mark: Buffer): Charset {
  const highByte = name === "utf-16le" ? 1 : 0;
  return {
    name,
    title,
    mark,
    lengthAt(data, at) {
      const high = data[at + highByte] ?? 0;
      return high >= 0xd8 && high < 0xdc ? 4 : 2;
    },
    startNearEnd: (data) => Math.max(0, (data.length & ~1) - 2),
    read: strictDecoder(name),
  };
}

/** Every encoding that is read. */
export const charsets: Readonly<Record<EncodingName, Charset>> = {
  "utf-8": utf8,
  gb18030,
  "utf-16le": utf16("utf-16le", "UTF-16 LE", Buffer.from([0xff, 0xfe])),
  "utf-16be": utf16("utf-16be", "UTF-16 BE", Buffer.from([0xfe, 0xff])),
};

const aliases: Readonly<Record<string, EncodingName>> = {
  utf8: "utf-8", "utf-8": "utf-8", gb18030: "gb18030", gbk: "gb18030", gb2312: "gb18030", cp936: "gb18030",
  "utf-16le": "utf-16le", utf16le: "utf-16le", "utf-16be": "utf-16be", utf16be: "utf-16be",
};

/** What `--encoding` takes, for its help. */
export const encodingChoices = "utf-8, gb18030 (or gbk, gb2312), utf-16le, utf-16be";

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
