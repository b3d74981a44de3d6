import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { identifyFile } from "../src/csv/byte-source.ts";
import type { ColumnSpec } from "../src/csv/header.ts";
import { openCsv, type CsvOptions } from "../src/csv/reader.ts";
import type { CsvRecord } from "../src/csv/row-checker.ts";

const specs = [
  { key: "orderNo", names: ["order_no", "订单号"], required: true },
  { key: "amount", names: ["amount", "金额"], required: true },
  { key: "name", names: ["name", "姓名"], required: false },
] as const satisfies readonly ColumnSpec[];

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "accrue-csv-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** Bytes as a stream that delivers them in pieces of the given size. */
function pieces(bytes: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks, { objectMode: false });
}

async function read(data: string | Buffer, options: CsvOptions & { size?: number; specs?: readonly ColumnSpec[] } = {}) {
  const bytes = Buffer.from(data);
  const stdin = pieces(bytes, options.size ?? Math.max(bytes.length, 1));
  const source = await openCsv({ path: "-", stdin }, [{ name: "native", columns: options.specs ?? specs }], options);
  const records: CsvRecord[] = [];
  for await (const batch of source.batches()) records.push(...batch);
  return { source, records };
}

const shape = (records: readonly CsvRecord[]) =>
  records.map(({ record, line, cells, problem }) => [record, line, problem?.code ?? "ok", ...cells]);

const failure = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error("was not refused");
    },
    (error: unknown) => error,
  );

describe("a well-formed file", () => {
  it("gives its rows with record numbers, physical lines, hash, size and progress", async () => {
    const text = "订单号,Amount,note\na1,1.00,x\n\na2,2.00,\"two\r\nlines\"\na3,3,\n";
    const { source, records } = await read(text);
    expect(source.header).toEqual(["订单号", "Amount", "note"]);
    expect(source.match.columnIndex).toEqual({ orderNo: 0, amount: 1, name: -1 });
    expect(source.match.unknownColumns).toEqual(["note"]);
    expect(source.encoding).toBe("utf-8");
    expect(shape(records)).toEqual([
      [1, 2, "ok", "a1", "1.00", "x"],
      [2, 4, "ok", "a2", "2.00", "two\r\nlines"],
      [3, 6, "ok", "a3", "3", ""],
    ]);
    const sizeBytes = Buffer.byteLength(text);
    expect(source.identity).toEqual({ sha256: createHash("sha256").update(text).digest("hex"), sizeBytes });
    expect(source.progress).toEqual({ bytesRead: sizeBytes, totalBytes: undefined, recordsRead: 3 });
  });

  it("may start with a byte-order mark, which is no part of the first name", async () => {
    const { source, records } = await read("\ufefforder_no,amount\r\na1,1\r\n");
    expect(source.encoding).toBe("utf-8-bom");
    expect(source.header[0]).toBe("order_no");
    expect(shape(records)).toEqual([[1, 2, "ok", "a1", "1"]]);
  });

  it("may have CRLF, LF and CR line ends in any mixture and no last one", async () => {
    const { records } = await read("order_no,amount\r\na1,1\na2,2\ra3,3\r\n\r\na4,4");
    expect(shape(records)).toEqual([
      [1, 2, "ok", "a1", "1"],
      [2, 3, "ok", "a2", "2"],
      [3, 4, "ok", "a3", "3"],
      [4, 6, "ok", "a4", "4"],
    ]);
  });

  it('keeps Excel\'s ="…" as it stands, though it is a quote inside an unquoted cell', async () => {
    const { records } = await read('order_no,amount,name\n="0012",5,5" screen\n');
    expect(shape(records)).toEqual([[1, 2, "ok", '="0012"', "5", '5" screen']]);
  });

  it("with a header only has no rows and no batch, but a hash", async () => {
    const { source, records } = await read("order_no,amount\n");
    expect(records).toEqual([]);
    expect(source.identity.sizeBytes).toBe(16);
  });

  it("comes in batches of at most the wanted size, none of them empty", async () => {
    const text = `order_no,amount\n${"a,1\n".repeat(25)}`;
    const source = await openCsv({ path: "-", stdin: pieces(Buffer.from(text), 7) }, [{ name: "native", columns: specs }], { maxBatchRows: 10 });
    const sizes: number[] = [];
    for await (const batch of source.batches()) sizes.push(batch.length);
    expect(sizes).toEqual([10, 10, 5]);
  });

  it("is read from disk with its size known beforehand, and identified the same without parsing", async () => {
    const path = join(directory, "orders.csv");
    const text = `order_no,amount\n${"a,1\n".repeat(300_000)}`;
    await writeFile(path, text);
    const source = await openCsv({ path }, [{ name: "native", columns: specs }]);
    expect(source.progress.totalBytes).toBe(text.length);
    let rows = 0;
    for await (const batch of source.batches()) rows += batch.length;
    expect(rows).toBe(300_000);
    expect(source.progress.bytesRead).toBe(text.length);
    expect(await identifyFile(path)).toEqual(source.identity);
  });

  it("has no identity before it was read to its end", async () => {
    const source = await openCsv({ path: "-", stdin: pieces(Buffer.from(`order_no,amount\n${"a,1\n".repeat(20_000)}`), 4096) }, [{ name: "native", columns: specs }]);
    expect(() => source.identity).toThrow("has not been read to its end");
    source.close();
  });
});

