import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ColumnSpec } from "../../../src/csv/table-format.ts";
import { charsets, type EncodingName } from "../../../src/csv/input/encodings.ts";
import { openCsv, type CsvOptions } from "../../../src/csv/reader.ts";
import type { CsvRecord } from "../../../src/csv/row-checker.ts";
import { AccrueError } from "../../../src/shared/errors.ts";
import { encode, zip } from "./encode.ts";
import { runs } from "../../support/runs.ts";

const columns: readonly ColumnSpec[] = [{ key: "orderNo", names: ["订单号", "order_no"], required: true }];

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "accrue-csv-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/**
 * Reads bytes as a file, its header looked for in no more than it takes: what is behind it comes in chunks as they are
 * cut.
 */
async function read(bytes: Buffer, options: CsvOptions = {}) {
  const path = join(directory, "input");
  await writeFile(path, bytes);
  const source = await openCsv({ path }, [{ name: "native", columns }], { firstHeadLength: 1, ...options });
  const records: CsvRecord[] = [];
  for await (const batch of source.batches()) records.push(...batch);
  return { source, records };
}

const shape = (records: readonly CsvRecord[]) =>
  records.map(({ record, line, cells, problem }) => [record, line, problem?.code ?? "ok", ...cells]);

const encodings: readonly EncodingName[] = ["utf-8", "gb18030", "utf-16le", "utf-16be"];
const packings = {
  plain: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  zip: (bytes: Buffer) => zip([{ name: "a.csv", data: bytes }]),
};

/** How a table is written down. */
interface Dialect {
  readonly delimiter: "," | "\t" | ";";
  readonly lineEnd: "\n" | "\r\n" | "\r" | "mixed";
  readonly quotes: "all" | "needed" | "some";
  readonly encoding: EncodingName;
  readonly hasMark: boolean;
  readonly hasLastEnd: boolean;
  readonly packing: keyof typeof packings;
}

const dialect: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(",", "\t", ";"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r", "mixed"),
  quotes: fc.constantFrom("all", "needed", "some"),
  encoding: fc.constantFrom(...encodings),
  hasMark: fc.boolean(),
  hasLastEnd: fc.boolean(),
  packing: fc.constantFrom("plain", "plain", "gzip", "zip"),
});

