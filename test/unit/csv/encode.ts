import { crc32, deflateRawSync } from "node:zlib";
import type { EncodingName } from "../../../src/csv/input/encodings.ts";

/** Text in the bytes of an encoding, for tests: Node itself reads GB18030 and UTF-16 BE, but does not write them. */
export function encode(text: string, encoding: EncodingName): Buffer {
  if (encoding === "utf-8") return Buffer.from(text, "utf8");
  if (encoding === "utf-16le") return Buffer.from(text, "utf16le");
  if (encoding === "windows-1252") return Buffer.from(text, "latin1");
  if (encoding === "utf-16be") return Buffer.from(text, "utf16le").swap16();
  return Buffer.concat([...text].map((character) => gb18030Of(character)));
}

let table: ReadonlyMap<string, Buffer> | undefined;

function gb18030Of(character: string): Buffer {
  const code = character.codePointAt(0)!;
  if (code < 0x80) return Buffer.of(code);
  if (code >= 0x10000) return fourBytes(code - 0x10000, 0x90);
  table ??= readTable();
  const bytes = table.get(character);
  if (bytes === undefined) throw new Error(`GB18030 has no U+${code.toString(16)}`);
  return bytes;
}

/** Position in the linear part of the code, as its four bytes. */
const fourBytes = (index: number, firstLead: number): Buffer =>
  Buffer.of(
    firstLead + Math.floor(index / 12600),
    0x30 + (Math.floor(index / 1260) % 10),
    0x81 + (Math.floor(index / 10) % 126),
    0x30 + (index % 10),
  );

/** Every character of the Basic Multilingual Plane, found by decoding all there are. */
function readTable(): ReadonlyMap<string, Buffer> {
  const decoder = new TextDecoder("gb18030", { ignoreBOM: true });
  const all: Buffer[] = [];
  for (let index = 0; index < 39_420; index += 1) all.push(fourBytes(index, 0x81));
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) if (trail !== 0x7f) all.push(Buffer.of(lead, trail));
  }
  const read = all
    .map((bytes) => [decoder.decode(bytes), bytes] as const)
    .filter(([text]) => text.length === 1 && text !== "\ufffd");
  return new Map([...read, ["\ufffd", Buffer.of(0x84, 0x31, 0xa4, 0x37)]]);
}

/** One file of a zip archive to be written. */
export interface ZipEntry {
  readonly name: string | Buffer;
  readonly data: Buffer;
  /** 0: stored, 8: deflated (the default). Any other is only claimed. */
  readonly method?: number;
  /** General purpose bits; 1 is a password's. */
  readonly flags?: number;
}

/** A zip archive, as any tool would write it. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = 8, flags = 0 } of entries) {
    const rawName = Buffer.from(name);
    const packed = method === 8 ? deflateRawSync(data) : data;
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(rawName.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), common, rawName, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\u0001\u0002\u0014\u0000"), common, place, rawName);
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\u0005\u0006"), end]);
}