describe("a row that is wrong in itself is handed on with its problem, and the rest is read", () => {
  it("too few and too many cells, a surplus blank one included", async () => {
    const { records } = await read("order_no,amount\na1\na2,2,3\na3,3,\na4,4\n");
    expect(shape(records)).toEqual([
      [1, 2, "too_few_cells", "a1"],
      [2, 3, "too_many_cells", "a2", "2", "3"],
      [3, 4, "too_many_cells", "a3", "3", ""],
      [4, 5, "ok", "a4", "4"],
    ]);
    expect(records[0]!.problem!.message).toBe("the row has 1 cell, the header 2");
    expect(records[1]!.problem!.message).toBe(
      "the row has 3 cells, the header 2; put quotes around a cell that contains a comma",
    );
  });

  it("something in a column that has no name", async () => {
    const { records } = await read("order_no,amount,\na1,1,\na2,2,x\n");
    expect(shape(records).map((row) => row[2])).toEqual(["ok", "too_many_cells"]);
    expect(records[1]!.problem!.message).toBe('"x" stands in column 3, which has no name');
  });

  it("a NUL character, a cell over the limit", async () => {
    const { records } = await read(`order_no,amount\na\0b,1\n${"x".repeat(21)},1\nok,1\n`, { maxCellLength: 20 });
    expect(records.map((row) => [row.problem?.code, row.problem?.columnIndex])).toEqual([
      ["nul_character", 0],
      ["cell_too_long", 0],
      [undefined, undefined],
    ]);
    expect(records[0]!.problem!.message).toBe(String.raw`"a\u0000b" contains a NUL character`);
    expect(records[1]!.problem!.message).toBe(`"${"x".repeat(21)}" has 21 characters; at most 20 are taken`);
  });

  it("a line over the limit, of which only the start is kept", async () => {
    for (const size of [1, 7, 64, 100_000]) {
      const { records } = await read(`order_no,amount\na1,1\n${"长".repeat(3000)},1\r\na2,2\n${"y".repeat(9000)}`, {
        maxRecordBytes: 8000,
        size,
      });
      expect(records.map((row) => [row.line, row.problem?.code, row.cells[0]!.length])).toEqual([
        [2, undefined, 2],
        [3, "record_too_long", 1365],
        [4, undefined, 2],
        [5, "record_too_long", 4096],
      ]);
      expect(records[1]!.cells[0]).toBe("长".repeat(1365));
      expect(records[1]!.problem!.message).toBe("the line has more than 8000 bytes; only its start is kept");
    }
  });

  it("text behind a closing quote", async () => {
    const { records } = await read('order_no,amount\n"a1"x,1\n"a2",2\n"""a3""",3\n');
    expect(shape(records)).toEqual([
      [1, 2, "malformed_quote", '"a1"x', "1"],
      [2, 3, "ok", "a2", "2"],
      [3, 4, "ok", '"a3"', "3"],
    ]);
  });

  it("a quote left open costs its own line and none behind it", async () => {
    const text = 'order_no,amount\na1,"1\na2,"2"\n\na3,"3\r\ny"\n\r\n\na4,"4\r\na5,5\n';
    for (const size of [1, 2, 3, 1000]) {
      const { records } = await read(text, { size });
      expect(shape(records)).toEqual([
        [1, 2, "malformed_quote", 'a1,"1'],
        [2, 3, "ok", "a2", "2"],
        [3, 5, "ok", "a3", "3\r\ny"],
        [4, 9, "malformed_quote", 'a4,"4'],
        [5, 10, "ok", "a5", "5"],
      ]);
    }
  });

  it("a quote left open in a file longer than the record limit, too", async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => `b${index},1\n`).join("");
    const { records } = await read(`order_no,amount\na1,"1\n${rows}`, { maxRecordBytes: 1000, size: 333 });
    expect(records.length).toBe(2001);
    expect(shape(records.slice(0, 2))).toEqual([
      [1, 2, "malformed_quote", 'a1,"1'],
      [2, 3, "ok", "b0", "1"],
    ]);
    expect(records.filter((row) => row.problem !== undefined).length).toBe(1);
    expect(records.at(-1)!.line).toBe(2002);
  });

  it("every line malformed is as many rejects, without the work growing with the square of them", async () => {
    const { records } = await read(`order_no,amount\n${'"a\n'.repeat(20_000)}`);
    expect(records.length).toBe(20_000);
    expect(records.every((row) => row.problem?.code === "malformed_quote")).toBe(true);
  });
});