const cellText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
  { weight: 2, arbitrary: fc.stringMatching(/^[a,;\t"\r\n 张=']{0,6}$/) },
  { weight: 1, arbitrary: fc.stringMatching(/^[a𠮷😀€é]{0,4}$/u) },
  fc.constant(""),
);

const rows = fc
  .integer({ min: 1, max: 4 })
  .chain((width) =>
    fc.array(fc.array(cellText, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
  );

/** Writes rows below a header; gives the bytes, and the physical line that each row starts on. */
function write(
  table: readonly (readonly string[])[],
  how: Dialect,
  choose: () => number,
): { readonly bytes: Buffer; readonly lines: readonly number[] } {
  const end = () => (how.lineEnd === "mixed" ? ["\n", "\r\n", "\r", "\n\n"][choose() % 4]! : how.lineEnd);
  const width = table[0]!.length;
  let text = table[0]!.map((_, index) => (index === 0 ? "订单号" : `c${index}`)).join(how.delimiter) + end();
  const lines: number[] = [];
  for (const [index, row] of table.entries()) {
    lines.push(text.split(/\r\n|\r|\n/).length);
    const isLast = index === table.length - 1;
    text +=
      row.map((cell) => writeCell(cell, width, how, choose)).join(how.delimiter) +
      (isLast && !how.hasLastEnd ? "" : end());
  }
  const content = encode(text, how.encoding);
  return {
    bytes: packings[how.packing](how.hasMark ? Buffer.concat([charsets[how.encoding].mark, content]) : content),
    lines,
  };
}

function writeCell(cell: string, width: number, { delimiter, quotes }: Dialect, choose: () => number): string {
  // Nothing shows the delimiter of a table of one column: any may be taken for it.
  const isDivided = width === 1 ? /[,;\t]/.test(cell) : cell.includes(delimiter);
  const mustQuote = isDivided || /[\r\n]/.test(cell) || cell.startsWith('"') || (cell === "" && width === 1);
  return mustQuote || quotes === "all" || (quotes === "some" && choose() % 3 === 0)
    ? `"${cell.replaceAll('"', '""')}"`
    : cell;
}

test("a table written in any dialect and encoding, packed or not, reads back equal, with the line each row starts on", async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      dialect,
      fc.infiniteStream(fc.nat(11)),
      fc.integer({ min: 1, max: 40 }),
      async (cells, how, choices, chunkBytes) => {
        const table = cells.map((row) => row.map((cell) => cell.replaceAll(/[\0\ue000-\uf8ff]/g, "")));
        const { bytes, lines } = write(table, how, () => choices.next().value as number);
        // UTF-16 without a mark has to be asked for.
        const isAsked = how.encoding.startsWith("utf-16") && !how.hasMark;
        const { source, records } = await read(bytes, { chunkBytes, ...(isAsked ? { encoding: how.encoding } : {}) });
        expect(source.encoding).toBe(how.encoding === "utf-8" && how.hasMark ? "utf-8-bom" : how.encoding);
        const isData = table.map((row) => row.some((cell) => cell.trim() !== ""));
        const data = table.filter((_, index) => isData[index]);
        expect(records.map((row) => row.problem?.code)).toEqual(data.map(() => undefined));
        expect(records.map((row) => row.cells)).toEqual(data);
        expect(records.map((row) => row.line)).toEqual(lines.filter((_, index) => isData[index]));
        expect(source.passedOver.blankRows).toBe(table.length - data.length);
      },
    ),
    runs(150),
  );
});

const nasty =
  '订单号,金额,姓名\r\na1,1.00,"张 ""三"""\r\n\r\na2,2,"多\r\n行"\ra3\na4,4,"x\na5,5,😀𠮷é\n"a6"z,6,\na7,7,';

describe("a file cut at every byte reads the same", () => {
  test.each(encodings)("%s", async (encoding) => {
    const bytes = Buffer.concat([charsets[encoding].mark, encode(nasty, encoding)]);
    const whole = shape((await read(bytes)).records);
    expect(whole.map((row) => row[2])).toEqual([
      "ok",
      "ok",
      "too_few_cells",
      "malformed_quote",
      "ok",
      "malformed_quote",
      "ok",
    ]);
    expect(whole[4]!.at(-1)).toBe("😀𠮷é");
    for (let chunkBytes = 1; chunkBytes <= bytes.length; chunkBytes += 1) {
      expect(shape((await read(bytes, { chunkBytes })).records)).toEqual(whole);
    }
  });

  test.each(["gzip", "zip"] as const)("%s", async (packing) => {
    const whole = shape((await read(encode(nasty, "gb18030"))).records);
    const packed = packings[packing](encode(nasty, "gb18030"));
    for (let chunkBytes = 1; chunkBytes <= packed.length; chunkBytes += 1) {
      expect(shape((await read(packed, { chunkBytes })).records)).toEqual(whole);
    }
  });
});

describe("whatever the bytes, the reader neither crashes nor hangs: a counted report, or a typed refusal", () => {
  /** The rows, or the code of the refusal. */
  const outcome = async (bytes: Buffer, options: CsvOptions) => {
    try {
      const { records } = await read(bytes, { maxRecordBytes: 16, ...options });
      expect(records.map((row) => row.record)).toEqual(records.map((_, index) => index + 1));
      return shape(records);
    } catch (error) {
      expect(error).toBeInstanceOf(AccrueError);
      return (error as AccrueError).code;
    }
  };

  test("random bytes, and the same whatever the chunks", async () => {
    const pieces = fc.array(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x61, 0x00, 0xe4, 0xbc, 0x9a, 0xff, 0x20), {
      maxLength: 60,
    });
    const noise = fc.oneof(
      pieces.map((bytes) => Buffer.from(bytes)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    );
    await fc.assert(
      fc.asyncProperty(noise, fc.boolean(), fc.integer({ min: 1, max: 61 }), async (bytes, hasHeader, chunkBytes) => {
        const data = hasHeader ? Buffer.concat([Buffer.from("order_no\n"), bytes]) : bytes;
        expect(await outcome(data, { chunkBytes })).toEqual(await outcome(data, {}));
      }),
      runs(300),
    );
  });

  test("good files with bytes flipped, lost, doubled or cut off", async () => {
    const good = fc
      .tuple(fc.constantFrom(...encodings), fc.constantFrom(...Object.values(packings)))
      .map(([encoding, pack]) => pack(Buffer.concat([charsets[encoding].mark, encode(nasty, encoding)])));
    const mutation = fc.record({
      kind: fc.constantFrom("flip", "lose", "double", "cut"),
      at: fc.nat(),
      length: fc.integer({ min: 1, max: 9 }),
      byte: fc.integer({ min: 1, max: 255 }),
    });
    const mutate = (
      bytes: Buffer,
      { kind, at, length, byte }: { kind: string; at: number; length: number; byte: number },
    ) => {
      const from = at % bytes.length;
      const piece = bytes.subarray(from, from + length);
      if (kind === "flip")
        return Buffer.concat([
          bytes.subarray(0, from),
          piece.map((value) => value ^ byte),
          bytes.subarray(from + length),
        ]);
      if (kind === "lose") return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)]);
      if (kind === "double")
        return Buffer.concat([bytes.subarray(0, from), piece, piece, bytes.subarray(from + length)]);
      return bytes.subarray(0, from);
    };
    await fc.assert(
      fc.asyncProperty(good, fc.array(mutation, { minLength: 1, maxLength: 3 }), async (bytes, mutations) => {
        const data = mutations.reduce((changed, one) => (changed.length === 0 ? changed : mutate(changed, one)), bytes);
        await outcome(data, { chunkBytes: 64 });
      }),
      runs(400),
    );
  });

  test("a gzip file says what it says, or is refused: no damage gives other rows", async () => {
    const packed = gzipSync(encode(nasty, "utf-8"));
    const rowsOf = await outcome(encode(nasty, "utf-8"), {});
    for (let at = 0; at < packed.length; at += 1) {
      const data = Buffer.from(packed);
      data[at]! ^= 0x10;
      const found = await outcome(data, {});
      if (typeof found !== "string")
        expect([found, gunzipSync(data).equals(encode(nasty, "utf-8"))]).toEqual([rowsOf, true]);
    }
  });
});
