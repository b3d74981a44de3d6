import fc from "fast-check";
import { expect, test } from "vitest";
import { openInput } from "../../../src/csv/input/input.ts";
import { charsets, decodeStrictly, strictDecoder, type EncodingName } from "../../../src/csv/input/encodings.ts";
import { AccrueError } from "../../../src/shared/errors.ts";
import { encode } from "./encode.ts";
import { writeScratch } from "../../support/files.ts";
import { runs } from "../../support/runs.ts";

/** Characters of every length that an encoding has, those whose bytes look like others', and no byte-order mark. */
const character = fc.constantFrom(..."aA0@~,\n\r\0é元模订丂€￥𠮷😀\u0080\uffff");
const text = fc.array(character, { maxLength: 25 }).map((characters) => characters.join(""));

const damage = fc.record({
  kind: fc.constantFrom("put", "lose", "insert", "cut"),
  at: fc.nat(),
  byte: fc.oneof(fc.constantFrom(...Buffer.from("0a3039407f8081bfc0d8dce4edf4feff", "hex")), fc.nat(255)),
});

function damaged(
  bytes: Buffer,
  { kind, at, byte }: typeof damage extends fc.Arbitrary<infer Damage> ? Damage : never,
): Buffer {
  const place = at % (bytes.length + 1);
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  if (kind === "cut") return before;
  const put = kind === "lose" ? [] : [byte];
  return Buffer.concat([before, Buffer.from(put), after.subarray(kind === "insert" ? 0 : 1)]);
}

interface Fault {
  readonly offset: number;
  readonly bytes: string;
  readonly isCutOff: boolean;
}

/**
 * The first fault, found in the plain way: of what is left, the shortest bytes that are valid by themselves are a
 * character.
 */
function slowFault(bytes: Buffer, encoding: EncodingName): Fault | undefined {
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.subarray(at);
    const isValid = (count: number) =>
      count <= rest.length && decodeStrictly(encoding, rest.subarray(0, count)) !== undefined;
    const length = [1, 2, 3, 4].find(isValid);
    if (length === undefined) {
      return { offset: at, bytes: rest.toString("hex", 0, 4), isCutOff: isStartOfCharacter(rest, encoding) };
    }
    at += length;
  }
  return undefined;
}

/** Whether a decoder that is given these bytes at once waits for more. */
function isStartOfCharacter(bytes: Buffer, encoding: EncodingName): boolean {
  try {
    return strictDecoder(encoding).decode(bytes, { stream: true }) === "";
  } catch {
    return false;
  }
}

/** The fault that a refusal tells of; the text, where there is none. */
async function readInChunks(bytes: Buffer, encoding: EncodingName, chunkBytes: number): Promise<Fault | string> {
  const path = writeScratch("a.csv", bytes);
  const input = await openInput({ path }, { encoding, chunkBytes }).catch((error: unknown) => error);
  if (input instanceof AccrueError) {
    expect(input.code).toBe("csv_encoding_invalid");
    const place = /: no character at byte (\d+) \(([0-9a-f ]+)\)(, where it ends inside a character)?$/;
    const [, offset, shown, cut] = place.exec(input.message)!;
    expect(input.details).toMatchObject({ byte_offset: Number(offset) });
    return { offset: Number(offset), bytes: shown!.replaceAll(" ", ""), isCutOff: cut !== undefined };
  }
  const { texts, close } = input as Awaited<ReturnType<typeof openInput>>;
  const pieces: string[] = [];
  for await (const piece of texts[0]!.chunks()) pieces.push(piece);
  await close();
  return pieces.join("");
}

test("however a file is damaged and cut, its text is read, or the first byte that belongs to no character is named", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...(Object.keys(charsets) as EncodingName[])),
      text,
      fc.boolean(),
      fc.array(damage, { maxLength: 2 }),
      fc.integer({ min: 1, max: 40 }),
      async (encoding, good, hasMark, damages, chunkBytes) => {
        const content = damages.reduce(damaged, encode(good, encoding));
        // An x in front: what is no text by its first bytes, or marked as something else, is refused for that.
        const bytes = Buffer.concat([
          hasMark ? charsets[encoding].mark : Buffer.alloc(0),
          encode("x", encoding),
          content,
        ]);
        expect(await readInChunks(bytes, encoding, chunkBytes)).toEqual(
          slowFault(bytes, encoding) ?? decodeStrictly(encoding, bytes)!.replace(/^\ufeff/, ""),
        );
      },
    ),
    runs(400),
  );
});

test.each<readonly [encoding: EncodingName, hex: string, offset: number]>([
  ["utf-8", "61e4bd", 1],
  ["utf-8", "61e4bd41", 1],
  ["utf-8", "61eda080", 1],
  ["utf-8", "61f09f9841", 1],
  ["utf-8", "61c3a9bf", 3],
  ["gb18030", "6181", 1],
  ["gb18030", "618130", 1],
  ["gb18030", "61813081", 1],
  ["gb18030", "6181308141", 1],
  ["gb18030", "618120", 1],
  ["gb18030", "61ff41", 1],
  ["utf-16le", "610000d8", 2],
  ["utf-16le", "610000d86100", 2],
  ["utf-16le", "610000dc", 2],
  ["utf-16be", "0061d840dc", 2],
  ["utf-16be", "006100", 2],
])("%s %s, cut anywhere: no character at byte %i", async (encoding, hex, offset) => {
  const bytes = Buffer.from(hex, "hex");
  for (let chunkBytes = 1; chunkBytes <= bytes.length; chunkBytes += 1) {
    const shown = hex.slice(offset * 2, offset * 2 + 8);
    expect(await readInChunks(bytes, encoding, chunkBytes)).toEqual({
      ...slowFault(bytes, encoding),
      offset,
      bytes: shown,
    });
  }
});