describe("a file that cannot be read is refused with what to do", () => {
  it("missing, a directory, below a file", async () => {
    await mkdir(join(directory, "folder"));
    await writeFile(join(directory, "plain"), "x");
    for (const [name, reason] of [
      ["nowhere.csv", "there is no such file"],
      ["folder", "it is a directory"],
      ["plain/x.csv", "a part of the path is not a directory"],
    ] as const) {
      const path = join(directory, name);
      expect(await failure(openCsv({ path }, [{ name: "native", columns: specs }]))).toMatchObject({
        kind: "usage",
        code: "csv_cannot_open",
        message: `cannot open ${path}: ${reason}`,
        hint: "check the path; - reads standard input",
      });
    }
  });

  it("empty, a byte-order mark only, blank lines only", async () => {
    for (const text of ["", "\ufeff", "\n\r\n\n"]) {
      expect(await failure(read(text))).toMatchObject({
        kind: "usage",
        code: "csv_empty",
        message: "standard input is empty: it has not even a header line",
      });
    }
  });

  it("a header with an open quote", async () => {
    expect(await failure(read('order_no,"amount\na1,1\n'))).toMatchObject({
      code: "csv_malformed_header",
      message: expect.stringContaining("standard input, line 1: the header cannot be read: a quoted cell is not closed"),
    });
  });

  it("GB18030 bytes, UTF-16, a character cut off at the end; with the byte's offset, wherever chunks are cut", async () => {
    const head = Buffer.from("order_no,amount\n会员,1\n");
    const gbk = Buffer.concat([head, Buffer.from([0xd5, 0xc5, 0xc8, 0xfd]), Buffer.from(",2\n")]);
    const cut = Buffer.concat([head, Buffer.from([0xe4, 0xbc])]);
    const marked = Buffer.concat([Buffer.from("\ufeff"), head, Buffer.from([0x41, 0xff])]);
    for (const size of [1, 2, 3, 5, 1000]) {
      expect(await failure(read(gbk, { size }))).toMatchObject({
        kind: "usage",
        code: "csv_invalid_utf8",
        details: { byte_offset: head.length },
        hint: "save the file again as UTF-8 (in Excel: CSV UTF-8), then import that",
      });
      expect(await failure(read(cut, { size }))).toMatchObject({ details: { byte_offset: head.length } });
      expect(await failure(read(marked, { size }))).toMatchObject({ details: { byte_offset: head.length + 4 } });
    }
    const gbkHeader = Buffer.concat([Buffer.from([0xb6, 0xa9, 0xb5, 0xa5]), Buffer.from(",amount\n")]);
    expect(await failure(read(gbkHeader))).toMatchObject({
      message:
        "standard input is not valid UTF-8: the byte at offset 0 (b6 a9 b5 a5) starts no character; it looks like GB18030 (GBK)",
    });
    const utf16 = Buffer.from("\ufefforder_no,amount\n", "utf16le");
    expect(await failure(read(utf16))).toMatchObject({ message: expect.stringContaining("; it looks like UTF-16") });
  });

  it("an input that fails in the middle", async () => {
    const stdin = Readable.from(
      (async function* () {
        yield Buffer.from("order_no,amount\na,1\n");
        throw Object.assign(new Error("i/o error"), { code: "EIO" });
      })(),
    );
    expect(await failure(openCsv({ path: "-", stdin }, [{ name: "native", columns: specs }]))).toMatchObject({
      kind: "usage",
      code: "csv_cannot_read",
      message: "reading standard input failed: EIO",
    });
  });
});

describe("an interruption", () => {
  it("ends a read that waits for an input which sends nothing", async () => {
    const interruption = new AbortController();
    const stdin = new Readable({ read() {} });
    stdin.push("order_no,amount\na,1\n");
    const reading = failure(openCsv({ path: "-", stdin }, [{ name: "native", columns: specs }], { signal: interruption.signal }));
    const reason = new Error("stopped by SIGINT");
    setTimeout(() => interruption.abort(reason), 20);
    expect(await reading).toBe(reason);
    expect(stdin.destroyed).toBe(true);
  });

  it("that came before opens nothing", async () => {
    const reason = new Error("stopped");
    expect(await failure(openCsv({ path: "/nowhere" }, [{ name: "native", columns: specs }], { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it("of the consumer closes the input", async () => {
    const stdin = pieces(Buffer.from(`order_no,amount\n${"a,1\n".repeat(1000)}`), 50);
    const source = await openCsv({ path: "-", stdin }, [{ name: "native", columns: specs }], { maxBatchRows: 5 });
    for await (const batch of source.batches()) {
      expect(batch.length).toBe(5);
      break;
    }
    expect(stdin.destroyed).toBe(true);
  });
});

const cellText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 6 }) },
  { weight: 2, arbitrary: fc.stringMatching(/^[a,"\r\n 张=']{0,6}$/) },
  fc.constant(""),
);

interface Table {
  readonly rows: string[][];
  /** Physical line that each row starts on. */
  readonly lines: number[];
  readonly text: string;
}

/** Random rows written with random quoting, line ends, blank lines between rows, mark and last line end. */
const table: fc.Arbitrary<Table> = fc
  .record({
    cells: fc.integer({ min: 1, max: 4 }).chain((width) =>
      fc.array(fc.array(cellText, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
    ),
    choices: fc.infiniteStream(fc.nat(11)),
    hasMark: fc.boolean(),
    hasLastEnd: fc.boolean(),
  })
  .map(({ cells, choices, hasMark, hasLastEnd }) => {
    const choose = () => choices.next().value as number;
    const rows = cells.map((row) => row.map((cell) => cell.replaceAll("\0", "")));
    const written = rows.map((row) => row.map((cell) => writeCell(cell, row.length, choose())).join(","));
    const ends = rows.map(() => ["\n", "\r\n", "\r", "\n\n"][choose() % 4]!);
    const header = rows[0]!.map((_, index) => (index === 0 ? "order_no" : `c${index}`)).join(",");
    let text = `${hasMark ? "\ufeff" : ""}${header}\n`;
    const lines: number[] = [];
    for (const [index, row] of written.entries()) {
      lines.push(text.split(/\r\n|\r|\n/).length);
      text += row + (index === written.length - 1 && !hasLastEnd ? "" : ends[index]!);
    }
    return { rows, lines, text };
  });

function writeCell(cell: string, width: number, choice: number): string {
  const mustQuote = /[,\r\n]/.test(cell) || cell.startsWith('"') || (cell === "" && width === 1);
  return mustQuote || choice % 3 === 0 ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const anyTable: readonly ColumnSpec[] = [{ key: "orderNo", names: ["order_no"], required: true }];

describe("whatever the file", () => {
  it("a table written in any way reads back equal, with the line each row starts on, in chunks of any size", async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 40 }), async ({ rows, lines, text }, size) => {
        const { records } = await read(text, { size, specs: anyTable });
        expect(records.map((row) => row.problem?.code)).toEqual(rows.map(() => undefined));
        expect(records.map((row) => row.cells)).toEqual(rows);
        expect(records.map((row) => row.line)).toEqual(lines);
      }),
      { numRuns: 400 },
    );
  });

  it("a file cut at every byte reads the same", async () => {
    const text =
      '\ufeff订单号,金额,姓名\r\na1,1.00,"张 ""三"""\r\n\r\na2,2,"多\r\n行"\ra3\na4,4,"x\na5,5,😀\n"a6"z,6,\na7,7,';
    const bytes = Buffer.from(text);
    const whole = shape((await read(bytes)).records);
    expect(whole.map((row) => row[2])).toEqual([
      "ok", "ok", "too_few_cells", "malformed_quote", "ok", "malformed_quote", "ok",
    ]);
    for (let size = 1; size <= bytes.length; size += 1) {
      expect(shape((await read(bytes, { size })).records)).toEqual(whole);
    }
    for (let at = 1; at < bytes.length; at += 1) {
      const stdin = Readable.from([bytes.subarray(0, at), bytes.subarray(at)], { objectMode: false });
      const source = await openCsv({ path: "-", stdin }, [{ name: "native", columns: specs }]);
      const records: CsvRecord[] = [];
      for await (const batch of source.batches()) records.push(...batch);
      expect(shape(records)).toEqual(whole);
    }
  });

  it("random bytes never crash or hang it: a counted report, or a typed refusal, whatever the chunks", async () => {
    const nasty = fc.array(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x61, 0x00, 0xe4, 0xbc, 0x9a, 0xff, 0x20), {
      maxLength: 60,
    });
    const noise = fc.oneof(nasty.map((bytes) => Buffer.from(bytes)), fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)));
    await fc.assert(
      fc.asyncProperty(noise, fc.boolean(), fc.integer({ min: 1, max: 61 }), async (bytes, hasHeader, size) => {
        const data = hasHeader ? Buffer.concat([Buffer.from("order_no\n"), bytes]) : bytes;
        const outcome = async (chunk: number) => {
          try {
            const { records } = await read(data, { size: chunk, specs: anyTable, maxRecordBytes: 16 });
            expect(records.map((row) => row.record)).toEqual(records.map((_, index) => index + 1));
            return shape(records);
          } catch (error) {
            return (error as { code?: string }).code ?? String(error);
          }
        };
        const whole = await outcome(1000);
        const cut = await outcome(size);
        // Which of two faults is met first depends on the chunks; that the file is refused does not.
        if (typeof whole === "string" && typeof cut === "string") expect([whole, cut].join()).toMatch(/^csv_\w+,csv_\w+$/);
        else expect(cut).toEqual(whole);
      }),
      { numRuns: 1500 },
    );
  });
});
